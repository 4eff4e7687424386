"""The questions of a .blend file: what each is about, where it stands, what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any, Generic, Literal, TypeVar, get_args

import msgspec

from ..protocol.errors import Error, TugError
from ..protocol.joint import Joint
from ..protocol.messages import JobStatus
from ..protocol.tasks import (
    ArticulateObjectRequest,
    ArticulateObjectResult,
    ArticulateRequest,
    ArticulateResult,
    ExportModelRequest,
    ExportModelResult,
    ImportModelRequest,
    ImportModelResult,
    Lock,
    LockField,
    PartAnswer,
    PartProposal,
    ProposePartsRequest,
    ProposePartsResult,
    Request,
)

State = Literal["sending", "queued", "running", "done", "failed", "cancelled"]
Q = TypeVar("Q", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)
J = TypeVar("J", bound="Job[Any, Any]")
sending_share = 0.1
most_before_result = 0.99
most_choices = 2  # more ghosts in one place cannot be told apart


class Job(msgspec.Struct, Generic[Q, R], kw_only=True):
    """One question, from sending to answer. Stored in the .blend as JSON.

    `object` is the uid that identifies what it is about through undo, renaming and reload;
    `name` is what that was called. There is a subclass for each kind of question.
    """

    id: str
    name: str
    object: str = ""
    request: Q
    status: JobStatus
    uploaded: float = 0.0
    result: R | None = None
    error: Error | None = None

    @property
    def kind(self) -> str:
        """What is asked: the tag of the request."""
        return str(type(self.request).__struct_config__.tag)

    @property
    def finished(self) -> bool:
        """Whether there is a result or an error."""
        return self.result is not None or self.error is not None

    @property
    def settled(self) -> bool:
        """Whether nothing more is needed from the backend, the arrays of the result included."""
        return self.finished

    @property
    def state(self) -> State:
        """Where it stands; `done` only with the result in hand."""
        if self.error is not None:
            return "cancelled" if self.error.code == "cancelled" else "failed"
        if self.finished:
            return "done"
        if self.status.sequence == 0:
            return "sending"
        return "queued" if self.status.state == "queued" else "running"

    @property
    def progress(self) -> float:
        """Share done, in [0, 1]; 1 only with the result in hand."""
        if self.state == "done":
            return 1.0
        if self.state == "sending":
            return sending_share * self.uploaded
        share = sending_share + (1.0 - sending_share) * self.status.fraction
        return min(most_before_result, share)

    @property
    def decided(self) -> tuple[object, ...]:
        """What the user said, or what came of it in the scene or on the disk."""
        return ()

    def fail(self, problem: TugError) -> None:
        """Note that the result could not be used, and why; the job has failed by that."""
        self.error, self.result = problem.error, None

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


class JointJob(Job[ArticulateRequest, ArticulateResult]):
    """How does one part move?

    `part` and `body` are uids as `object` is; an empty body means the one that suggests
    itself. `selected` is the alternative on show, `corrected` what the user made of it, of
    which `locked` is to stay when it is asked again. `notes` say how the question came about.
    A question that `replaces` another (its id) takes its place when it has a result.
    """

    part: str
    body: tuple[str, ...] = ()
    selected: int = 0
    chosen: bool = False
    corrected: Joint | None = None
    locked: tuple[LockField, ...] = ()
    replaces: str = ""
    notes: tuple[str, ...] = ()

    @property
    def joint(self) -> Joint | None:
        """The joint on show: the corrected one, else an alternative."""
        if not (self.result and self.result.joints):
            return None
        return self.corrected or self.result.joints[self.selected]

    @property
    def alternatives(self) -> tuple[Joint, ...]:
        """The joints that were found, best first; none before the job is done."""
        return self.result.joints if self.result else ()

    @property
    def decided(self) -> tuple[object, ...]:
        return self.selected, self.chosen, self.corrected, self.locked

    @property
    def choices(self) -> int:
        """How many of the first joints to show side by side; 1 once one of them was chosen."""
        if self.result is None or self.chosen:
            return 1
        return max(1, min(self.result.choices, len(self.result.joints), most_choices))

    @property
    def lock(self) -> Lock | None:
        """What is to stay when it is asked again."""
        return Lock(joint=self.joint, fields=self.locked) if self.joint and self.locked else None

    def select(self, index: int) -> None:
        """Show another alternative; indices wrap around. That answers which one is meant.

        A correction is dropped with what it locked; what was locked when it was asked stays.
        """
        if self.result and self.result.joints:
            self.selected = index % len(self.result.joints)
            self.chosen = True
            self.corrected = None
            self.locked = self.request.locked.fields if self.request.locked else ()

    def next_choice(self, step: int) -> int:
        """Return the index of the alternative to show next; the first of those side by side."""
        if self.choices > 1:
            return 0 if step > 0 else self.choices - 1
        return self.selected + step

    def correct(self, joint: Joint, *fields: LockField) -> None:
        """Show a corrected joint; the `fields` that were corrected are locked."""
        if self.result and self.result.joints:
            self.corrected, self.chosen = joint, True
            self.set_locks({*self.locked, *fields})

    def toggle_lock(self, field: LockField) -> None:
        """Lock a field, or let go of it."""
        freed = {"type", "range"} if field == "type" else {field}
        held = set(self.locked)
        self.set_locks(held - freed if field in held else held | {field})

    def set_locks(self, fields: Collection[str]) -> None:
        """Lock these fields and no others. The limits of a type go with the type."""
        wanted = {*fields, "type"} if "range" in fields else set(fields)
        self.locked = tuple(field for field in get_args(LockField) if field in wanted)


class ObjectJob(Job[ArticulateObjectRequest, ArticulateObjectResult]):
    """How do all parts of an object move?

    `parts` are the (object, part) uids in the order of the request, `selected` the alternative
    on show of each, by the part's uid; the best where there is none.
    """

    parts: tuple[tuple[str, str], ...]
    selected: dict[str, int] = {}

    @property
    def decided(self) -> tuple[object, ...]:
        return tuple(self.selected.items())

    @property
    def answers(self) -> tuple[PartAnswer, ...]:
        """What was found for each part; nothing before the job is done."""
        return self.result.parts if self.result else ()

    def joint(self, index: int) -> Joint | None:
        """Return the alternative on show of the part of that index."""
        found = self.answers[index].joints
        return found[self.selected.get(self.parts[index][1], 0)] if found else None

    def select(self, index: int, alternative: int) -> None:
        """Show another alternative of a part; both wrap around."""
        if self.answers:
            index %= len(self.answers)
            found = self.answers[index].joints
            self.selected |= {self.parts[index][1]: alternative % max(len(found), 1)}


class PartsJob(Job[ProposePartsRequest, ProposePartsResult]):
    """Which regions may be parts?

    `owners` are the uids of the objects of the request's geometries, `selected` the proposal on
    show. With `following`, the id of a `JointJob`, the proposal that the prompt means is marked
    and asked about by itself, with `options` and the objects `body` as `api.articulate` has them.
    """

    owners: tuple[str, ...] = ()
    selected: int = 0
    following: str = ""
    options: dict[str, Any] = {}
    body: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether somebody is to look at the outcome."""
        return self.error is not None or (self.result is not None and not self.following)

    @property
    def settled(self) -> bool:
        return self.error is not None

    @property
    def decided(self) -> tuple[object, ...]:
        return (self.selected,)

    @property
    def proposals(self) -> tuple[PartProposal, ...]:
        """What was proposed, best first; nothing before the job is done."""
        return self.result.proposals if self.result else ()

    def select(self, index: int) -> None:
        """Show another proposal; indices wrap around."""
        self.selected = index % max(len(self.proposals), 1)


class ExportJob(Job[ExportModelRequest, ExportModelResult]):
    """Write a model: `path` of the main file, and all `written` once they are there."""

    path: str
    written: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the files are written, or why not."""
        return self.error is not None or bool(self.written)

    @property
    def settled(self) -> bool:
        return self.finished


class ImportJob(Job[ImportModelRequest, ImportModelResult]):
    """Read a model from the file at `path`; `made` are the uids of its objects in the scene.

    One that `lands` is built as soon as its result is here; `remarks` say what was left out.
    """

    path: str
    lands: bool = False
    made: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the model is there, to be built or built already, or why not."""
        return self.settled or (self.result is not None and not self.lands)

    @property
    def settled(self) -> bool:
        return self.error is not None or bool(self.made)

    @property
    def decided(self) -> tuple[object, ...]:
        return self.made


AnyJob = JointJob | ObjectJob | PartsJob | ExportJob | ImportJob
kinds: dict[str, type[AnyJob]] = {
    "articulate": JointJob,
    "articulate_object": ObjectJob,
    "propose_parts": PartsJob,
    "export_model": ExportJob,
    "import_model": ImportJob,
}


def new_job(kind: type[J], request: Request, job_id: str = "", **about: Any) -> J:
    """Return a job that has not been sent, under `job_id` or a fresh id.

    `about` are the further fields of its kind.
    """
    identifier = job_id or uuid.uuid4().hex
    task = str(request.__struct_config__.tag)
    status = JobStatus(job=identifier, state="queued", task=task)
    return kind(id=identifier, request=request, status=status, **about)


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
