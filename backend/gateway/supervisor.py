"""Starts worker processes, notices how they end, and says so in words."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
import zmq

from backend import logs
from backend.workers.messages import (
    Failed,
    FromWorker,
    Null,
    Run,
    Stop,
    ToWorker,
    WorkerConfig,
    message_bytes,
)
from protocol import codec
from protocol.errors import TugError, failure
from protocol.keys import Keys
from protocol.messages import Device

from . import zap
from .settings import endpoint

log = logging.getLogger(__name__)
source_folder = Path(__file__).parents[2]
killed = 9  # the signal's number; Windows has no name for it
stop_grace = 0.6  # seconds from a cancel to the kill
exit_grace = 2.0
first_delay, longest_delay = 0.1, 10.0  # seconds before a worker that died is started again


@dataclass
class Worker:
    """One worker process. `token` names this start of it; `failures` counts failed starts."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    token: str = ""
    state: Literal["starting", "idle", "busy", "restarting"] = "starting"
    job: str = ""
    kill_at: float = float("inf")
    start_at: float = 0.0
    failures: int = 0
    starts: int = 0
    devices: list[Device] = field(default_factory=list)

    @property
    def is_stopping(self) -> bool:
        return self.kill_at < float("inf")


@dataclass(frozen=True)
class End:
    """A worker process that ended by itself or was killed, the job it had, and why."""

    worker: Worker
    job: str
    was_stopped: bool
    error: TugError


class Supervisor:
    """The workers and the socket they talk through."""

    def __init__(
        self,
        context: zmq.Context,
        data: Path,
        server: Keys,
        own: Keys,
        *,
        count: int,
        null: Null | None,
    ) -> None:
        self.socket = _listen(context, server)
        self.workers = [Worker(f"worker-{index}") for index in range(count)]
        self._folder = data / "logs"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._config = WorkerConfig(
            name="",
            token="",
            address=endpoint(self.socket),
            server_key=server.public,
            public_key=own.public,
            secret_key=own.secret,
            data=str(data),
            null=null,
        )

    @property
    def idle(self) -> Iterator[Worker]:
        return (worker for worker in self.workers if worker.state == "idle")

    @property
    def is_busy(self) -> bool:
        return any(worker.state != "idle" for worker in self.workers)

    def worker_of(self, job: str) -> Worker | None:
        return next((worker for worker in self.workers if worker.job == job), None)

    def give(self, worker: Worker, run: Run) -> None:
        """Have an idle worker do a job."""
        worker.state, worker.job = "busy", run.job
        self._send(worker, run)

    def stop(self, worker: Worker) -> None:
        """End the worker's job at its next check, or with the process after a grace."""
        if not worker.is_stopping:
            worker.kill_at = time.monotonic() + stop_grace
            self._send(worker, Stop(worker.job))

    def release(self, worker: Worker) -> None:
        """The worker has answered and takes the next job."""
        worker.state, worker.job, worker.kill_at = "idle", "", float("inf")

    def receive(self) -> Iterator[tuple[Worker, FromWorker]]:
        """What workers have said, without waiting. Leftovers of dead ones are dropped."""
        while self.socket.poll(0):
            token, frame = self.socket.recv_multipart()
            worker = next((w for w in self.workers if w.token == token.decode()), None)
            if worker:
                yield worker, _decode(worker, frame)

    def tick(self) -> list[End]:
        """Start, kill and bury as due."""
        ends = [self._tend(worker, time.monotonic()) for worker in self.workers]
        return [end for end in ends if end]

    def close(self) -> None:
        """End all workers: their standard input closing tells them to go."""
        running = [worker.process for worker in self.workers if worker.process]
        for process in running:
            if process.stdin:
                process.stdin.close()
        deadline = time.monotonic() + exit_grace
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.socket.close()

    def _send(self, worker: Worker, message: ToWorker) -> None:
        self.socket.send_multipart([worker.token.encode(), codec.encode(message)])

    def _tend(self, worker: Worker, now: float) -> End | None:
        if worker.process is None:
            return self._start(worker) if now >= worker.start_at else None
        if now >= worker.kill_at:
            worker.process.kill()
            worker.process.wait()
        code = worker.process.poll()
        return None if code is None else self._bury(worker, worker.process, code)

    def _start(self, worker: Worker) -> End | None:
        worker.starts += 1
        worker.token = f"{worker.name}-{worker.starts}"
        worker.state = "starting" if worker.starts == 1 else "restarting"
        try:
            worker.process = self._spawn(worker)
        except OSError as error:
            log.error("%s cannot be started: %s", worker.name, error)
            return self._end(worker, failure("worker_crashed", f"It cannot be started: {error}."))

    def _spawn(self, worker: Worker) -> subprocess.Popen[bytes]:
        config = msgspec.structs.replace(self._config, name=worker.name, token=worker.token)
        with self._words_file(worker).open("wb") as words:
            process = subprocess.Popen(
                [sys.executable, "-m", "backend.workers"],
                bufsize=0,  # nothing is left to flush into a dead process
                stdin=subprocess.PIPE,
                stdout=words,
                stderr=words,
                env=_environment(),
            )
        assert process.stdin
        with suppress(OSError):  # it may be dead already: its exit code says why
            process.stdin.write(msgspec.json.encode(config) + b"\n")
        return process

    def _bury(self, worker: Worker, process: subprocess.Popen[bytes], code: int) -> End:
        words = self._last_words(worker)
        with logs.about(worker.job or "-"):
            if worker.is_stopping:
                log.info("%s was killed because it did not stop by itself", worker.name)
            else:
                log.error("%s ended (%s)\n%s", worker.name, code, words)
        if process.stdin:
            process.stdin.close()
        return self._end(worker, _explain(code, words))

    def _end(self, worker: Worker, error: TugError) -> End:
        """Forget the process and set the time to start the next."""
        end = End(worker, worker.job, worker.is_stopping, error)
        worker.failures = worker.failures + 1 if worker.state in ("starting", "restarting") else 0
        worker.process, worker.job, worker.token = None, "", ""
        worker.state, worker.kill_at = "restarting", float("inf")
        worker.start_at = time.monotonic() + _delay(worker.failures)
        return end

    def _words_file(self, worker: Worker) -> Path:
        return self._folder / f"{worker.name}.stderr"

    def _last_words(self, worker: Worker) -> str:
        try:
            return self._words_file(worker).read_bytes()[-4000:].decode("utf-8", "replace").strip()
        except OSError:
            return ""


def _decode(worker: Worker, frame: bytes) -> FromWorker:
    """What the worker said; its job's failure if that cannot be read."""
    try:
        return codec.decode(frame, FromWorker, limit=message_bytes)
    except TugError as problem:
        return Failed(worker.job, problem.error)


def _delay(failures: int) -> float:
    """Seconds before a worker is started again: none after a job that crashed."""
    return min(longest_delay, first_delay * 2**failures) if failures else 0.0


def _listen(context: zmq.Context, server: Keys) -> zmq.Socket[bytes]:
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.curve_server = True
    socket.curve_secretkey = server.secret.encode()
    socket.zap_domain = zap.workers
    socket.bind("tcp://127.0.0.1:*")
    return socket


def _environment() -> dict[str, str]:
    paths = [str(source_folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    # On matrices as small as ours BLAS threads only take the processor from others.
    quiet = {"OPENBLAS_NUM_THREADS": "1"}
    return {**quiet, **os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _explain(code: int, words: str) -> TugError:
    if code == -killed:
        message = (
            "The worker was killed by signal 9, most likely because memory ran out: send a "
            "smaller or decimated mesh, or close other programs."
        )
    elif code < 0:
        message = (
            f"The worker crashed with signal {-code} ({_signal_name(-code)}): try again, and "
            "report it with the job's log if it stays."
        )
    else:
        last = words.splitlines()[-1] if words else "it left no word"
        message = f"The worker stopped with exit code {code}: {last}."
    return failure("worker_crashed", message, retry=True, fix="Show log", exit_code=code)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
