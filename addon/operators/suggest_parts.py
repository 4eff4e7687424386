from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from . import ids
from .asking import Asking
from .reports import allowed, reported

if TYPE_CHECKING:
    from .. import api

most = 16  # more are not looked at one by one


class SuggestParts(Asking, bpy.types.Operator):
    """Have the backend suggest regions of the object that may be parts; marks nothing yet"""

    bl_idname = ids.suggest_parts
    bl_label = "Suggest Parts"
    bl_options = {"REGISTER"}

    prompt: bpy.props.StringProperty(
        name="Prompt", description="Words that rank the suggestions; empty takes the object's"
    )

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.active_object, "Select an object first")

    @reported
    def execute(self, context):
        """Ask, and wait for the list (for scripts)."""
        job = self.asked(context)
        self.report({"INFO"}, f"{len(job.result().proposals)} parts suggested.")
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> api.PartsHandle:
        from .. import api

        obj = context.active_object
        return api.propose_parts(obj, self.prompt or obj.tug.prompt, most=most)
