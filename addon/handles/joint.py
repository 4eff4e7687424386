"""What a script holds of a question for joints: correct them, put them into the scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import assembly, correcting, runtime
from ..asking import ask_again, put_into_scene
from ..core.jobs import JointJob
from ..protocol.errors import failure
from ..protocol.joint import Joint, JointType
from ..protocol.tasks import ArticulateObjectResult, ArticulateResult, LockField
from ..scene.joints import Applied
from .job import Job


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
