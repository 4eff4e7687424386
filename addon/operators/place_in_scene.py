from __future__ import annotations

import bpy

from . import ids
from .reports import allowed, reported


class PlaceInScene(bpy.types.Operator):
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
        job = _asked(context)
        for placement in job.result().placements:
            self.report({"INFO"}, f"'{placement.name}' stands on {placement.support}.")
        return {"FINISHED"}

    def invoke(self, context, _event):
        """Ask, and return at once; the sidebar shows how it goes."""
        return self.execute(context) if bpy.app.background else self.ask(context)

    @reported
    def ask(self, context):
        _asked(context)
        return {"FINISHED"}


def _asked(context: bpy.types.Context):
    """Ask as the scene's settings say."""
    from .. import api
    from ..protocol.errors import failure
    from ..scene.identity import find

    settings = context.scene.tug_placing
    box = find(settings.box) if settings.wish == "BOX" else None
    if settings.wish == "BOX" and box is None:
        raise failure("bad_input", "No box is chosen; choose a cube empty, or a mesh, as the box.")
    chosen = [obj for obj in context.selected_objects if obj != box]
    at = context.scene.cursor.location if settings.wish == "CURSOR" else None
    return api.place(chosen, at=at, box=box)
