from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .placement import ByPlacementKey, has_placement, placement
from .reports import reported


class RejectPlacement(ByPlacementKey, bpy.types.Operator):
    """Drop this place; it leaves nothing behind"""

    bl_idname = ids.reject_placement
    bl_label = "Reject"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the newest")

    @classmethod
    def poll(cls, context):
        return has_placement(cls, context)

    def is_waiting(self, context):
        """Esc stops a playing animation first."""
        return super().is_waiting(context) and not context.screen.is_animation_playing

    @reported
    def execute(self, _context):
        runtime.forget([placement(self.job)])
        return {"FINISHED"}
