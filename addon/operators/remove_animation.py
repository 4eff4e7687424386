from __future__ import annotations

import bpy

from ..scene import animation, trajectories
from . import ids
from .reports import allowed, reported


class RemoveAnimation(bpy.types.Operator):
    """Take the keys or the constraint out again; what was there before is back"""

    bl_idname = ids.remove_animation
    bl_label = "Remove Animation"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        curve = trajectories.shown(context)
        return allowed(cls, curve and animation.state_of(curve), "Nothing is animated here")

    @reported
    def execute(self, context):
        from .. import animations

        animations.take_out(trajectories.required(context))
        return {"FINISHED"}
