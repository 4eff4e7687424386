"""What a script holds of a question for motions along trajectories."""

from __future__ import annotations

import bpy

from .. import animations, runtime
from ..animations import Motion
from ..protocol.animation import AnimateResult, Collision
from .job import Job


class AnimateHandle(Job[AnimateResult]):
    """A question for motions. Its result has `.tracks`, in the order asked, and `.notes`."""

    @property
    def tracks(self) -> tuple[Motion, ...]:
        """How everything moves, exactly, frame by frame; waits for the result if need be."""
        self.result()
        return animations.motions(self._record)

    @property
    def collisions(self) -> tuple[Collision, ...]:
        """What is run into, by whom and when; none before the job is done."""
        return tuple(found for track in self._record.tracks for found in track.collisions)

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks of the backend; none before the job is done."""
        return self._record.result.notes if self._record.result else ()

    @property
    def curves(self) -> list[bpy.types.Object]:
        """The trajectories. Raises TugError `bad_input` when one was deleted."""
        return animations.curves_of(self._record)

    @property
    def targets(self) -> list[bpy.types.Object]:
        """What moves. Raises TugError `bad_input` when one was deleted."""
        return animations.targets_of(self._record)

    def apply(self) -> tuple[str, ...]:
        """Write the keys; return in words what else had to change. Waits if need be.

        Keys that the moved channels have within the motion's frames are replaced, others stay.
        Pushes no undo step; the operator `tug.accept_animation` does. Raises TugError
        `bad_input` when something was deleted (the result is kept), or why the job failed.
        """
        self.result()
        notes = animations.put_into_scene(self._record)
        runtime.book.changed()
        runtime.refresh()
        return notes
