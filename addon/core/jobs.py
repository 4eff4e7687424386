"""The jobs of a .blend file: what each is about, where it stands, what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Literal

import msgspec

from ..protocol.errors import Error
from ..protocol.joint import Joint
from ..protocol.messages import JobStatus
from ..protocol.tasks import ArticulateRequest, ArticulateResult

State = Literal["sending", "queued", "running", "done", "failed", "cancelled"]
sending_share = 0.1
most_before_result = 0.99


class Job(msgspec.Struct, kw_only=True):
    """One question about one part, from sending to answer. Stored in the .blend as JSON.

    `object`, `part` and `body` are the uids that identify the target through undo, renaming
    and reload; an empty body means the one that suggests itself. `name` is what the part was
    called, `selected` the alternative on show.
    """

    id: str
    object: str
    part: str
    name: str
    request: ArticulateRequest
    body: tuple[str, ...] = ()
    status: JobStatus
    uploaded: float = 0.0
    result: ArticulateResult | None = None
    error: Error | None = None
    selected: int = 0

    @property
    def finished(self) -> bool:
        """Whether there is a result or an error."""
        return self.result is not None or self.error is not None

    @property
    def state(self) -> State:
        """Where it stands; `done` only with the result in hand."""
        if self.result is not None:
            return "done"
        if self.error is not None:
            return "cancelled" if self.error.code == "cancelled" else "failed"
        if self.status.sequence == 0:
            return "sending"
        return "queued" if self.status.state == "queued" else "running"

    @property
    def progress(self) -> float:
        """Share done, in [0, 1]; 1 only with the result in hand."""
        if self.result is not None:
            return 1.0
        if self.state == "sending":
            return sending_share * self.uploaded
        share = sending_share + (1.0 - sending_share) * self.status.fraction
        return min(most_before_result, share)

    @property
    def joint(self) -> Joint | None:
        """The alternative on show."""
        return self.result.joints[self.selected] if self.result and self.result.joints else None

    def select(self, index: int) -> None:
        """Show another alternative; indices wrap around."""
        if self.result and self.result.joints:
            self.selected = index % len(self.result.joints)

    def words(self) -> str:
        """Say where it stands."""
        status = self.status
        match self.state:
            case "sending":
                return f"Sending, {round(100 * self.uploaded)} %" if self.uploaded else "Sending"
            case "queued":
                return f"Waiting, {status.position} ahead" if status.position else "Waiting"
            case "running":
                return ", ".join(filter(None, (_stage_words(status), _time_words(status))))
            case "done":
                return "Done"
            case state:
                return self.error.message if self.error else state.capitalize()


class JobBook:
    """The jobs of the open file, oldest first. `revision` grows with every change."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.revision = 0

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self.jobs.values()))

    def __len__(self) -> int:
        return len(self.jobs)

    def add(self, job: Job) -> None:
        """Note a job, replacing one of the same id."""
        self.jobs[job.id] = job
        self.changed()

    def get(self, job_id: str) -> Job | None:
        """Return the job of that id."""
        return self.jobs.get(job_id)

    def remove(self, job_id: str) -> None:
        """Forget a job; an unknown id is fine."""
        if self.jobs.pop(job_id, None):
            self.changed()

    def changed(self) -> None:
        """Say that something is to be drawn or stored anew."""
        self.revision += 1

    def unfinished(self) -> list[Job]:
        """Return the jobs that still wait for their result."""
        return [job for job in self if not job.finished]

    def latest(self, object_uid: str, part_uid: str) -> Job | None:
        """Return the newest job about a part."""
        of_part = [j for j in self if j.object == object_uid and j.part == part_uid]
        return of_part[-1] if of_part else None

    def milestones(self) -> tuple[tuple[str, str, int], ...]:
        """Return what is worth storing at once: ids, states and choices, not progress."""
        return tuple((job.id, job.state, job.selected) for job in self)

    def to_json(self) -> str:
        """Return everything as JSON text."""
        return msgspec.json.encode(list(self.jobs.values())).decode()

    def read(self, text: str) -> int:
        """Add the jobs in JSON `text`; a finished one wins. Return how many were unreadable."""
        unreadable = 0
        for raw in _entries(text):
            try:
                job = msgspec.json.decode(raw, type=Job)
            except msgspec.MsgspecError:
                unreadable += 1
                continue
            known = self.jobs.get(job.id)
            if known is None or not known.finished:
                self.add(job)
        return unreadable


def new_job(
    object_uid: str,
    part_uid: str,
    name: str,
    request: ArticulateRequest,
    body: tuple[str, ...] = (),
    job_id: str = "",
) -> Job:
    """Return a job that has not been sent, under `job_id` or a fresh id."""
    identifier = job_id or uuid.uuid4().hex
    return Job(
        id=identifier,
        object=object_uid,
        part=part_uid,
        name=name,
        request=request,
        body=body,
        status=JobStatus(job=identifier, state="queued", task="articulate"),
    )


def _entries(text: str) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(text or "[]", type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        return []


def _stage_words(status: JobStatus) -> str:
    stage = (status.stage or "running").replace("_", " ").capitalize()
    return f"{stage} {status.step} of {status.total}" if status.total else stage


def _time_words(status: JobStatus) -> str:
    seconds = status.seconds_left
    if seconds < 0.0:
        return ""
    if seconds < 90.0:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60.0)} min left"
