from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class AcceptAnimation(bpy.types.Operator):
    """Write this motion as a few editable keys; they follow when the curve is edited"""

    bl_idname = ids.accept_animation
    bl_label = "Accept"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means that of the trajectory on show",
        options={"HIDDEN"},
    )

    @classmethod
    def poll(cls, _context):
        found = any(job.kind == "animate" and job.result for job in runtime.book)
        return allowed(cls, found, "No motion has been proposed; press Animate first")

    @reported
    def execute(self, context):
        from ..handles import AnimateHandle

        handle = AnimateHandle(_proposal(context, self.job))
        notes = handle.apply()
        for target in handle.targets:
            target.select_set(True)  # timelines show the keys of what is selected
        self.report({"INFO"}, f"'{handle.name}' moves along its trajectory.")
        for note in notes:
            self.report({"INFO"}, note)
        return {"FINISHED"}


def _proposal(context, job_id):
    """Return the job named, or that of the trajectory on show. Raises TugError without one."""
    from ..core.jobs import AnimateJob
    from ..protocol.errors import failure

    job = runtime.known_job(job_id) if job_id else runtime.active_animation(context)
    if not isinstance(job, AnimateJob) or job.result is None:
        raise failure("unknown_job", "No motion has been proposed here; press Animate first.")
    return job
