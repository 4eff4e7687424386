"""What a gateway is told, and the refusals that need no socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import zmq

from backend.workers.messages import Null
from protocol import keys
from protocol.addresses import host_of, is_loopback
from protocol.errors import failure
from protocol.keys import Keys
from protocol.messages import Limits


@dataclass(frozen=True)
class Settings:
    """`capacity` is the bytes of arrays that the store keeps at most."""

    data: Path
    connection: Path
    authorised: Path
    control: str = "tcp://127.0.0.1:*"
    bulk: str = "tcp://127.0.0.1:*"
    workers: int = 1
    capacity: int = 20 << 30
    null: Null | None = None
    limits: Limits = field(default_factory=Limits)


def check_addresses(settings: Settings) -> None:
    """Raise TugError bad_input for an address that only authorised keys would make safe."""
    for address in (settings.control, settings.bulk):
        if not address.startswith("tcp://"):
            raise failure(
                "bad_input", f"{address!r} is no address: write it like tcp://127.0.0.1:5555."
            )
        if not is_loopback(host_of(address)) and not keys.authorised_keys(settings.authorised):
            raise failure(
                "bad_input",
                f"{address} can be reached from other machines, and no client key is authorised: "
                "authorise one first, or listen on 127.0.0.1.",
                fix="tug keys authorise",
            )


def endpoint(socket: zmq.Socket[bytes]) -> str:
    """The address a socket was bound to, with its real port."""
    return socket.getsockopt_string(zmq.LAST_ENDPOINT)


def reachable(address: str) -> str:
    """The address that a client on this machine connects to."""
    host = host_of(address)
    return address.replace(host, "127.0.0.1") if host in ("0.0.0.0", "*") else address


class _StoredKeys(msgspec.Struct):
    server: Keys
    client: Keys


def stored_keys(folder: Path) -> tuple[Keys, Keys]:
    """The server's key pair and the local client's, kept so that a restart changes nobody's."""
    path = folder / "keys.json"
    if path.exists():
        stored = msgspec.json.decode(path.read_bytes(), type=_StoredKeys)
    else:
        stored = _StoredKeys(keys.new_keys(), keys.new_keys())
        keys.write_private(path, msgspec.json.encode(stored))
    return stored.server, stored.client
