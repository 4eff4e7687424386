from __future__ import annotations

import bpy

from ..scene import animation, trajectories
from . import ids
from .reports import allowed, reported


class RemoveTrajectory(bpy.types.Operator):
    """Take the trajectory away: a curve that was drawn goes, one that was there before stays"""

    bl_idname = ids.remove_trajectory
    bl_label = "Remove"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        reason = "Select a trajectory, or an object that has one, first"
        return allowed(cls, trajectories.shown(context), reason) and allowed(
            cls, context.mode == "OBJECT", "Leave Edit Mode to remove the trajectory"
        )

    @reported
    def execute(self, context):
        obj = trajectories.required(context)
        target = trajectories.target_of(obj)
        drawn, state = obj.tug_trajectory.drawn, animation.state_of(obj)
        if state == "LIVE":
            from .. import animations

            animations.take_out(obj)
        elif state:
            animation.forget(obj)
            self.report({"INFO"}, "The keys that came from it stay.")
        trajectories.remove(obj)
        if drawn and target and target.visible_get():
            target.select_set(True)
            context.view_layer.objects.active = target
        return {"FINISHED"}
