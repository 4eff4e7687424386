from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import has_proposal, proposal, reported


class ShowAlternative(bpy.types.Operator):
    """Show another of the proposed joints"""

    bl_idname = ids.show_alternative
    bl_label = "Show Alternative"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")
    index: bpy.props.IntProperty(description="Which alternative; -1 to step", default=-1)
    step: bpy.props.IntProperty(description="How far to step from the one on show", default=1)

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @reported
    def execute(self, context):
        job = proposal(context, self.job)
        job.select(self.index if self.index >= 0 else job.selected + self.step)
        runtime.book.changed()
        runtime.refresh()
        return {"FINISHED"}
