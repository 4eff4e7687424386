from __future__ import annotations

import bpy

from ..scene import trajectories
from . import ids
from .reports import allowed, reported


class ReverseTrajectory(bpy.types.Operator):
    """Have the motion go the other way along the curve"""

    bl_idname = ids.reverse_trajectory
    bl_label = "Reverse"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        reason = "Select a trajectory, or an object that has one, first"
        return allowed(cls, trajectories.shown(context), reason)

    @reported
    def execute(self, context):
        trajectories.reverse(trajectories.required(context))
        return {"FINISHED"}
