"""The Trajectory tool of the viewport's toolbar."""

from __future__ import annotations

import bpy

from ..operators import ids
from .viewport import icon


class TrajectoryTool(bpy.types.WorkSpaceTool):
    """Draw the way that something takes"""

    bl_space_type = "VIEW_3D"
    bl_context_mode = "OBJECT"
    bl_idname = "tug.trajectory"
    bl_label = "Trajectory"
    bl_description = (
        "Draw the way that the selected object takes: press and draw freehand,\n"
        "or click point after point"
    )
    bl_icon = icon("tug.trajectory")
    bl_cursor = "CROSSHAIR"
    bl_keymap = ((ids.draw_trajectory, {"type": "LEFTMOUSE", "value": "PRESS"}, None),)

    @staticmethod
    def draw_settings(_context, layout, tool):
        """Show where a stroke goes, in the header."""
        settings = tool.operator_properties(ids.draw_trajectory)
        for name in ("placement", "offset", "smoothing"):
            layout.prop(settings, name)
