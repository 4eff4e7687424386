from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..scene.parts import active_part
from . import ids
from .asking import Asking
from .reports import allowed, can_articulate, reported

if TYPE_CHECKING:
    from .. import api


class ArticulatePart(Asking, bpy.types.Operator):
    """Ask the backend for the joint of the active part"""

    bl_idname = ids.articulate_part
    bl_label = "Articulate Part"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        return allowed(
            cls,
            active_part(context.active_object),
            "Add a part first: select its faces in edit mode, or pick its object, then Add Part",
        ) and can_articulate(cls, context)

    @reported
    def execute(self, context):
        """Ask, and wait until the proposal is ready for Accept (for scripts)."""
        job = self.asked(context)
        job.result()
        best = job.alternatives()[0]
        self.report({"INFO"}, f"'{job.name}': {best.type}, confidence {best.confidence:.0%}.")
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> api.JointHandle:
        from .. import api
        from ..scene.imagination import evidence_of

        evidence = evidence_of(context.scene.tug_imagining)
        obj = context.active_object
        return api.articulate(obj, active_part(obj), evidence=evidence)
