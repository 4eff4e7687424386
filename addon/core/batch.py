"""Many jobs in a row: some at once, each with its own outcome, resumable from a journal."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from ..protocol.errors import Error, TugError, failure
from ..protocol.tasks import ArticulateResult
from .jobs import JointJob, PartsJob

no_point_in_going_on = ("unreachable", "wrong_key", "wrong_product", "version_unsupported")


@dataclass
class BatchItem:
    """One item and what came of it. `reloaded` says the result is from the journal."""

    key: str
    name: str
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    result: ArticulateResult | None = None
    error: Error | None = None
    reloaded: bool = False
    job: str = ""

    def fail(self, problem: Exception) -> None:
        """Note why it failed."""
        self.state = "failed"
        if isinstance(problem, TugError):
            self.error = problem.error
        else:
            text = f"The item cannot be used ({type(problem).__name__}: {problem})."
            self.error = failure("bad_input", text).error


@dataclass
class BatchReport:
    """All items in the order given."""

    items: list[BatchItem] = field(default_factory=list)

    @property
    def done(self) -> list[BatchItem]:
        """The items with a result."""
        return [item for item in self.items if item.state == "done"]

    @property
    def failed(self) -> list[BatchItem]:
        """The items with an error."""
        return [item for item in self.items if item.state == "failed"]

    def __str__(self) -> str:
        reloaded = sum(item.reloaded for item in self.items)
        lines = [f"{len(self.done)} of {len(self.items)} done, {len(self.failed)} failed"]
        lines[0] += f", {reloaded} from the journal" if reloaded else ""
        lines += [f"  {i.name}: {i.error.message}" for i in self.failed if i.error]
        return "\n".join(lines)


class Line(msgspec.Struct, omit_defaults=True):
    """A line of the journal: begun with neither result nor error, else ended."""

    key: str
    job: str
    result: ArticulateResult | None = None
    error: Error | None = None


class Journal:
    """A file of JSON lines that says how far a batch got. Without a path, nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.last: dict[str, Line] = {}
        if path and path.is_file():
            self._read(path)

    def note(self, line: Line) -> None:
        """Append a line and get it to the disk's hands."""
        self.last[line.key] = line
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")

    def job_id(self, key: str) -> str:
        """Return the id of the job that was begun and not seen to end, or a fresh one."""
        line = self.last.get(key)
        begun = line is not None and line.result is None and line.error is None
        return line.job if line and begun else uuid.uuid4().hex

    def _read(self, path: Path) -> None:
        data = path.read_bytes()
        for raw in data.splitlines():
            try:
                line = msgspec.json.decode(raw, type=Line)
            except msgspec.MsgspecError:
                continue  # cut off by the crash that we resume from
            self.last[line.key] = line
        if data and not data.endswith(b"\n"):
            path.write_bytes(data + b"\n")


Asked = JointJob | PartsJob


class Work(Protocol):
    """What a batch does with its items."""

    def ask(self, item: BatchItem) -> Asked:
        """Send the item's question as job `item.job`, or one that leads to it."""
        ...

    def latest(self, job: Asked) -> Asked:
        """Return the job that a job has led to, or itself."""
        ...

    def knows(self, item: BatchItem) -> bool:
        """Return whether the journal's result of `item.job` can be used in this scene."""
        ...

    def wait(self, done: Callable[[], bool]) -> None:
        """Return when `done()`; raise TugError when there is no backend."""
        ...

    def finish(self, item: BatchItem) -> None:
        """Make use of the result of an item that is done, which may be from the journal."""
        ...

    def progress(self, item: BatchItem) -> None:
        """Say that an item has got another state."""
        ...


def run(items: list[BatchItem], work: Work, journal: Journal, at_once: int) -> BatchReport:
    """Bring all items to an end. One that fails does not stop the rest.

    Raises TugError when the backend cannot be reached; the journal then holds what was done.
    """
    waiting = deque(items)
    running: list[tuple[BatchItem, Asked]] = []
    while waiting or running:
        while waiting and len(running) < at_once:
            item = waiting.popleft()
            job = _begin(item, work, journal)
            running += [(item, job)] if job else []
        if running:
            work.wait(partial(_any_finished, running, work))
        running = [(item, work.latest(job)) for item, job in running]
        for item, job in [pair for pair in running if pair[1].finished]:
            running.remove((item, job))
            _conclude(item, job, work, journal)
    return BatchReport(items)


def _begin(item: BatchItem, work: Work, journal: Journal) -> Asked | None:
    known = journal.last.get(item.key)
    item.job = known.job if known else ""
    if known and known.result and work.knows(item):
        item.result, item.reloaded = known.result, True
        _use(item, work)
        return None
    item.job = journal.job_id(item.key)
    try:
        job = work.ask(item)
    except Exception as problem:
        if isinstance(problem, TugError) and problem.error.code in no_point_in_going_on:
            raise
        item.fail(problem)
        work.progress(item)
        return None
    journal.note(Line(item.key, item.job))
    item.state = "running"
    work.progress(item)
    return job


def _conclude(item: BatchItem, job: Asked, work: Work, journal: Journal) -> None:
    item.result, item.error = job.result if isinstance(job, JointJob) else None, job.error
    journal.note(Line(item.key, item.job, item.result, job.error))
    if item.result:
        _use(item, work)
    else:
        item.state = "failed"
        work.progress(item)


def _use(item: BatchItem, work: Work) -> None:
    try:
        work.finish(item)
        item.state = "done"
    except TugError as problem:
        item.fail(problem)
    work.progress(item)


def _any_finished(running: list[tuple[BatchItem, Asked]], work: Work) -> bool:
    return any(work.latest(job).finished for _, job in running)
