from __future__ import annotations

import bpy

from . import ids
from .reports import allowed, reported


class ArticulateAll(bpy.types.Operator):
    """Ask the backend for the joints of all parts of the object at once"""

    bl_idname = ids.articulate_all
    bl_label = "Articulate All Parts"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.active_object, "Select an object with parts first")

    @reported
    def execute(self, context):
        """Ask, and wait until the proposal is ready for Accept All (for scripts)."""
        from .. import api

        job = api.articulate_object(context.active_object)
        found = job.result().parts
        self.report({"INFO"}, f"'{job.name}': joints of {len(found)} parts.")
        return {"FINISHED"}

    def invoke(self, context, _event):
        """Ask, and return at once; the sidebar shows how it goes."""
        return self.execute(context) if bpy.app.background else self.ask(context)

    @reported
    def ask(self, context):
        from .. import api

        api.articulate_object(context.active_object)
        return {"FINISHED"}
