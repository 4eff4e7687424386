from __future__ import annotations

import bpy

from ..scene import timing, trajectories
from . import ids
from .animate import missing
from .reports import allowed, reported


class AddTimeHandle(bpy.types.Operator):
    """Add a time handle at the present frame: a key of the curve, to be moved on the timeline"""

    bl_idname = ids.add_time_handle
    bl_label = "Add Time Handle"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return allowed(cls, trajectories.shown(context), missing)

    @reported
    def execute(self, context):
        curve = trajectories.required(context)
        timing.add_key(curve, context.scene.frame_current, *trajectories.span_of(curve))
        return {"FINISHED"}
