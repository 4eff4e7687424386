"""The messages that travel. Each is a MessagePack map whose `kind` names its type.

Client messages carry an `id` that replies repeat in `reply_to`. Unknown fields are
ignored and new fields have defaults, so peers of one protocol major understand each other.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from . import version
from .blobs import Blob, Digest
from .errors import Error

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Size = Annotated[int, msgspec.Meta(ge=0)]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all messages."""


class Call(Message, frozen=True, kw_only=True):
    """Base of what a client sends; every call is answered by one reply or one `failure`."""

    id: Identifier


class Reply(Message, frozen=True, kw_only=True):
    """Base of what a server answers; `reply_to` is the call's id."""

    reply_to: str


# Calls on the control channel


class Hello(Call, frozen=True, kw_only=True, tag="hello"):
    """First message of a connection. `client` is kept across restarts of Blender."""

    client: Identifier
    product: str = version.product
    protocol: str = version.protocol
    software: str = version.software


class Ping(Call, frozen=True, kw_only=True, tag="ping"):
    """Is the gateway alive? Answered at once, however busy the workers are."""


class GetCapabilities(Call, frozen=True, kw_only=True, tag="get_capabilities"):
    """What can this backend do?"""


class Submit(Call, frozen=True, kw_only=True, tag="submit"):
    """Queue a job under an id that the client chose, and receive its events.

    Idempotent: the same id with the same request answers the job's status. `request` is a
    task's request as a map; all its blobs must have been stored before.
    """

    job: Identifier
    request: dict[str, Any]


class Cancel(Call, frozen=True, kw_only=True, tag="cancel"):
    """Stop a job. Idempotent: a job that has ended answers how it ended."""

    job: Identifier


class Attach(Call, frozen=True, kw_only=True, tag="attach"):
    """Ask for the status of jobs and receive their events on this connection from now on."""

    jobs: Annotated[list[Identifier], msgspec.Meta(max_length=1000)]


class GetResult(Call, frozen=True, kw_only=True, tag="get_result"):
    """Fetch what a `done` job found. It stays stored until acknowledged or expired."""

    job: Identifier


class Acknowledge(Call, frozen=True, kw_only=True, tag="acknowledge"):
    """The results have arrived safely and may be forgotten. Unknown ids are fine."""

    jobs: Annotated[list[Identifier], msgspec.Meta(max_length=1000)]


class GetLog(Call, frozen=True, kw_only=True, tag="get_log"):
    """Fetch the last lines of the backend's log, of one job when `job` is given."""

    job: str = ""
    lines: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 200


# Calls on the bulk channel


class FindMissing(Call, frozen=True, kw_only=True, tag="find_missing"):
    """Which of these blobs does the server not have?"""

    digests: Annotated[list[Digest], msgspec.Meta(max_length=1000)]


class PutChunk(Call, frozen=True, kw_only=True, tag="put_chunk"):
    """Part of a blob, in order; its bytes are in the frame after this one.

    `size` is the whole blob's.
    """

    digest: Digest
    offset: Size
    size: Size


class GetChunk(Call, frozen=True, kw_only=True, tag="get_chunk"):
    """Fetch `length` bytes of a blob (fewer at its end)."""

    digest: Digest
    offset: Size
    length: Size


# Replies and events


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the server refuses to exceed, in bytes and counts."""

    message_bytes: int = 1 << 20
    chunk_bytes: int = 1 << 20
    blob_bytes: int = 1 << 30
    faces: int = 10_000_000
    jobs_queued: int = 1000
    retention_seconds: float = 7 * 24 * 3600.0


class Welcome(Reply, frozen=True, kw_only=True, tag="welcome"):
    """Answer to `hello`.

    A new `session` means that the gateway was restarted; stored jobs survive that.
    """

    session: str
    product: str = version.product
    protocol: str = version.protocol
    software: str = version.software
    limits: Limits = Limits()


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """One worker process as its supervisor sees it."""

    device: str
    state: Literal["starting", "idle", "busy", "restarting"]
    job: str = ""


class Pong(Reply, frozen=True, kw_only=True, tag="pong"):
    """Answer to `ping`."""

    workers: list[WorkerState] = []
    queued: int = 0


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """Something that computes; `memory_bytes` is 0 where unknown."""

    name: str
    kind: Literal["cpu", "cuda"]
    memory_bytes: int = 0


class Capabilities(Reply, frozen=True, kw_only=True, tag="capabilities"):
    """Job kinds with their engines, models present, devices and limits."""

    tasks: dict[str, list[str]]
    models: list[str] = []
    devices: list[Device] = []
    limits: Limits = Limits()
    null: bool = False


class JobStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job stands.

    `step` of `total` within `stage`; `fraction` of the whole job, 1 only when done;
    `seconds_left` is negative while unknown. `position` counts jobs ahead in the queue.
    `sequence` grows with every change of this job. `preview` is an image of the unfinished
    result, (H, W, 3) uint8.
    """

    job: str
    state: JobState
    task: str = ""
    stage: str = ""
    step: int = 0
    total: int = 0
    fraction: float = 0.0
    seconds_left: float = -1.0
    position: int = 0
    sequence: int = 0
    preview: Blob | None = None
    error: Error | None = None


class JobReply(Reply, frozen=True, kw_only=True, tag="job"):
    """Answer to `submit` and `cancel`."""

    status: JobStatus


class JobsReply(Reply, frozen=True, kw_only=True, tag="jobs"):
    """Answer to `attach`; `unknown` lists ids that the server does not have."""

    jobs: list[JobStatus]
    unknown: list[str] = []


class Event(Message, frozen=True, kw_only=True, tag="event"):
    """Pushed to attached connections whenever a job changes."""

    status: JobStatus


class ResultReply(Reply, frozen=True, kw_only=True, tag="result"):
    """Answer to `get_result`: a task's result as a map."""

    job: str
    result: dict[str, Any]


class Acknowledged(Reply, frozen=True, kw_only=True, tag="acknowledged"):
    """Answer to `acknowledge`."""


class LogReply(Reply, frozen=True, kw_only=True, tag="log"):
    """Answer to `get_log`."""

    text: str


class Missing(Reply, frozen=True, kw_only=True, tag="missing"):
    """Answer to `find_missing`."""

    digests: list[str]


class Stored(Reply, frozen=True, kw_only=True, tag="stored"):
    """Answer to `put_chunk`: bytes received so far."""

    digest: str
    received: int
    complete: bool


class Chunk(Reply, frozen=True, kw_only=True, tag="chunk"):
    """Answer to `get_chunk`; the bytes are in the frame after this one."""

    digest: str
    offset: int
    size: int


class Failure(Reply, frozen=True, kw_only=True, tag="failure"):
    """Any call may be answered so. `reply_to` is empty when the call could not be read."""

    error: Error


ControlCall = (
    Hello | Ping | GetCapabilities | Submit | Cancel | Attach | GetResult | Acknowledge | GetLog
)
BulkCall = FindMissing | PutChunk | GetChunk
ControlReply = (
    Welcome
    | Pong
    | Capabilities
    | JobReply
    | JobsReply
    | Event
    | ResultReply
    | Acknowledged
    | LogReply
    | Failure
)
BulkReply = Missing | Stored | Chunk | Failure
