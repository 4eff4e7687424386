"""`keys`: who may connect from other machines."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from protocol import keys
from protocol.addresses import host_of, is_loopback
from protocol.errors import failure
from protocol.keys import Connection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    home = keys.data_folder()
    parser.add_argument("--data", type=Path, default=home / "store", help="as for serve")
    parser.add_argument(
        "--authorised",
        type=Path,
        default=keys.default_authorised_folder(),
        help="folder of the public keys let in, as for serve",
    )
    chosen = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    chosen.add_parser("list", help="this backend's public key, and who is let in")
    make = chosen.add_parser("make", help="let a client in with a new key, in a file to copy to it")
    make.add_argument("name", type=_name, help="of the client, as you like")
    make.add_argument("--control", required=True, metavar="ADDRESS", help="like tcp://gpu1:5555")
    make.add_argument("--bulk", required=True, metavar="ADDRESS", help="like tcp://gpu1:5556")
    make.add_argument("--out", type=Path, metavar="FILE", help="default: NAME.json")
    authorise = chosen.add_parser("authorise", help="let a client in by its own public key")
    authorise.add_argument("name", type=_name)
    authorise.add_argument("public_key")
    revoke = chosen.add_parser("revoke", help="let a client in no more")
    revoke.add_argument("name", type=_name)


def run(options: argparse.Namespace) -> int:
    actions = {"list": _list, "make": _make, "authorise": _authorise, "revoke": _revoke}
    actions[options.action](options)
    return 0


def _list(options: argparse.Namespace) -> None:
    print(f"Public key of this backend: {_server_key(options)}")
    names = sorted(path.name for path in options.authorised.glob("[!.]*"))
    if not names:
        print(f"No client on another machine is let in (folder {options.authorised}).")
    for name in names:
        print(f"{name}: {(options.authorised / name).read_text().strip()}")


def _make(options: argparse.Namespace) -> None:
    pair = keys.new_keys()
    out = options.out or Path(f"{options.name}.json")
    connection = Connection(
        control=options.control,
        bulk=options.bulk,
        server_key=_server_key(options),
        client_public=pair.public,
        client_secret=pair.secret,
    )
    _let_in(options, pair.public)
    keys.write_connection(out, connection)
    print(
        f"{options.name} is let in. Copy {out} to that machine, keep it private there, choose it "
        "as the connection file in Tug's preferences, and delete it here. Serve with "
        f"--control {_listening(options.control)} --bulk {_listening(options.bulk)}."
    )


def _authorise(options: argparse.Namespace) -> None:
    _let_in(options, options.public_key)
    print(
        f"{options.name} is let in. In Tug's preferences on that machine, enter this backend's "
        f"addresses and its public key: {_server_key(options)}"
    )


def _revoke(options: argparse.Namespace) -> None:
    path = options.authorised / options.name
    if not path.is_file():
        raise failure("bad_input", f"No client {options.name} is let in: see `tug keys list`.")
    path.unlink()
    print(f"{options.name} is let in no more; a connection it has now lasts until it ends.")


def _let_in(options: argparse.Namespace, public: str) -> None:
    if not keys.key_pattern.fullmatch(public):
        raise failure("bad_input", f"{public[:80]!r} is no public key: it has 40 characters.")
    path = options.authorised / options.name
    if path.exists():
        raise failure("bad_input", f"{options.name} is let in already: revoke it first.")
    keys.write_private(path, f"{public}\n".encode())


def _server_key(options: argparse.Namespace) -> str:
    from backend.gateway.settings import stored_keys

    server, _ = stored_keys(options.data)
    return server.public


def _listening(address: str) -> str:
    """Where to listen for clients that use `address`: behind a tunnel, on loopback only."""
    host = "127.0.0.1" if is_loopback(host_of(address)) else "0.0.0.0"
    return f"tcp://{host}:{address.rpartition(':')[2]}"


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", text):
        raise argparse.ArgumentTypeError("letters, digits, '.', '_' and '-' only")
    return text
