"""The Drag tool: press on a part and pull it."""

from __future__ import annotations

import bpy

from ..operators import ids
from .drag_handles import DragHandles
from .viewport import drag_tool, icon


class DragTool(bpy.types.WorkSpaceTool):
    """What Blender reads of the tool; see `operators.draw_drag` for what it does."""

    bl_space_type = "VIEW_3D"
    bl_context_mode = "OBJECT"
    bl_idname = drag_tool
    bl_label = "Drag"
    bl_description = (
        "Press on a part and pull it to where it should go.\n"
        "Its ends can be moved; X removes the active drag, Shift D copies it, Ctrl M mirrors it"
    )
    bl_icon = icon(drag_tool)
    bl_cursor = "CROSSHAIR"
    bl_widget = DragHandles.bl_idname
    bl_keymap = (
        (ids.draw_drag, {"type": "LEFTMOUSE", "value": "PRESS"}, None),
        (ids.draw_drag, {"type": "LEFTMOUSE", "value": "PRESS", "ctrl": True}, None),
        (ids.remove_drag, {"type": "X", "value": "PRESS"}, None),
        (ids.remove_drag, {"type": "DEL", "value": "PRESS"}, None),
        (ids.duplicate_drag, {"type": "D", "value": "PRESS", "shift": True}, None),
        (ids.mirror_drag, {"type": "M", "value": "PRESS", "ctrl": True}, None),
    )

    @staticmethod
    def draw_settings(context, layout, _tool):
        obj = context.active_object
        part = obj and 0 <= obj.tug.part_index < len(obj.tug.parts)
        if part:
            layout.label(text=f"Part: {obj.tug.parts[obj.tug.part_index].name}")
        layout.operator(ids.duplicate_drag, text="", icon="DUPLICATE")
        layout.operator_menu_enum(ids.mirror_drag, "axis", text="", icon="MOD_MIRROR")
        layout.operator(ids.remove_drag, text="", icon="X")
