"""Real backends for tests of any folder, Blender's included: stdlib and pytest only up here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

root = Path(__file__).parents[1]
start_seconds = 60.0
stop_seconds = 20.0


def backend_python() -> str:
    """The Python that has the backend's packages."""
    named = os.environ.get("TUG_BACKEND_PYTHON")
    local = root / ".envs" / "backend" / "bin" / "python"
    return named or (str(local) if local.exists() else sys.executable)


def until(condition: Callable[[], Any], *, seconds: float = 30.0, what: str = "condition") -> Any:
    """Return the first true value of `condition`; fail the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail(f"{what} did not come true in {seconds} s")


class Backend:
    """A gateway process in a folder of its own. `home` is its TUG_HOME, `variables` are more."""

    def __init__(self, home: Path, *arguments: str, **variables: str) -> None:
        self.home = home
        self.data = home / "store"
        self.connection_file = home / "connection.json"
        self.arguments = arguments
        self.variables = variables
        self.process: subprocess.Popen[str] | None = None
        self._clients: list[Any] = []

    def start(self, *more: str) -> Backend:
        """Start and wait until clients may connect."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "output.txt").open("a") as output:
            self.process = subprocess.Popen(
                [backend_python(), "-m", "backend", "serve", *self.arguments, *more],
                cwd=root,
                env={**os.environ, **self.variables, "TUG_HOME": str(self.home)},
                stdout=output,
                stderr=output,
                text=True,
            )
        until(self._is_ready, seconds=start_seconds, what="the backend's start")
        return self

    def stop(self) -> int:
        """End cleanly; return the exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(stop_seconds)

    def kill(self) -> None:
        """End at once, as a power cut would."""
        assert self.process
        self.process.kill()
        self.process.wait(stop_seconds)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        if self.process and self.process.poll() is None:
            self.kill()

    def client(self, name: str = "test") -> Any:
        """A client on its way to this backend (needs the packages of `protocol`)."""
        from protocol.client import Client
        from protocol.keys import read_connection

        client = Client(read_connection(self.connection_file), name)
        self._clients.append(client)
        return client

    @property
    def output(self) -> str:
        return (self.home / "output.txt").read_text()

    def _is_ready(self) -> bool:
        assert self.process
        if self.process.poll() is not None:
            pytest.fail(f"the backend ended: {self.output}")
        return f'"pid": {self.process.pid}' in self._connection_text()

    def _connection_text(self) -> str:
        try:
            return self.connection_file.read_text()
        except OSError:
            return ""


@pytest.fixture(scope="session")
def shared_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A null backend for all tests that leave it as it was."""
    backend = Backend(tmp_path_factory.mktemp("shared") / "tug", "--null").start()
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def shared_real_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A backend with the real engines for all tests that leave it as it was."""
    backend = Backend(tmp_path_factory.mktemp("real") / "tug").start()
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def random_network(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variable by which a backend has a small DragAPart, with random weights."""
    path = tmp_path_factory.mktemp("network") / "network.safetensors"
    command = [backend_python(), "-m", "tests.random_network", path]
    subprocess.run(command, cwd=root, check=True)
    return {"TUG_DRAGAPART_NETWORK": str(path)}


@pytest.fixture(scope="session")
def imagining_backend(
    tmp_path_factory: pytest.TempPathFactory, random_network: dict[str, str]
) -> Iterator[Backend]:
    """A backend with the real engines and that network, for tests that leave it as it was."""
    backend = Backend(tmp_path_factory.mktemp("imagining") / "tug", **random_network).start()
    yield backend
    backend.close()


@pytest.fixture
def make_backend(tmp_path: Path) -> Iterator[Callable[..., Backend]]:
    """Make backends: `make_backend("--null", name="a")`, not started yet."""
    made: list[Backend] = []

    def make(*arguments: str, name: str = "tug") -> Backend:
        made.append(Backend(tmp_path / name, *arguments))
        return made[-1]

    yield make
    for backend in made:
        backend.close()


@pytest.fixture
def backend(make_backend: Callable[..., Backend]) -> Backend:
    """A running null backend."""
    return make_backend("--null").start()


@pytest.fixture
def real_backend(make_backend: Callable[..., Backend]) -> Backend:
    """A running backend with the real engines."""
    return make_backend().start()
