"""What a task may do while it runs: read and store arrays, tell progress, notice a cancel."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backend.storage import BlobFolder
from protocol.blobs import Blob
from protocol.errors import Error, TugError

from .messages import Progress

check_interval = 0.01  # seconds: asking the socket costs more than an inner loop can bear
event_interval = 0.05


class Cancelled(TugError):
    """The client does not want this job any more."""

    def __init__(self) -> None:
        super().__init__(Error(code="cancelled", message="The job was cancelled."))


class Context:
    """One job's view of the worker. `stop` answers whether the job was cancelled."""

    def __init__(
        self,
        job: str,
        blobs: BlobFolder,
        send: Callable[[Progress], None],
        stop: Callable[[], bool],
    ) -> None:
        self.job = job
        self._blobs = blobs
        self._send = send
        self._stop = stop
        self._stage = ""
        self._sent = 0.0
        self._checked = 0.0

    def array(self, blob: Blob) -> NDArray:
        """The array of a blob, read-only, mapped from disk.

        Raises TugError: missing_blob, corrupt_blob.
        """
        return self._blobs.array(blob)

    def store(self, array: NDArray) -> Blob:
        """Keep an array for the client. Raises TugError storage_full."""
        return self._blobs.write(array)

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        """Say what is being done, `step` of `total` when known. Raises Cancelled."""
        now = time.monotonic()
        if name != self._stage or now - self._sent >= event_interval:
            self._stage, self._sent = name, now
            self._send(Progress(self.job, name, step, total))
        self.check()

    def preview(self, image: NDArray[np.uint8]) -> None:
        """Show an unfinished result, (H, W, 3) uint8. Raises TugError storage_full."""
        self._send(Progress(self.job, self._stage, preview=self.store(image)))

    def check(self) -> None:
        """Raise Cancelled when the job was cancelled. Cheap: call it often."""
        now = time.monotonic()
        if now - self._checked < check_interval:
            return
        self._checked = now
        if self._stop():
            raise Cancelled
