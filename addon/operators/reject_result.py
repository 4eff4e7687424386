from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import has_proposal, proposal, reported


class RejectResult(bpy.types.Operator):
    """Drop this proposal; it leaves nothing behind"""

    bl_idname = ids.reject_result
    bl_label = "Reject"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")

    @classmethod
    def poll(cls, context):
        return any(job.result for job in runtime.book) or has_proposal(cls, context)

    @reported
    def execute(self, context):
        job = runtime.known_job(self.job) if self.job else proposal(context, "")
        runtime.forget([job])
        return {"FINISHED"}
