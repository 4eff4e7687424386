from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class ShowDraggedView(bpy.types.Operator):
    """Show the picture from another side"""

    bl_idname = ids.show_dragged_view
    bl_label = "Other View"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job")
    step: bpy.props.IntProperty(description="1 for the next one, -1 for the one before", default=1)

    @classmethod
    def poll(cls, _context):
        return allowed(cls, len(runtime.book), "No dragged view is there")

    @reported
    def execute(self, _context):
        from ..core.jobs import DraggedJob

        job = runtime.known_job(self.job)
        if not isinstance(job, DraggedJob):
            return {"CANCELLED"}
        job.select(job.selected + self.step)
        runtime.book.changed()
        runtime.refresh()
        return {"FINISHED"}
