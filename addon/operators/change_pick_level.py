from __future__ import annotations

import bpy

from ..scene.identity import by_number
from ..tools import hover, looks
from . import ids


class ChangePickLevel(bpy.types.Operator):
    """Take more or less of what is under the mouse: from what moves to the whole object"""

    bl_idname = ids.change_pick_level
    bl_label = "Change Pick Level"
    bl_options = {"INTERNAL"}

    step: bpy.props.IntProperty(name="Step", description="1 for more, -1 for less", default=1)

    def invoke(self, context, _event):
        """Leave the key to Blender where nothing is highlighted."""
        here = hover.shown()
        obj = by_number(here.number) if here and here.look else None
        if obj is None:
            return {"PASS_THROUGH"}
        return self._change(context, obj)

    def execute(self, context):
        if context.active_object is None:
            return {"CANCELLED"}
        return self._change(context, context.active_object)

    def _change(self, context, obj):
        manager = context.window_manager
        manager.tug_pick_level = looks.at(obj).next_level(manager.tug_pick_level, self.step)
        return {"FINISHED"}
