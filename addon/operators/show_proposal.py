from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import has_suggestions, reported, suggestions


class ShowProposal(bpy.types.Operator):
    """Show where this suggested part is"""

    bl_idname = ids.show_proposal
    bl_label = "Show Suggested Part"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active object's")
    index: bpy.props.IntProperty(description="Which one, in the order of the list")

    @classmethod
    def poll(cls, context):
        return has_suggestions(cls, context)

    @reported
    def execute(self, context):
        suggestions(context, self.job).select(self.index)
        runtime.book.changed()
        runtime.refresh()
        return {"FINISHED"}
