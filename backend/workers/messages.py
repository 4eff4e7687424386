"""What gateway and worker tell each other. Internal: both are always of one version."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from protocol.blobs import Blob
from protocol.errors import Error
from protocol.messages import Device

message_bytes = 16 << 20  # a result's arrays are blobs, so its map is small

Outcome = Literal[
    "done", "slow", "fail", "error", "crash", "kill", "memory", "disconnect", "stubborn"
]


class Null(msgspec.Struct, frozen=True, kw_only=True):
    """How the null engine behaves, and for how many seconds, where a job does not say."""

    outcome: Outcome = "done"
    seconds: float = 0.0


class WorkerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The first line on a worker's standard input, as JSON. Keys are Z85 text."""

    name: str
    token: str
    address: str
    server_key: str
    public_key: str
    secret_key: str
    data: str
    null: Null | None = None


class Run(msgspec.Struct, frozen=True, tag="run"):
    """To a worker: do this job."""

    job: str
    request: dict[str, Any]


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """To a worker: end this job at the next check."""

    job: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """From a worker: everything is imported, jobs may come."""

    devices: list[Device] = []


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """From a worker: where the job stands."""

    job: str
    stage: str
    step: int = 0
    total: int = 0
    preview: Blob | None = None


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """From a worker: the result as a map, and the arrays of it that it stored."""

    job: str
    result: dict[str, Any]
    digests: list[str] = []


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """From a worker: why there is no result. Code `cancelled` when it was told to stop."""

    job: str
    error: Error


ToWorker = Run | Stop
FromWorker = Ready | Progress | Finished | Failed
