from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from . import ids
from .asking import Asking
from .reports import allowed, can_articulate, reported

if TYPE_CHECKING:
    from .. import proposals


class ArticulateWords(Asking, bpy.types.Operator):
    """Find the part that the prompt means, mark it, and ask for its joint"""

    bl_idname = ids.articulate_words
    bl_label = "Articulate"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        obj = context.active_object
        if not allowed(cls, obj and obj.tug.prompt, "Say what should move, such as: open the door"):
            return False
        return can_articulate(cls, context)

    @reported
    def execute(self, context):
        """Ask, and wait until the proposal is ready for Accept (for scripts)."""
        from ..handles import JointHandle

        job = JointHandle(self.asked(context))
        job.result()
        for remark in job.remarks[:1]:
            self.report({"INFO"}, remark)
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> proposals.PartsJob:
        from .. import proposals
        from ..scene.imagination import evidence_of

        obj, evidence = context.active_object, evidence_of(context.scene.tug_imagining)
        return proposals.ask_by_words(obj, obj.tug.prompt, evidence=evidence)
