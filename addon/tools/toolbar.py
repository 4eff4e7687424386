"""The tools in the viewport's toolbar, and keys that work without one."""

from __future__ import annotations

import bpy

from .pick import PickTool

tools: tuple[type[bpy.types.WorkSpaceTool], ...] = (PickTool,)


def is_ours(context: bpy.types.Context) -> bool:
    """Return whether a tool of ours is the viewport's."""
    tool = context.workspace.tools.from_space_view3d_mode(context.mode, create=False)
    return bool(tool and tool.idname.startswith("tug."))


def register() -> None:
    for number, tool in enumerate(tools):
        bpy.utils.register_tool(tool, separator=number == 0)


def unregister() -> None:
    for tool in reversed(tools):
        bpy.utils.unregister_tool(tool)
