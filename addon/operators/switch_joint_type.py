from __future__ import annotations

import bpy

from ..core.names import kinds, order
from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported

types = tuple((kind, kinds[kind], f"Make it a joint of the type {kind}") for kind in order)


class SwitchJointType(ByKey, bpy.types.Operator):
    """Make it another type of joint: the best found of that type, else one on the same line"""

    bl_idname = ids.switch_joint_type
    bl_label = "Joint Type"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")
    type: bpy.props.EnumProperty(name="Type", items=types, options={"SKIP_SAVE"})
    step: bpy.props.IntProperty(
        description="How far to go on from the present type; 0 takes the type",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @reported
    def execute(self, context):
        from .. import correcting
        from ..core.correcting import next_type

        job = proposal(context, self.job)
        present = correcting.shown(job).type
        kind = next_type(present, self.step) if self.step else self.type
        correcting.retype(job, kind)
        return {"FINISHED"}
