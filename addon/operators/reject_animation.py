from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .motion import ByMotionKey, has_motion, motion
from .reports import reported


class RejectAnimation(ByMotionKey, bpy.types.Operator):
    """Drop this motion; it leaves nothing behind"""

    bl_idname = ids.reject_animation
    bl_label = "Reject"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means that of the trajectory on show"
    )

    @classmethod
    def poll(cls, _context):
        return has_motion(cls)

    def is_waiting(self, context):
        """Esc stops a playing animation first."""
        return super().is_waiting(context) and not context.screen.is_animation_playing

    @reported
    def execute(self, context):
        runtime.forget([motion(context, self.job)])
        return {"FINISHED"}
