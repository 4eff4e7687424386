from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed


class ClearJobs(bpy.types.Operator):
    """Take all finished jobs off the list, proposals that were not accepted included"""

    bl_idname = ids.clear_jobs
    bl_label = "Clear Finished"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context):
        return allowed(cls, any(job.finished for job in runtime.book), "No job is finished")

    def execute(self, _context):
        runtime.forget([job for job in runtime.book if job.finished])
        return {"FINISHED"}
