from __future__ import annotations

import bpy

from ..scene import animation, trajectories
from . import ids
from .reports import allowed, reported


class UpdateAnimation(bpy.types.Operator):
    """Bring the animation up to date with its curve, timing, settings and markers"""

    bl_idname = ids.update_animation
    bl_label = "Update"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        curve = trajectories.shown(context)
        return allowed(
            cls,
            curve and animation.state_of(curve),
            "Nothing is animated here; press Animate first",
        )

    @reported
    def execute(self, context):
        """Ask, and wait until the new keys are in place (for scripts)."""
        from .. import animations
        from ..handles import AnimateHandle

        job = animations.update(trajectories.required(context))
        if job:
            AnimateHandle(job).result()
        return {"FINISHED"}

    def invoke(self, context, _event):
        """Ask, and return at once; the keys are replaced when the answer comes."""
        return self.execute(context) if bpy.app.background else self.ask(context)

    @reported
    def ask(self, context):
        from .. import animations

        animations.update(trajectories.required(context))
        return {"FINISHED"}
