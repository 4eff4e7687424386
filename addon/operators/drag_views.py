from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..scene.parts import active_part
from . import ids
from .asking import Asking
from .reports import can_ask, has_drags, reported

if TYPE_CHECKING:
    from ..handles import DraggedHandle


class DragViews(Asking, bpy.types.Operator):
    """Show what a learned model imagines when the active part is pulled by its drags"""

    bl_idname = ids.drag_views
    bl_label = "Show Dragged View"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        model = context.scene.tug_imagining.model
        return has_drags(cls, context) and can_ask(cls, "drag_views", model)

    @reported
    def execute(self, context):
        """Ask, and wait for the pictures (for scripts)."""
        job = self.asked(context)
        job.result()
        for remark in job.remarks:
            self.report({"INFO"}, remark)
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> DraggedHandle:
        from .. import imagining
        from ..handles import DraggedHandle

        settings = context.scene.tug_imagining
        return DraggedHandle(
            imagining.ask(
                context.active_object,
                active_part(context.active_object),
                views=settings.views if settings.source == "AROUND" else 1,
                look=settings.look.lower(),
                source=settings.source,
                engine=settings.model,
            )
        )
