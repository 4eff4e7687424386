from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class AddTextures(bpy.types.Operator):
    """Put textures that were baked onto their objects, where that could not be done by itself"""

    bl_idname = ids.add_textures
    bl_label = "Add to Object"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(description="Id of the job", options={"HIDDEN"})

    @classmethod
    def poll(cls, context):
        if not allowed(cls, context.mode == "OBJECT", "Go to Object Mode to add textures"):
            return False
        from ..core.jobs import BakeJob

        some = any(isinstance(job, BakeJob) and job.result for job in runtime.book)
        return allowed(cls, some, "No texture has been baked")

    @reported
    def execute(self, _context):
        from .. import baking
        from ..core.jobs import BakeJob

        job = runtime.known_job(self.job)
        if isinstance(job, BakeJob) and not job.made:
            baking.put_into_scene(job)
            runtime.refresh()
        return {"FINISHED"}
