from __future__ import annotations

import bpy

from ..scene.parts import active_part, add_drag
from . import ids
from .reports import allowed, reported


class AddDrag(bpy.types.Operator):
    """Add a drag to the active part: where it is pulled, and where to"""

    bl_idname = ids.add_drag
    bl_label = "Add Drag"
    bl_options = {"REGISTER", "UNDO"}

    place: bpy.props.EnumProperty(
        name="Place",
        items=(
            ("normal", "Along the Normal", "From the part's middle, straight out of its surface"),
            ("given", "As Given", "From Start to End"),
        ),
    )
    start: bpy.props.FloatVectorProperty(name="Start", subtype="TRANSLATION")
    end: bpy.props.FloatVectorProperty(name="End", subtype="TRANSLATION")

    @classmethod
    def poll(cls, context):
        return allowed(cls, active_part(context.active_object), "Add a part first")

    @reported
    def execute(self, context):
        from ..scene.shapes import drag_along_normal

        obj = context.active_object
        part = active_part(obj)
        if self.place == "normal":
            start, end = drag_along_normal(obj, part)
        else:
            start, end = self.start, self.end
        add_drag(obj, part, start, end)
        return {"FINISHED"}
