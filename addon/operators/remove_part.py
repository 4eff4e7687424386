from __future__ import annotations

import bpy

from ..scene.parts import active_part, remove_part
from . import ids
from .reports import allowed, reported


class RemovePart(bpy.types.Operator):
    """Remove the active part and its drags from the list; meshes and joints stay"""

    bl_idname = ids.remove_part
    bl_label = "Remove Part"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return allowed(cls, active_part(context.active_object), "No part is selected")

    @reported
    def execute(self, context):
        remove_part(context.active_object, active_part(context.active_object))
        return {"FINISHED"}
