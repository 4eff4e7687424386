from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..scene import trajectories
from . import ids
from .asking import Asking
from .reports import allowed, reported

if TYPE_CHECKING:
    from ..handles import AnimateHandle

missing = "Select a trajectory, or an object that has one, first"


class Animate(Asking, bpy.types.Operator):
    """Ask the backend how this moves along its trajectory; of several, who comes later gives way"""

    bl_idname = ids.animate
    bl_label = "Animate"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        curve = trajectories.shown(context)
        return allowed(cls, curve, missing) and allowed(
            cls, trajectories.target_of(curve), "Choose what moves along the trajectory first"
        )

    @reported
    def execute(self, context):
        """Ask, and wait until the proposal is ready for Accept (for scripts)."""
        for note in self.asked(context).result().notes:
            self.report({"INFO"}, note)
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> AnimateHandle:
        from .. import animations
        from ..handles import AnimateHandle

        return AnimateHandle(animations.ask(animations.selected(context)))
