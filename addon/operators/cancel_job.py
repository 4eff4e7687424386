from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class CancelJob(bpy.types.Operator):
    """Cancel this job"""

    bl_idname = ids.cancel_job
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job")

    @classmethod
    def poll(cls, _context):
        return allowed(cls, runtime.book.unfinished(), "No job is running")

    @reported
    def execute(self, _context):
        runtime.session().cancel(runtime.known_job(self.job))
        runtime.refresh()
        return {"FINISHED"}
