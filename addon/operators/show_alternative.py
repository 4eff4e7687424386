from __future__ import annotations

import bpy

from .. import runtime
from ..tools.deciding import is_over
from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported


class ShowAlternative(ByKey, bpy.types.Operator):
    """Show another of the proposed joints; what was corrected is dropped"""

    bl_idname = ids.show_alternative
    bl_label = "Show Alternative"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")
    index: bpy.props.IntProperty(description="Which alternative; -1 to step", default=-1)
    step: bpy.props.IntProperty(
        description="How far to step from the one on show", default=1, options={"SKIP_SAVE"}
    )
    at_mouse: bpy.props.BoolProperty(
        description="Only with the mouse over what is shown", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @reported
    def execute(self, context):
        job = proposal(context, self.job)
        job.select(self.index if self.index >= 0 else job.next_choice(self.step))
        runtime.book.changed()
        runtime.refresh()
        return {"FINISHED"}

    def takes(self, context, event, job):
        """Leave the wheel to the view where the mouse is not over what is shown."""
        mouse = event.mouse_region_x, event.mouse_region_y
        return not self.at_mouse or is_over(context, job, mouse)
