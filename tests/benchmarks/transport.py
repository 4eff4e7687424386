"""Moving a million vertices from Blender to a worker, against bare sends and HTTP.

Run by run.py inside a Python that has bpy.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from tests.benchmarks.inside import install_extension, leave, million_vertices, module, scratch
from tests.benchmarks.measure import compared, interleaved, seconds, table
from tests.benchmarks.relay import Relay
from tests.conftest import Backend, backend_python, root

rounds = 9
patience = 60.0

introduction = """## Moving a mesh

One million vertices and two million triangles, {size:.0f} MB, from Blender's process to another one
on the same machine, with new content in each of {rounds} rounds. The goal was 1.5 times the plain
send. Tug also encrypts, and hashes the bytes at both ends to name and to check them: the CURVE and
BLAKE2b rows put a price on that.
"""
about_bytes = """
Bytes that leave Blender's process for drags at the same mesh, counted on the TCP connections with
encryption, framing and heartbeats. The goal was 4 KB from the second drag on.
"""


class Sinks:
    """The process that takes bytes without Tug, and a client of each kind."""

    def __init__(self) -> None:
        import zmq

        from tests.benchmarks import sinks

        command = [backend_python(), "-m", "tests.benchmarks.sinks"]
        self.process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        where = json.loads(self.process.stdout.readline())
        context = zmq.Context.instance()
        self.plain, self.curve = context.socket(zmq.DEALER), context.socket(zmq.DEALER)
        self.curve.curve_publickey, self.curve.curve_secretkey = zmq.curve_keypair()
        self.curve.curve_serverkey = sinks.server_public
        self.plain.connect(where["plain"])
        self.curve.connect(where["curve"])
        self.http = http.client.HTTPConnection("127.0.0.1", where["http"])

    def send(self, socket: Any, arrays: list[np.ndarray]) -> None:
        """Send the arrays as the frames of one message and wait for the receipt."""
        socket.send_multipart(
            [array.reshape(-1).view(np.uint8).data for array in arrays], copy=False
        )
        assert int(socket.recv()) == size_of(arrays)

    def post(self, arrays: list[np.ndarray]) -> None:
        """Post the arrays as JSON with base64 and wait for the receipt."""
        items = [
            {
                "data": base64.b64encode(array.data).decode("ascii"),
                "dtype": array.dtype.str,
                "shape": array.shape,
            }
            for array in arrays
        ]
        self.http.request("POST", "/mesh", json.dumps({"arrays": items}))
        assert int(self.http.getresponse().read()) == size_of(arrays)

    def close(self) -> None:
        self.plain.close(0)
        self.curve.close(0)
        self.process.kill()


class Tug:
    """A client of a null backend, with an optional relay that counts."""

    def __init__(self, backend: Backend, *, counted: bool = False) -> None:
        connection = module(".protocol.keys").read_connection(backend.connection_file)
        self.relays: list[Relay] = []
        if counted:
            self.relays = [Relay(_endpoint(a)) for a in (connection.control, connection.bulk)]
            control, bulk = (relay.address for relay in self.relays)
            connection = module("msgspec").structs.replace(connection, control=control, bulk=bulk)
        self.client = module(".protocol.client").Client(connection, "benchmark")
        assert self.client.wait(lambda: self.client.state == "connected", patience)

    def ask(self, arrays: list[np.ndarray], pull: float) -> None:
        """Articulate with a mesh (its bytes described and sent if missing) and wait for the end."""
        describe, meshes = module(".protocol.blobs").describe, module(".protocol.meshes")
        tasks = module(".protocol.tasks")
        vertices, faces = (describe(array) for array in arrays)
        first = np.zeros(1, np.int32)
        mesh = meshes.Geometry(
            vertices=vertices, faces=faces, moving="selection", selection=describe(first)
        )
        drag = tasks.Drag((0.0, 0.0, 0.0), (0.0, 0.0, pull))
        request = tasks.ArticulateRequest(geometry=(mesh,), drags=(drag,), engine="null")
        job = self.client.submit(request, [*arrays, first])
        assert self.client.wait(lambda: job.finished, patience), job.status
        assert job.error is None, job.error
        job.acknowledge()

    @property
    def sent(self) -> int:
        """Bytes on the wire so far, CURVE and ZMTP framing included."""
        return sum(relay.sent for relay in self.relays)


def size_of(arrays: list[np.ndarray]) -> int:
    return sum(array.nbytes for array in arrays)


def fresh(arrays: list[np.ndarray], number: int) -> list[np.ndarray]:
    """The arrays with other content, so that nothing is known from the round before."""
    changed = [array.copy() for array in arrays]
    for array in changed:
        array.reshape(-1).view(np.uint8)[: 4 * 1024 : 1024] = number % 251
        array.flags.writeable = False
    return changed


def compare(tug: Tug, sinks: Sinks, arrays: list[np.ndarray]) -> dict[str, float]:
    """Median seconds of each way to move the arrays."""

    def timed(send: Any) -> Any:
        def run(number: int) -> float:
            content = fresh(arrays, number)
            return seconds(lambda: send(content))

        return run

    def hashed(content: list[np.ndarray]) -> None:
        for array in content:
            hashlib.blake2b(array.data, digest_size=32)

    return interleaved(
        {
            "bare pyzmq, plain": timed(lambda content: sinks.send(sinks.plain, content)),
            "bare pyzmq, CURVE": timed(lambda content: sinks.send(sinks.curve, content)),
            "Tug, until the worker has answered": timed(lambda content: tug.ask(content, 1.0)),
            "HTTP, JSON and base64": timed(sinks.post),
            "for scale: BLAKE2b of the bytes, once": timed(hashed),
        },
        rounds,
    )


def second_drag(tug: Tug, arrays: list[np.ndarray]) -> list[list[str]]:
    """Rows on a first and on further drags at the same mesh: bytes sent and time."""
    content = fresh(arrays, 250)
    rows = []
    for label, pull in (("first drag", 1.0), ("second drag", 2.0), ("third drag", 3.0)):
        before = tug.sent
        took = seconds(lambda pull=pull: tug.ask(content, pull))
        time.sleep(0.05)
        rows.append([label, f"{tug.sent - before:,}", f"{1000 * took:.1f}"])
    return rows


def _endpoint(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "127.0.0.1", parts.port or 0


def main() -> None:
    install_extension()
    surface = module(".scene.meshes").read(million_vertices())
    arrays = [surface.vertices, surface.triangles]
    backend = Backend(Path(scratch.name) / "backend", "--null").start()
    sinks = Sinks()
    medians = compare(Tug(backend), sinks, arrays)
    rows = second_drag(Tug(backend, counted=True), arrays)
    sinks.close()
    backend.close()
    print(introduction.format(size=size_of(arrays) / 1e6, rounds=rounds))
    print(compared(medians, "bare pyzmq, plain"))
    print(about_bytes)
    print(table(["", "bytes", "ms"], rows))
    leave()


if __name__ == "__main__":
    main()
