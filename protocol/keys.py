"""CURVE keys, and the owner-only file that says where a backend listens."""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import platformdirs

from . import version
from .errors import failure

Key = Annotated[str, msgspec.Meta(min_length=40, max_length=40)]
key_pattern = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")  # Z85


class Keys(NamedTuple):
    """A CURVE key pair, Z85 text of 40 characters each."""

    public: str
    secret: str


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a backend: its two addresses, its public key and a key pair it accepts."""

    control: str
    bulk: str
    server_key: Key
    client_public: Key
    client_secret: Key
    session: str = ""
    pid: int = 0
    product: str = version.product
    protocol: str = version.protocol


def new_keys() -> Keys:
    """Return a fresh key pair."""
    import zmq

    public, secret = zmq.curve_keypair()
    return Keys(public.decode("ascii"), secret.decode("ascii"))


def data_folder() -> Path:
    """Return Tug's folder of this user: TUG_HOME, or the platform's place for such data."""
    home = os.environ.get("TUG_HOME")
    return Path(home) if home else platformdirs.user_data_path("tug", appauthor=False)


def default_connection_file() -> Path:
    """Return where a backend on this machine writes its connection file."""
    return data_folder() / "connection.json"


def default_authorised_folder() -> Path:
    """Return the folder of the public keys that may connect from elsewhere."""
    return data_folder() / "authorised"


def write_connection(path: Path, connection: Connection) -> None:
    """Write the connection file at once and readable by its owner only."""
    write_private(path, msgspec.json.format(msgspec.json.encode(connection)))


def read_connection(path: Path) -> Connection:
    """Read a connection file.

    Raises TugError `unreachable` when there is none, `wrong_key` when others can read it,
    and `malformed` when it is not one.
    """
    data = _read_private(path)
    try:
        return msgspec.json.decode(data, type=Connection)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise failure(
            "malformed",
            f"{path} is not a connection file ({error}).",
            fix="Delete the file and start the backend again.",
        ) from None


def authorised_keys(folder: Path) -> frozenset[str]:
    """Return the public keys in `folder`, one a file; none when there is no such folder.

    Raises TugError `malformed` naming a file that holds no public key.
    """
    if not folder.is_dir():
        return frozenset()
    files = [path for path in folder.iterdir() if path.is_file() and path.name[0] != "."]
    return frozenset(_read_public(path) for path in files)


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; nobody but the owner can read it at any moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            _refuse_shared(path, os.fstat(file.fileno()))
            return file.read(1 << 16)
    except FileNotFoundError:
        raise failure(
            "unreachable",
            "No backend is running here.",
            retry=True,
            fix="Start one with `tug serve`.",
        ) from None
    except OSError as error:
        raise failure("unreachable", f"{path} cannot be read ({error.strerror}).") from None


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if os.name != "posix":
        return
    if status.st_uid not in (os.geteuid(), 0):
        raise failure("wrong_key", f"{path} belongs to another user, so its keys are not used.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise failure(
            "wrong_key",
            f"Other users can read {path}, so its keys are not safe to use.",
            fix=f"chmod 600 '{path}'",
        )


def _read_public(path: Path) -> str:
    with path.open("rb") as file:
        key = file.read(256).decode("ascii", "replace").strip()
    if not key_pattern.fullmatch(key):
        raise failure(
            "malformed",
            f"{path} holds no public key; it must be one line of 40 characters.",
            fix="Write the client's public key into it, or delete it.",
        )
    return key
