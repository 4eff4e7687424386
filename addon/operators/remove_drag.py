from __future__ import annotations

import bpy

from ..scene.parts import active_part, remove_drag
from . import ids
from .reports import allowed, reported


class RemoveDrag(bpy.types.Operator):
    """Remove the selected drag"""

    bl_idname = ids.remove_drag
    bl_label = "Remove Drag"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        part = active_part(context.active_object)
        return allowed(cls, part and part.drags, "The active part has no drag")

    @reported
    def execute(self, context):
        if part := active_part(context.active_object):
            remove_drag(part, part.drag_index)
        return {"FINISHED"}
