"""What the operators that decide on places have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from .. import runtime
from ..tools import placement_overlay
from ..tools.deciding import takes_keys
from .reports import allowed

if TYPE_CHECKING:
    from ..core.jobs import PlaceJob


def has_placement(cls: type, _context: bpy.types.Context) -> bool:
    """Return whether there is a place to decide on."""
    reason = "No place was found yet; select what should be placed and press Place in Scene"
    return allowed(cls, runtime.newest_place_job(), reason)


def placement(job_id: str) -> PlaceJob:
    """Return the job named, or the newest that was answered. Raises TugError without places."""
    from ..core.jobs import PlaceJob
    from ..protocol.errors import failure

    job = runtime.known_job(job_id) if job_id else runtime.newest_place_job()
    if not isinstance(job, PlaceJob) or not job.placements:
        raise failure("unknown_job", "No place was found yet; press Place in Scene first.")
    return job


class ByPlacementKey:
    """Leaves a key to Blender unless a place to decide on is shown in that viewport."""

    by_key: bpy.props.BoolProperty(
        description="Only where the place is shown", options={"HIDDEN", "SKIP_SAVE"}
    )

    def invoke(self, context, _event):
        """Do it, if it is for us."""
        operator: Any = self
        if self.by_key:
            shown = takes_keys(context) and placement_overlay.waiting(context)
            if not (shown and self.takes(context)):
                return {"PASS_THROUGH"}
        return operator.execute(context)

    def takes(self, _context: bpy.types.Context) -> bool:
        """Return whether a key that was pressed over the viewport is for us."""
        return True
