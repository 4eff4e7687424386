"""The connection, where the first steps do not show it."""

from __future__ import annotations

import bpy

from .connection import draw_connection
from .start import shows_connection


class BackendPanel(bpy.types.Panel):
    """The backend that computes"""

    bl_idname = "TUG_PT_backend"
    bl_label = "Backend"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 1

    @classmethod
    def poll(cls, context):
        return not shows_connection(context)

    def draw(self, context: bpy.types.Context) -> None:
        draw_connection(self.layout, context)
