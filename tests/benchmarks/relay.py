"""A TCP relay on loopback that counts what a client sends through it."""

from __future__ import annotations

import socket
import socketserver
import threading
from typing import cast


class Relay(socketserver.ThreadingTCPServer):
    """Passes every connection on to `upstream` (host, port); `sent` counts the client's bytes."""

    daemon_threads = True

    def __init__(self, upstream: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.upstream = upstream
        self.sent = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """What the client connects to."""
        return f"tcp://127.0.0.1:{self.server_address[1]}"


class _Pass(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        relay = cast(Relay, self.server)
        with socket.create_connection(relay.upstream) as onward:
            back = threading.Thread(target=_copy, args=(onward, self.request), daemon=True)
            back.start()
            while data := self.request.recv(1 << 16):
                relay.sent += len(data)
                onward.sendall(data)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass  # the other side has closed
