"""What the operators that decide on places have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..tools import placement_overlay
from .reports import allowed
from .waiting_key import WaitingKey

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


class ByPlacementKey(WaitingKey):
    """Leaves a key to Blender unless a place to decide on is shown in that viewport."""

    def is_waiting(self, context: bpy.types.Context) -> bool:
        return placement_overlay.waiting(context) is not None
