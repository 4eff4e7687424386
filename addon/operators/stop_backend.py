from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed


class StopBackend(bpy.types.Operator):
    """Stop the backend that this Blender started; unfinished jobs go on when it runs again"""

    bl_idname = ids.stop_backend
    bl_label = "Stop Backend"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context):
        return allowed(cls, runtime.session().process, "This Blender started no backend")

    def execute(self, _context):
        runtime.disconnect()
        runtime.session().stop_backend()
        runtime.refresh()
        return {"FINISHED"}
