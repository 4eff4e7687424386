"""The tools in the viewport's toolbar, and keys that work without one."""

from __future__ import annotations

import bpy

from .drag import DragTool
from .pick import PickTool
from .place import PlaceTool
from .trajectory import TrajectoryTool

tools: tuple[type[bpy.types.WorkSpaceTool], ...] = (
    PickTool,
    DragTool,
    PlaceTool,
    TrajectoryTool,
)


def register() -> None:
    for number, tool in enumerate(tools):
        bpy.utils.register_tool(tool, separator=number == 0)


def unregister() -> None:
    for tool in reversed(tools):
        bpy.utils.unregister_tool(tool)
