from __future__ import annotations

import bpy

from . import ids
from .reports import reported


class RenderControls(bpy.types.Operator):
    """Write what the views see of the motion: tracks, depth, masks, flow, as files"""

    bl_idname = ids.render_controls
    bl_label = "Render Controls"
    bl_options = {"REGISTER"}

    directory: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH")
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    wait: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context, _event):
        """Ask for the folder first; the sidebar then shows how it goes."""
        self.wait = bpy.app.background
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @reported
    def execute(self, context):
        """Ask, and wait until the files are written if wished for (for scripts)."""
        from .. import api
        from ..protocol.errors import failure

        if not self.directory:
            raise failure("bad_input", "No folder is named; choose where the files should go.")
        settings = context.scene.tug_views
        job = api.render_controls(
            context.selected_objects if settings.selected else None,
            cameras=_cameras(context),
            layers=sorted(settings.layers),
            folder=self.directory,
            size=_size(settings),
            fastest=settings.fastest,
            unclear=settings.unclear,
        )
        if self.wait:
            job.result()
            for note in job.notes:
                self.report({"INFO"}, note)
        return {"FINISHED"}


def _cameras(context: bpy.types.Context):
    from ..protocol.errors import failure
    from ..scene.cameras import views_of

    match context.scene.tug_views.source:
        case "VIEWS":
            found = views_of(context.scene)
            if not found:
                raise failure("bad_input", "There are no Tug Views; press Add Multi-View Rig.")
            return found
        case "CAMERA":
            if context.scene.camera is None:
                raise failure("bad_input", "The scene has no active camera; choose one.")
            return [context.scene.camera]
        case _:
            return "rig"


def _size(settings: bpy.types.PropertyGroup) -> tuple[int, int] | None:
    """Return the size of the pictures; the scene's own of its camera."""
    return None if settings.source == "CAMERA" else (settings.width, settings.height)
