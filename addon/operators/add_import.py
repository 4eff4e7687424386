from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class AddImport(bpy.types.Operator):
    """Put a model that was read into the scene"""

    bl_idname = ids.add_import
    bl_label = "Add to Scene"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(description="Id of the job", options={"HIDDEN"})

    @classmethod
    def poll(cls, _context):
        from ..core.jobs import ImportJob

        some = any(isinstance(job, ImportJob) for job in runtime.book)
        return allowed(cls, some, "No model has been read")

    @reported
    def execute(self, _context):
        from ..core.jobs import ImportJob
        from ..handles import ImportHandle

        job = runtime.known_job(self.job)
        if isinstance(job, ImportJob):
            ImportHandle(job).apply()
        return {"FINISHED"}
