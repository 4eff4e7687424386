from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed


class Disconnect(bpy.types.Operator):
    """Close the connection; running jobs go on in the backend and are found again"""

    bl_idname = ids.disconnect
    bl_label = "Disconnect"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context):
        return allowed(cls, runtime.session().state != "off", "Not connected")

    def execute(self, _context):
        runtime.disconnect()
        runtime.refresh()
        return {"FINISHED"}
