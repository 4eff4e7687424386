"""The worker's loop: take a job, run its task, answer, wait for the next."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import zmq

from backend import logs, tasks
from backend.storage import BlobFolder, is_full_disk, storage_failure
from protocol import codec
from protocol.blobs import blobs_in
from protocol.errors import Error, TugError, failure

from .context import Context
from .messages import (
    Failed,
    Finished,
    FromWorker,
    Ready,
    Run,
    Stop,
    ToWorker,
    WorkerConfig,
    message_bytes,
)

log = logging.getLogger(__name__)


class Worker:
    """Runs tasks for the gateway that started this process."""

    def __init__(self, config: WorkerConfig) -> None:
        self._null = config.null
        self._blobs = BlobFolder(Path(config.data) / "blobs")
        self._socket = _connect(config)
        self._waiting: list[Run] = []
        self._stopped: set[str] = set()

    def run(self) -> None:
        """Serve until the process ends."""
        tasks.warm_up(self._null)
        self._send(Ready(tasks.devices(self._null)))
        while True:
            self._receive(timeout=None)
            while self._waiting:
                self._do(self._waiting.pop(0))

    def _do(self, run: Run) -> None:
        with logs.about(run.job):
            log.info("started %s", run.request.get("task"))
            answer = self._answer(run)
            log.info("finished" if isinstance(answer, Finished) else "failed: %s", *_reason(answer))
            self._send(answer)
        self._stopped.discard(run.job)

    def _answer(self, run: Run) -> Finished | Failed:
        context = Context(run.job, self._blobs, self._send, lambda: self._is_stopped(run.job))
        try:
            result = tasks.run(run.request, context, self._null)
            digests = [blob.digest for blob in blobs_in(result)]
            return Finished(run.job, codec.to_map(result), digests)
        except Exception as error:
            return Failed(run.job, _explain(error))

    def _is_stopped(self, job: str) -> bool:
        self._receive(timeout=0)
        return job in self._stopped

    def _receive(self, timeout: int | None) -> None:
        while self._socket.poll(timeout):
            message: Any = codec.decode(self._socket.recv(), ToWorker, limit=message_bytes)
            if isinstance(message, Stop):
                self._stopped.add(message.job)
            else:
                self._waiting.append(message)
            timeout = 0

    def _send(self, message: FromWorker) -> None:
        self._socket.send(codec.encode(message))


def _connect(config: WorkerConfig) -> zmq.Socket[bytes]:
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.linger = 1000
    socket.routing_id = config.token.encode()
    socket.curve_serverkey = config.server_key.encode()
    socket.curve_publickey = config.public_key.encode()
    socket.curve_secretkey = config.secret_key.encode()
    socket.connect(config.address)
    return socket


def _reason(answer: Finished | Failed) -> tuple[str, ...]:
    return (answer.error.message,) if isinstance(answer, Failed) else ()


def _explain(error: Exception) -> Error:
    """What the client is told; the log keeps the stack."""
    if isinstance(error, TugError):
        return error.error
    log.exception("task failed")
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return failure(
            "out_of_memory",
            "Memory ran out during the job: send a smaller or decimated mesh, or close other "
            "programs.",
            retry=True,
        ).error
    if is_full_disk(error):
        return storage_failure(error).error
    return failure(
        "internal",
        f"The job failed because of a defect in Tug ({type(error).__name__}: {error}): please "
        "report it with the job's log.",
        fix="Show log",
    ).error
