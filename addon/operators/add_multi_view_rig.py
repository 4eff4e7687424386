from __future__ import annotations

import bpy

from . import ids
from .reports import reported


class AddMultiViewRig(bpy.types.Operator):
    """Add cameras around the motion that frame all of it, in the collection Tug Views"""

    bl_idname = ids.add_multi_view_rig
    bl_label = "Add Multi-View Rig"
    bl_options = {"REGISTER"}  # the undo step is made when the cameras are there

    wait: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context, _event):
        """Ask, and return at once; the cameras come when the backend has framed the motion."""
        self.wait = bpy.app.background
        return self.execute(context)

    @reported
    def execute(self, context):
        """Ask, and wait for the cameras if wished for (for scripts)."""
        from .. import views
        from ..handles import ControlsHandle

        settings = context.scene.tug_views
        objs = context.selected_objects if settings.selected else None
        job = ControlsHandle(views.ask(objs, layers=(), builds=True, unclear=settings.unclear))
        if self.wait:
            job.result()
            for note in job.notes:
                self.report({"INFO"}, note)
        return {"FINISHED"}
