"""What the operators that decide on motions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..tools import animation_preview
from .reports import allowed
from .waiting_key import WaitingKey

if TYPE_CHECKING:
    from ..core.jobs import AnimateJob


def has_motion(cls: type) -> bool:
    """Return whether there is a motion to decide on."""
    found = any(job.kind == "animate" and job.result for job in runtime.book)
    return allowed(cls, found, "No motion has been proposed; press Animate first")


def motion(context: bpy.types.Context, job_id: str) -> AnimateJob:
    """Return the job named, or that of the trajectory on show. Raises TugError without one."""
    from ..core.jobs import AnimateJob
    from ..protocol.errors import failure

    job = runtime.known_job(job_id) if job_id else runtime.active_animation(context)
    if not isinstance(job, AnimateJob) or job.result is None:
        raise failure("unknown_job", "No motion has been proposed here; press Animate first.")
    return job


class ByMotionKey(WaitingKey):
    """Leaves a key to Blender unless a motion to decide on is shown in that viewport."""

    def is_waiting(self, context: bpy.types.Context) -> bool:
        return animation_preview.shown(context) is not None
