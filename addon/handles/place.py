"""What a script holds of a question for places."""

from __future__ import annotations

import bpy

from .. import placements, runtime
from ..protocol.placement import Placement, PlaceResult
from .job import Job


class PlaceHandle(Job[PlaceResult]):
    """A question for where objects stand. Its result has `.placements`, in the order asked."""

    @property
    def report(self) -> tuple[Placement, ...]:
        """How each object stands, in the order asked; none before the job is done.

        `.penetration`, `.gap`, `.drift` and `.size` in Blender units, `.stability` and `.free` as
        shares, `.support` in words.
        """
        return self._record.placements

    @property
    def notes(self) -> tuple[str, ...]:
        """What did not fit; and once they were moved, what holds objects back, such as keys."""
        record = self._record
        return (*record.result.notes, *record.remarks) if self.report else ()

    def apply(self) -> tuple[bpy.types.Object, ...]:
        """Move the objects to their places; return those that moved. Waits if need be.

        Pushes no undo step; the operator `tug.accept_placement` does. Raises TugError `bad_input`
        when an object was deleted or is linked, or why the job failed.
        """
        self.result()
        moved, _ = placements.put_into_scene(self._record)
        runtime.refresh()
        return tuple(moved)
