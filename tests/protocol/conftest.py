from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from protocol.client import Client
from tests.protocol.scripted import Server

settings.register_profile("tug", deadline=None)  # the machine may be busy with other things
settings.load_profile("tug")


class Clock:
    """The real clock, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_server() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def make(**options: Any) -> Server:
        made.append(Server(**options))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def make_client(clock: Clock) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(source: Any) -> Client:
        made.append(Client(source, "test", clock=clock))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    return make_server()


@pytest.fixture
def client(server: Server, make_client: Callable[..., Client]) -> Client:
    """A client that finds the server wherever it is."""
    return make_client(lambda: server.connection)
