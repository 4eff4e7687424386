from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from . import ids
from .asking import Asking
from .reports import allowed, reported

if TYPE_CHECKING:
    from .. import api


class ArticulateAll(Asking, bpy.types.Operator):
    """Ask the backend for the joints of all parts at once; no learned model is asked"""

    bl_idname = ids.articulate_all
    bl_label = "Articulate All Parts"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.active_object, "Select an object with parts first")

    @reported
    def execute(self, context):
        """Ask, and wait until the proposal is ready for Accept All (for scripts)."""
        job = self.asked(context)
        found = job.result().parts
        self.report({"INFO"}, f"'{job.name}': joints of {len(found)} parts.")
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> api.ObjectHandle:
        from .. import api

        return api.articulate_object(context.active_object)
