"""A process that takes bytes in three ways, to measure Tug against.

Prints one JSON line of addresses, then serves until its standard input ends.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import zmq

# The public test pair of RFC 26; nothing secret passes here.
server_public = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
server_secret = b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
http_path = "/mesh"


class Mesh(BaseHTTPRequestHandler):
    """JSON with base64 arrays, decoded to arrays before the answer."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        arrays = [
            np.frombuffer(base64.b64decode(item["data"]), item["dtype"]).reshape(item["shape"])
            for item in json.loads(body)["arrays"]
        ]
        answer = str(sum(array.nbytes for array in arrays)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


def bind(context: zmq.Context, curve: bool) -> tuple[zmq.Socket, str]:
    """Return a ROUTER and its address."""
    socket = context.socket(zmq.ROUTER)
    if curve:
        socket.curve_server = True
        socket.curve_secretkey = server_secret
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    return socket, f"tcp://127.0.0.1:{port}"


def serve(sockets: list[zmq.Socket]) -> None:
    """Answer each message with the number of bytes it brought."""
    poller = zmq.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    while True:
        for socket, _ in poller.poll():
            sender, *frames = socket.recv_multipart(copy=False)
            total = sum(len(frame.buffer) for frame in frames)
            socket.send_multipart([sender.bytes, str(total).encode()])


def main() -> None:
    context = zmq.Context()
    (plain, plain_address), (curve, curve_address) = bind(context, False), bind(context, True)
    web = HTTPServer(("127.0.0.1", 0), Mesh)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    threading.Thread(target=serve, args=([plain, curve],), daemon=True).start()
    print(json.dumps({"plain": plain_address, "curve": curve_address, "http": web.server_port}))
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
