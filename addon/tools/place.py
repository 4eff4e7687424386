"""The Place tool: click where the active object should stand."""

from __future__ import annotations

import bpy

from ..operators import ids
from .viewport import icon, place_tool


class PlaceTool(bpy.types.WorkSpaceTool):
    """What Blender reads of the tool; see `operators.place_at` for what it does."""

    bl_space_type = "VIEW_3D"
    bl_context_mode = "OBJECT"
    bl_idname = place_tool
    bl_label = "Place"
    bl_description = (
        "Press where the active object should stand, drag to turn it, let go.\n"
        "Where it comes to stand exactly is shown first"
    )
    bl_icon = icon(place_tool)
    bl_cursor = "CROSSHAIR"
    bl_keymap = ((ids.place_at, {"type": "LEFTMOUSE", "value": "PRESS"}, None),)

    @staticmethod
    def draw_settings(context, layout, _tool):
        obj = context.active_object
        if obj is None:
            layout.label(text="Select what should be placed")
            return
        layout.label(text=f"Place: {obj.name}")
        for name in ("upright", "against_wall"):
            layout.prop(obj.tug_placing, name)
