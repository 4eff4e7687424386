from __future__ import annotations

import bpy

from .. import runtime
from . import ids


class HideFirstSteps(bpy.types.Operator):
    """Hide the first steps; the add-on's preferences bring them back"""

    bl_idname = ids.hide_first_steps
    bl_label = "Hide First Steps"
    bl_options = {"INTERNAL"}

    def execute(self, _context):
        if preferences := runtime.preferences():
            preferences.first_steps = False
        runtime.redraw()
        return {"FINISHED"}
