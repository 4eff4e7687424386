"""A task's context without a worker: blobs in memory, and a cancel when it is wanted."""

from __future__ import annotations

import numpy as np

from backend.workers.context import Cancelled
from protocol.blobs import Blob, describe


class Memory:
    """A context that keeps blobs in memory and what stages it was told; cancels after `calls`."""

    def __init__(self, calls: int = 10**9) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.calls = calls
        self.stages: list[str] = []

    def array(self, blob: Blob) -> np.ndarray:
        return self.arrays[blob.digest]

    def store(self, array: np.ndarray) -> Blob:
        blob = describe(array)
        self.arrays[blob.digest] = array
        return blob

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        self.stages.append(name)
        self.check()

    def check(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise Cancelled
