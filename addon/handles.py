"""What a script holds of a question: wait for it, look at its answer, put it into the scene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import bpy

from . import assembly, correcting, importing, proposals, runtime
from .asking import ask_again, no_backend, put_into_scene
from .core.jobs import AnyJob, ExportJob, ImportJob, JointJob, ObjectJob, PartsJob
from .protocol.errors import Error, TugError, failure
from .protocol.joint import Joint, JointType
from .protocol.tasks import (
    ArticulateObjectResult,
    ArticulateResult,
    ExportModelResult,
    ImportModelResult,
    LockField,
    ProposePartsResult,
)
from .scene.identity import find
from .scene.joints import Applied
from .scene.parts import PartSettings

R = TypeVar("R")


class Job(Generic[R]):
    """A question to the backend, from sending to answer. Made by the functions of `api`.

    `kind` says what is asked: `articulate`, `articulate_object`, `propose_parts`,
    `export_model` or `import_model`.
    """

    def __init__(self, record: AnyJob) -> None:
        self._last = record

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.name!r} {self.state} {self.progress:.0%}>"

    @property
    def _record(self) -> Any:
        """The job as the open file has it; the last known when it was cleared."""
        self._last = runtime.book.get(self.id) or runtime.book.get(self._last.id) or self._last
        return self._last

    @property
    def id(self) -> str:
        """The id, the same here, in the .blend and in the backend."""
        return self._last.id

    @property
    def kind(self) -> str:
        """What is asked."""
        return self._record.kind

    @property
    def name(self) -> str:
        """What it is about was called."""
        return self._record.name

    @property
    def state(self) -> str:
        """`sending`, `queued`, `running`, `done`, `failed` or `cancelled`."""
        return self._record.state

    @property
    def progress(self) -> float:
        """Share done, 0 to 1; 1 only when the result is here."""
        return self._record.progress

    @property
    def error(self) -> Error | None:
        """Why it failed: `.message` is one sentence, `.code` one of a closed list."""
        return self._record.error

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended, at most `timeout` seconds; return whether it has.

        A connection that is lost is waited for as well. Blender's window does not react
        meanwhile; Ctrl-C in the terminal interrupts the waiting, and the job goes on.

        Raises
        ------
        TugError
            `unreachable` (or what else stands in the way) when no backend can be reached.
        """
        session = runtime.connect()
        session.wait(lambda: self._record.finished or session.hopeless, timeout)
        runtime.refresh()
        if not self._record.finished and session.hopeless:
            raise no_backend()
        return self._record.finished

    def cancel(self) -> None:
        """Stop the job; one that has ended stays as it is.

        Raises
        ------
        TugError
            `unreachable` when not connected.
        """
        runtime.session().cancel(self._record)

    def result(self, timeout: float | None = None) -> R:
        """Wait for the result and return it, the typed one of its kind.

        Raises
        ------
        TugError
            Why the job failed, or `timeout`.
        """
        if not self.wait(timeout):
            raise failure(
                "timeout", f"'{self.name}' has no result after {timeout:g} seconds.", retry=True
            )
        record = self._record
        if record.result is None:
            raise TugError(record.error or failure("internal", "The job has no result.").error)
        return record.result


class JointHandle(Job[ArticulateResult]):
    """A question about one joint. Its result has `.joints`, best first, `.choices`, `.notes`.

    Where only a prompt was given, the part is looked for first; `name` is then the prompt until
    it is found.
    """

    @property
    def id(self) -> str:
        """The id, the same here, in the .blend and in the backend."""
        return getattr(self._last, "following", "") or self._last.id

    @property
    def remarks(self) -> tuple[str, ...]:
        """How the question came about, such as which part was taken, and what was found."""
        record = self._record
        return (*record.notes, *record.result.notes) if self.alternatives() else ()

    def alternatives(self) -> tuple[Joint, ...]:
        """Return the proposed joints, best first; none before the job is done."""
        record = self._record
        done = isinstance(record, JointJob) and record.result
        return done.joints if done else ()

    @property
    def joint(self) -> Joint | None:
        """The joint on show, with what was corrected; None before the job is done."""
        record = self._record
        return record.joint if isinstance(record, JointJob) else None

    @property
    def locked(self) -> tuple[LockField, ...]:
        """What stays when it is asked again; each correction adds its own."""
        record = self._record
        return record.locked if isinstance(record, JointJob) else ()

    def lock(self, *fields: LockField) -> None:
        """Have these of `type`, `axis`, `origin` and `range` stay, and no others.

        A range stays with its type. Waits for the result if need be, as all corrections do.
        """
        correcting.set_locks(self._answered(), fields)

    def show(self, index: int) -> None:
        """Show another alternative; a correction is dropped."""
        self._answered().select(index)
        runtime.book.changed()

    def flip(self) -> None:
        """Turn the axis round; the limits follow, so that the part goes where it went."""
        correcting.flip(self._answered())

    def open_other_way(self) -> None:
        """Have the part open to the other side of the same axis."""
        correcting.open_other_way(self._answered())

    def retype(self, kind: JointType) -> None:
        """Make it another type: the best alternative of it, else one on the same line."""
        correcting.retype(self._answered(), kind)

    def move_origin(self, point: Sequence[float]) -> None:
        """Have the axis go through a point, in world space as it was when asked."""
        correcting.move_origin(self._answered(), point)

    def set_axis(self, direction: Sequence[float]) -> None:
        """Have the axis point along a direction; values grow counter-clockwise about it."""
        correcting.set_axis(self._answered(), direction)

    def set_range(
        self, lower: float | None = None, upper: float | None = None, **more: Any
    ) -> None:
        """Set the limits, radians or Blender units; None leaves one as it is.

        `slide=(low, high)` and `pitch` are those of joints that have them. Raises TugError
        `bad_input` where the present pose, 0, is not within.
        """
        correcting.set_range(self._answered(), lower, upper, **more)

    def ask_again(self) -> JointHandle:
        """Ask once more with what is `locked`, about the scene as it is now.

        The new proposal takes the place of this one when it is there. Raises TugError as
        `api.articulate` does.
        """
        return JointHandle(ask_again(self._answered()))

    def apply(self, index: int | None = None, keyframes: bool = True) -> Applied:
        """Put a proposed joint into the scene. Waits for the result if need be.

        Pushes no undo step; the operator `tug.accept_result` does.

        Parameters
        ----------
        index
            Which alternative, 0 is the best; None takes the joint on show, as corrected.
        keyframes
            Whether to add keys from the present frame on: rest, open, rest.

        Returns
        -------
        Applied
            The control object, its bone if any, and the path of its `tug_open` property.

        Raises
        ------
        TugError
            `bad_input` when object or part were deleted (the result is kept) or there is no
            such alternative; why the job failed.
        """
        record = self._answered()
        found = record.alternatives
        if index is not None and not 0 <= index < len(found):
            raise failure("bad_input", f"There is no alternative {index}; there are {len(found)}.")
        obj, part = runtime.target(record)
        applied = put_into_scene(
            obj,
            part,
            correcting.shown(record) if index is None else found[index],
            job_id=record.id,
            keyed=keyframes,
            body=runtime.body(record),
            asked=record.request.geometry,
        )
        if index is None:
            record.chosen = True
        else:
            record.select(index)
        runtime.book.changed()
        runtime.refresh()
        return applied

    def _answered(self) -> JointJob:
        """Wait for the result and return its job."""
        self.result()
        return self._record


class ObjectHandle(Job[ArticulateObjectResult]):
    """A question about all parts of an object. Its result has `.parts`, in the order asked."""

    def select(self, part: int, alternative: int) -> None:
        """Choose another alternative for a part, both by their index."""
        self._record.select(part, alternative)
        runtime.book.changed()

    def apply(self, keyframes: bool = True) -> list[Applied]:
        """Put all joints into the scene, hung on each other as was found. Waits if need be.

        Pushes no undo step; the operator `tug.accept_all` does. Returns where each part's
        joint is, in the order asked, parts without one left out. Raises TugError `bad_input`
        when a part was deleted, or why the job failed.
        """
        self.result()
        applied = assembly.put_into_scene(self._record, keyframes)
        runtime.book.changed()
        runtime.refresh()
        return applied


class PartsHandle(Job[ProposePartsResult]):
    """A question for regions that may be parts. Its result has `.proposals`, best first."""

    def mark(self, index: int) -> PartSettings:
        """Mark a proposal as a part, the active one of its object; `.id_data` is the object.

        Raises TugError `bad_input` when the meshes were changed, or why the job failed.
        """
        self.result()
        return proposals.mark(self._record, index)[1]


class ExportHandle(Job[ExportModelResult]):
    """A question for a model as files; waited for, they are written."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were written, the main one first; none before the job is done."""
        return tuple(map(Path, self._record.written))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the format cannot say."""
        return self._record.result.notes if self._record.result else ()


class ImportHandle(Job[ImportModelResult]):
    """A question for a model from files."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        return self._record.remarks

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The topmost objects of the model that are in the scene; none before `apply`."""
        return tuple(obj for uid in self._record.made if (obj := find(uid)))

    def apply(self) -> tuple[bpy.types.Object, ...]:
        """Build the model in the scene, once; return its topmost objects. Waits if need be.

        Pushes no undo step. Raises TugError `bad_input`, or why the job failed.
        """
        self.result()
        if not self._record.made:
            importing.put_into_scene(self._record)
            runtime.refresh()
        return self.objects


def handle(record: AnyJob) -> Job[Any]:
    """Return the handle of a job's kind."""
    if isinstance(record, PartsJob) and record.following:
        return JointHandle(record)
    return kinds[type(record)](record)


kinds: dict[type, type[Job[Any]]] = {
    JointJob: JointHandle,
    ObjectJob: ObjectHandle,
    PartsJob: PartsHandle,
    ExportJob: ExportHandle,
    ImportJob: ImportHandle,
}
