from __future__ import annotations

import bpy

from ..scene import trajectories
from . import ids
from .animate import missing
from .reports import allowed, reported


class AnimateLive(bpy.types.Operator):
    """Have this follow its trajectory by a constraint; every edit shows at once"""

    bl_idname = ids.animate_live
    bl_label = "Animate Live"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        curve = trajectories.shown(context)
        return allowed(cls, curve, missing) and allowed(
            cls, trajectories.target_of(curve), "Choose what moves along the trajectory first"
        )

    @reported
    def execute(self, context):
        from .. import animations

        for note in animations.follow_live(animations.selected(context)):
            self.report({"INFO"}, note)
        return {"FINISHED"}
