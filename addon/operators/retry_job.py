from __future__ import annotations

import bpy

from .. import api, runtime
from . import ids
from .reports import allowed, reported


class RetryJob(bpy.types.Operator):
    """Ask again, with the part as it is now"""

    bl_idname = ids.retry_job
    bl_label = "Try Again"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job")

    @classmethod
    def poll(cls, _context):
        return allowed(cls, any(job.error for job in runtime.book), "No job has failed")

    @reported
    def execute(self, _context):
        job = runtime.known_job(self.job)
        api.articulate(*runtime.target(job))
        runtime.forget([job])
        return {"FINISHED"}
