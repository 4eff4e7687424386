from __future__ import annotations

import bpy

from . import ids
from .reports import has_suggestions, reported, suggestions


class MarkProposal(bpy.types.Operator):
    """Mark this suggestion as a part"""

    bl_idname = ids.mark_proposal
    bl_label = "Mark as Part"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means the active object's", options={"HIDDEN"}
    )
    index: bpy.props.IntProperty(
        name="Index", description="Which one; -1 for the one on show", default=-1
    )

    @classmethod
    def poll(cls, context):
        return has_suggestions(cls, context)

    @reported
    def execute(self, context):
        from .. import proposals

        job = suggestions(context, self.job)
        obj, part = proposals.mark(job, self.index if self.index >= 0 else job.selected)
        context.view_layer.objects.active = obj
        self.report({"INFO"}, f"'{part.name}' is a part of '{obj.name}' now.")
        return {"FINISHED"}
