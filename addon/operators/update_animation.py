from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..scene import animation, trajectories
from . import ids
from .asking import Asking
from .reports import allowed, reported

if TYPE_CHECKING:
    from ..core.jobs import AnimateJob


class UpdateAnimation(Asking, bpy.types.Operator):
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
        from ..handles import AnimateHandle

        job = self.asked(context)
        if job:
            AnimateHandle(job).result()
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> AnimateJob | None:
        from .. import animations

        return animations.update(trajectories.required(context))
