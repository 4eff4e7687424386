from __future__ import annotations

import math

import bpy
from mathutils import Euler, Vector

from ..core.sample import height
from . import ids
from .reports import allowed, reported


class AddSample(bpy.types.Operator):
    """Add a small cabinet with a door and drawers to try Tug on"""

    bl_idname = ids.add_sample
    bl_label = "Add Sample Cabinet"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.mode == "OBJECT", "Leave Edit Mode first")

    @reported
    def execute(self, context):
        from ..scene.sample import add_cabinet

        body = add_cabinet(context)
        if context.area and context.area.type == "VIEW_3D":
            _look_at(context.space_data.region_3d, body)
        return {"FINISHED"}


def _look_at(view: bpy.types.RegionView3D, body: bpy.types.Object) -> None:
    """Turn the view to the cabinet's front, a little from the right and above."""
    view.view_perspective = "PERSP"
    view.view_location = body.matrix_world.translation + Vector((0.0, 0.0, height / 2.0))
    view.view_rotation = Euler((math.radians(68.0), 0.0, math.radians(28.0))).to_quaternion()
    view.view_distance = 2.9 * height
