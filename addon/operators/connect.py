from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported

if TYPE_CHECKING:
    from ..core.session import Session


class Connect(bpy.types.Operator):
    """Connect to the backend; in the managed mode, start it if none is running"""

    bl_idname = ids.connect
    bl_label = "Connect"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context):
        return allowed(cls, not runtime.session().connected, "Already connected")

    @reported
    def execute(self, _context):
        """Wait for the outcome (for scripts)."""
        session = _connect()
        session.wait(lambda: session.connected or session.hopeless, timeout=60.0)
        if not session.connected:
            self.report({"ERROR"}, session.reason)
            return {"CANCELLED"}
        return {"FINISHED"}

    def invoke(self, context, _event):
        if bpy.app.background:
            return self.execute(context)
        _connect()
        return {"FINISHED"}


def _connect() -> Session:
    runtime.use(runtime.settings_from_preferences())
    return runtime.connect()
