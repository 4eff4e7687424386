from __future__ import annotations

import bpy

from ..scene.parts import active_part
from . import ids
from .reports import allowed, reported


class SetDragPoint(bpy.types.Operator):
    """Put this end of the drag where the 3D cursor is"""

    bl_idname = ids.set_drag_point
    bl_label = "From 3D Cursor"
    bl_options = {"REGISTER", "UNDO"}

    point: bpy.props.EnumProperty(name="Point", items=(("start", "Start", ""), ("end", "End", "")))

    @classmethod
    def poll(cls, context):
        part = active_part(context.active_object)
        return allowed(cls, part and part.drags, "Add a drag first")

    @reported
    def execute(self, context):
        if part := active_part(context.active_object):
            drag = part.drags[part.drag_index]
            setattr(drag, f"world_{self.point}", context.scene.cursor.location)
        return {"FINISHED"}
