"""All jobs of a .blend file, and how they are kept in it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .jobs import AnyJob, JointJob, kinds


class _Head(msgspec.Struct):
    """What tells the kind of a stored job."""

    request: dict[str, object]


class JobBook:
    """The jobs of the open file, oldest first. `revision` grows with every change."""

    def __init__(self) -> None:
        self.jobs: dict[str, AnyJob] = {}
        self.revision = 0

    def __iter__(self) -> Iterator[AnyJob]:
        return iter(tuple(self.jobs.values()))

    def __len__(self) -> int:
        return len(self.jobs)

    def add(self, job: AnyJob) -> None:
        """Note a job, replacing one of the same id."""
        self.jobs[job.id] = job
        self.changed()

    def get(self, job_id: str) -> AnyJob | None:
        """Return the job of that id."""
        return self.jobs.get(job_id)

    def remove(self, job_id: str) -> None:
        """Forget a job; an unknown id is fine."""
        if self.jobs.pop(job_id, None):
            self.changed()

    def changed(self) -> None:
        """Say that something is to be drawn or stored anew."""
        self.revision += 1

    def unfinished(self) -> list[AnyJob]:
        """Return the jobs that still wait for their result."""
        return [job for job in self if not job.finished]

    def latest(self, object_uid: str, part_uid: str) -> JointJob | None:
        """Return the newest job about the joint of a part."""
        of_part = [
            job
            for job in self
            if isinstance(job, JointJob) and (job.object, job.part) == (object_uid, part_uid)
        ]
        return of_part[-1] if of_part else None

    def milestones(self) -> tuple[tuple[object, ...], ...]:
        """Return what is worth storing at once: ids, states and decisions, not progress."""
        return tuple((job.id, job.state, *job.decided) for job in self)

    def to_json(self) -> str:
        """Return everything as JSON text.

        A result whose arrays are still needed is left out: both are fetched again by id.
        """
        kept = [job if job.settled else msgspec.structs.replace(job, result=None) for job in self]
        return msgspec.json.encode(kept).decode()

    def read(self, text: str) -> int:
        """Add the jobs in JSON `text`; a finished one wins. Return how many were unreadable."""
        unreadable = 0
        for raw in _entries(text):
            try:
                job = _decoded(raw)
            except (msgspec.MsgspecError, KeyError):
                unreadable += 1
                continue
            known = self.jobs.get(job.id)
            if known is None or not known.finished:
                self.add(job)
        return unreadable


def _decoded(raw: msgspec.Raw) -> AnyJob:
    """Return a stored job as what its request says it is. Raises MsgspecError, KeyError."""
    task = msgspec.json.decode(raw, type=_Head).request["task"]
    return msgspec.json.decode(raw, type=kinds[str(task)])


def _entries(text: str) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(text or "[]", type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        return []
