"""What the backend's tests share: small requests, and a client without manners."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
import zmq
from numpy.typing import NDArray

from protocol import codec, version
from protocol.blobs import describe
from protocol.keys import Connection, new_keys, read_connection
from protocol.meshes import Geometry
from protocol.tasks import ArticulateRequest, Drag

answer_milliseconds = 20_000


class Ask(NamedTuple):
    """A request and the arrays it names."""

    request: ArticulateRequest
    arrays: list[NDArray]


def box(low: tuple[float, ...], high: tuple[float, ...]) -> tuple[NDArray, NDArray]:
    """The 8 vertices and 12 triangles of a box."""
    ends = np.array([low, high], np.float32)
    corners = np.array([ends[[i, j, k], [0, 1, 2]] for i, j, k in np.ndindex(2, 2, 2)])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return corners.astype("<f4"), np.array(faces, "<i4")


def make_ask(engine: str = "null", **fields: Any) -> Ask:
    """A drawer in front of a body, pulled towards -y."""
    body, drawer = box((0, 0, 0), (1, 1, 1)), box((0.1, -0.1, 0.3), (0.9, 0.0, 0.6))
    resting, moving = (
        Geometry(vertices=describe(vertices), faces=describe(faces))
        for vertices, faces in (body, drawer)
    )
    usual: dict[str, Any] = {
        "geometry": (resting, msgspec.structs.replace(moving, moving="all")),
        "drags": (Drag((0.5, -0.1, 0.45), (0.5, -0.4, 0.45)),),
        "engine": engine,
    }
    return Ask(ArticulateRequest(**(usual | fields)), [*body, *drawer])


class Raw:
    """A DEALER with the right keys that sends what it is told and nothing else."""

    def __init__(self, connection: Connection, address: str = "") -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_serverkey = connection.server_key.encode()
        self.socket.curve_publickey = connection.client_public.encode()
        self.socket.curve_secretkey = connection.client_secret.encode()
        self.socket.connect(address or connection.control)
        self._ids = itertools.count()

    def send(self, *frames: bytes) -> None:
        self.socket.send_multipart(frames)

    def receive(self, milliseconds: int = answer_milliseconds) -> dict[str, Any] | None:
        """The next message, None when there is none in time."""
        if not self.socket.poll(milliseconds):
            return None
        return codec.unpack(self.socket.recv_multipart()[0], limit=1 << 30)

    def call(self, kind: str, *data: bytes, **fields: Any) -> dict[str, Any]:
        """The answer to a call."""
        name = f"call-{next(self._ids)}"
        self.send(msgspec.msgpack.encode({"kind": kind, "id": name, **fields}), *data)
        while True:
            answer = self.receive()
            assert answer is not None, f"no answer to {kind}"
            if answer.get("reply_to") == name:
                return answer

    def hello(self, **fields: Any) -> dict[str, Any]:
        own = {"client": "raw", "product": version.product, "protocol": version.protocol}
        return self.call("hello", **(own | fields))

    def close(self) -> None:
        self.context.destroy(linger=0)


@pytest.fixture
def ask() -> Callable[..., Ask]:
    """`ask("null:slow=3")`: a request with its arrays."""
    return make_ask


@pytest.fixture
def client(shared_backend: Any) -> Any:
    """A connected client of the shared null backend."""
    return connected(shared_backend)


@pytest.fixture
def connect() -> Callable[..., Any]:
    """`connect(backend, "name")`: a client that is connected."""
    return connected


def connected(backend: Any, name: str = "test") -> Any:
    client = backend.client(name)
    assert client.wait(lambda: client.state == "connected", 30), client.reason
    return client


@pytest.fixture
def make_raw() -> Iterator[Callable[..., Raw]]:
    """`make_raw(backend, "control", other_keys=True)`: a client without manners."""
    made: list[Raw] = []

    def make(backend: Any, channel: str = "control", *, other_keys: bool = False) -> Raw:
        connection = read_connection(backend.connection_file)
        address = connection.control if channel == "control" else connection.bulk
        if other_keys:
            pair = new_keys()
            connection = msgspec.structs.replace(
                connection, client_public=pair.public, client_secret=pair.secret
            )
        made.append(Raw(connection, address))
        return made[-1]

    yield make
    for raw in made:
        raw.close()


@pytest.fixture
def raw(shared_backend: Any, make_raw: Callable[..., Raw]) -> Raw:
    """A control connection to the shared null backend that has said hello."""
    raw = make_raw(shared_backend)
    assert raw.hello()["kind"] == "welcome"
    return raw
