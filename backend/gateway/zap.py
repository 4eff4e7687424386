"""Who may connect: libzmq asks here for every CURVE handshake (ZAP, RFC 27)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import zmq
from zmq.utils import z85

from protocol import keys
from protocol.addresses import is_loopback
from protocol.errors import TugError

log = logging.getLogger(__name__)
clients = b"clients"
workers = b"workers"


@dataclass(frozen=True)
class Admission:
    """The public keys (Z85) let in: one of this machine's clients, one of our own workers.

    The files in `authorised` are read at each handshake, so that a change needs no restart.
    """

    local_client: str
    worker: str
    authorised: Path

    def admits(self, domain: bytes, address: str, key: str) -> bool:
        if domain == workers:
            return key == self.worker
        if key == self.local_client and is_loopback(address):
            return True
        return key in self.remote_keys()

    def remote_keys(self) -> frozenset[str]:
        """The authorised keys; none while one of their files is broken."""
        try:
            return keys.authorised_keys(self.authorised)
        except (TugError, OSError) as error:
            log.error("nobody from elsewhere is let in: %s", error)
            return frozenset()


class Doorkeeper:
    """Answers libzmq's questions in the gateway's own loop."""

    def __init__(self, context: zmq.Context, admission: Admission) -> None:
        self._admission = admission
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind("inproc://zeromq.zap.01")

    def answer(self) -> None:
        """Handle one question."""
        version, request, domain, address, _, mechanism, *credentials = self.socket.recv_multipart()
        allowed = mechanism == b"CURVE" and self._admits(domain, address, credentials)
        verdict = [b"200", b"OK"] if allowed else [b"400", b"This key is not authorised"]
        self.socket.send_multipart([version, request, *verdict, b"", b""])

    def _admits(self, domain: bytes, address: bytes, credentials: list[bytes]) -> bool:
        host = address.decode("ascii", "replace")
        key = z85.encode(credentials[0]).decode()
        allowed = self._admission.admits(domain, host, key)
        if not allowed:
            log.warning("refused the key %s from %s", key, host)
        return allowed
