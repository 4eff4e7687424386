from __future__ import annotations

import bpy

from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported


class AskAgain(ByKey, bpy.types.Operator):
    """Ask for the joint again: what is locked stays, the rest is sought anew"""

    bl_idname = ids.ask_again
    bl_label = "Ask Again"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @reported
    def execute(self, context):
        from .. import asking

        job = proposal(context, self.job)
        new = asking.ask_again(job)
        held = ", ".join(new.locked)
        self.report({"INFO"}, f"Asking again; fixed: {held}." if held else "Asking again.")
        return {"FINISHED"}
