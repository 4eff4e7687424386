from __future__ import annotations

import bpy

from ..scene import trajectories
from . import ids
from .reports import allowed, reported

missing = "Select a trajectory, or an object that has one, first"


class Animate(bpy.types.Operator):
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
        from ..handles import AnimateHandle

        job = AnimateHandle(_ask(context))
        result = job.result()
        for note in result.notes:
            self.report({"INFO"}, note)
        return {"FINISHED"}

    def invoke(self, context, _event):
        """Ask, and return at once; the sidebar shows how it goes."""
        return self.execute(context) if bpy.app.background else self.ask(context)

    @reported
    def ask(self, context):
        _ask(context)
        return {"FINISHED"}


def _ask(context):
    from .. import animations

    return animations.ask(animations.selected(context))
