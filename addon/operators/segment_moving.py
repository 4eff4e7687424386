from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..scene.parts import active_part
from . import ids
from .asking import Asking
from .reports import can_ask, has_drags, reported

if TYPE_CHECKING:
    from .. import api


class SegmentMoving(Asking, bpy.types.Operator):
    """Have a learned model find the faces that move by the active part's drags; marks nothing"""

    bl_idname = ids.segment_moving
    bl_label = "Find What Moves"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        model = context.scene.tug_imagining.model
        return has_drags(cls, context) and can_ask(cls, "segment_moving", model)

    @reported
    def execute(self, context):
        """Ask, and wait for the answer (for scripts)."""
        job = self.asked(context)
        found = job.result().pieces
        self.report({"INFO"}, "Found; mark it as a part." if found else "Nothing moves by that.")
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> api.MovingHandle:
        from .. import api

        obj = context.active_object
        engine = context.scene.tug_imagining.model
        return api.segment_moving(obj, active_part(obj), engine=engine)
