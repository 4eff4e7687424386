from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class RetryJob(bpy.types.Operator):
    """Ask again, about the scene as it is now"""

    bl_idname = ids.retry_job
    bl_label = "Try Again"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job")

    @classmethod
    def poll(cls, _context):
        return allowed(cls, any(job.error for job in runtime.book), "No job has failed")

    @reported
    def execute(self, _context):
        from .. import arrivals

        job = runtime.known_job(self.job)
        arrivals.again(job)
        runtime.forget([job])
        return {"FINISHED"}
