from __future__ import annotations

import bpy

from . import ids
from .reports import allowed, reported


class UseTool(bpy.types.Operator):
    """Take this tool from the toolbar"""

    bl_idname = ids.use_tool
    bl_label = "Use Tool"
    bl_options = {"INTERNAL"}

    tool: bpy.props.StringProperty(description="Id of the tool")

    @classmethod
    def poll(cls, context):
        return allowed(
            cls, context.mode == "OBJECT", "The tools work in Object Mode: leave Edit Mode"
        )

    @classmethod
    def description(cls, _context, properties):
        return f"Take the tool {properties.tool.partition('.')[2].capitalize()} from the toolbar"

    @reported
    def execute(self, context):
        bpy.ops.wm.tool_set_by_id(name=self.tool)
        context.area.tag_redraw()
        return {"FINISHED"}
