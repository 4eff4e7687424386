from __future__ import annotations

import bpy

from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported

ways = (
    ("follow", "Follow", "The limits follow, so that the part goes where it went"),
    ("mirror", "Other Way", "The axis stays, and the part opens to the other side"),
)


class FlipAxis(ByKey, bpy.types.Operator):
    """Turn the axis round. The limits follow: the part goes where it went, by the other sign"""

    bl_idname = ids.flip_axis
    bl_label = "Flip Axis"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")
    limits: bpy.props.EnumProperty(name="Limits", items=ways, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @classmethod
    def description(cls, _context, properties):
        mirrored = properties.limits == "mirror"
        return "Open to the other side of the same axis" if mirrored else cls.__doc__

    @reported
    def execute(self, context):
        from .. import correcting

        job = proposal(context, self.job)
        change = correcting.open_other_way if self.limits == "mirror" else correcting.flip
        change(job)
        manager = context.window_manager  # the ends have changed places; what is open stays open
        manager.tug_open, manager.tug_slide = 1.0 - manager.tug_open, 1.0 - manager.tug_slide
        return {"FINISHED"}
