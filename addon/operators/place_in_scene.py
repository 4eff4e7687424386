from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from . import ids
from .asking import Asking
from .reports import allowed, reported

if TYPE_CHECKING:
    from ..handles import PlaceHandle


class PlaceInScene(Asking, bpy.types.Operator):
    """Find where the selected objects stand on what is around them; it is shown first"""

    bl_idname = ids.place_in_scene
    bl_label = "Place in Scene"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.selected_objects, "Select what should be placed first")

    @reported
    def execute(self, context):
        """Ask, and wait until the place is ready for Accept (for scripts)."""
        job = self.asked(context)
        for placement in job.result().placements:
            self.report({"INFO"}, f"'{placement.name}' stands on {placement.support}.")
        return {"FINISHED"}

    def asked(self, context: bpy.types.Context) -> PlaceHandle:
        """Ask as the scene's settings say."""
        from .. import api
        from ..protocol.errors import failure
        from ..scene.identity import find

        settings = context.scene.tug_placing
        box = find(settings.box) if settings.wish == "BOX" else None
        if settings.wish == "BOX" and box is None:
            raise failure(
                "bad_input", "No box is chosen; choose a cube empty, or a mesh, as the box."
            )
        chosen = [obj for obj in context.selected_objects if obj != box]
        at = context.scene.cursor.location if settings.wish == "CURSOR" else None
        return api.place(chosen, at=at, box=box)
