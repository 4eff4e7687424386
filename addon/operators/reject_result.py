from __future__ import annotations

import bpy

from .. import runtime
from ..core.jobs import JointJob, ObjectJob
from ..tools.aiming import viewport
from . import ids
from .reports import allowed, has_proposal, is_on_show, proposal, reported


class RejectResult(bpy.types.Operator):
    """Drop this proposal; it leaves nothing behind"""

    bl_idname = ids.reject_result
    bl_label = "Reject"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")

    @classmethod
    def poll(cls, context):
        if not is_on_show(context, JointJob | ObjectJob):
            return allowed(cls, False, "Nothing is proposed for the active part")
        if context.screen and context.screen.is_animation_playing and viewport(context):
            return False  # Esc stops that first
        return any(job.result for job in runtime.book) or has_proposal(cls, context)

    @reported
    def execute(self, context):
        if self.job:
            job = runtime.known_job(self.job)
        else:
            job = runtime.shown_job(context) or proposal(context, "")
        runtime.forget([job])
        return {"FINISHED"}
