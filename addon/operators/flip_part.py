from __future__ import annotations

import bpy

from .. import runtime
from ..tools.deciding import part_under
from . import ids
from .by_key import ByKey
from .reports import has_whole_proposal, reported, whole_proposal


class FlipPart(ByKey, bpy.types.Operator):
    """Show another of the joints that were found for this part"""

    bl_idname = ids.flip_part
    bl_label = "Another Joint"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active object's")
    part: bpy.props.IntProperty(description="Which part, in the order of the list")
    step: bpy.props.IntProperty(
        description="How far to step from the one on show", default=1, options={"SKIP_SAVE"}
    )

    decides_on = ("articulate_object",)

    @classmethod
    def poll(cls, context):
        return has_whole_proposal(cls, context)

    @reported
    def execute(self, context):
        job = whole_proposal(context, self.job)
        _, uid = job.parts[self.part % len(job.parts)]
        job.select(self.part, job.selected.get(uid, 0) + self.step)
        runtime.book.changed()
        runtime.refresh()
        return {"FINISHED"}

    def takes(self, context, event, job):
        """Take the part under the mouse; where there is none, leave the key to the view."""
        part = part_under(context, job, (event.mouse_region_x, event.mouse_region_y))
        if part is not None:
            self.part, self.job = part, job.id
        return part is not None
