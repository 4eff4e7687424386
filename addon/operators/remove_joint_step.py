from __future__ import annotations

import bpy

from ..scene import trajectories
from . import ids
from .reports import allowed, reported


class RemoveJointStep(bpy.types.Operator):
    """Remove the joint step that is selected in the list"""

    bl_idname = ids.remove_joint_step
    bl_label = "Remove Joint Step"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        curve = trajectories.shown(context)
        return allowed(cls, curve and curve.tug_animation.steps, "There is no joint step")

    @reported
    def execute(self, context):
        settings = trajectories.required(context).tug_animation
        settings.steps.remove(settings.step_index)
        settings.step_index = max(0, min(settings.step_index, len(settings.steps) - 1))
        return {"FINISHED"}
