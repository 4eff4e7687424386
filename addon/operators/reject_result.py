from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported


class RejectResult(ByKey, bpy.types.Operator):
    """Drop this proposal; it leaves nothing behind"""

    bl_idname = ids.reject_result
    bl_label = "Reject"
    bl_options = {"INTERNAL"}
    decides_on = ("articulate", "articulate_object")

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")

    @classmethod
    def poll(cls, context):
        return any(job.result or job.error for job in runtime.book) or has_proposal(cls, context)

    def takes(self, context, _event, _job):
        """Esc stops a playing animation first."""
        return not context.screen.is_animation_playing

    @reported
    def execute(self, context):
        if self.job:
            job = runtime.known_job(self.job)
        else:
            job = runtime.shown_job(context) or proposal(context, "")
        runtime.forget([job])
        return {"FINISHED"}
