from __future__ import annotations

import bpy

from ..scene.modes import push_undo
from . import ids
from .reports import reported


class ImportModel(bpy.types.Operator):
    """Read a URDF or MJCF file, and the meshes beside it, as objects with joints"""

    bl_idname = ids.import_model
    bl_label = "Import with Joints"
    bl_options = {"REGISTER"}  # the undo step is made when the objects are there

    filepath: bpy.props.StringProperty(name="File", subtype="FILE_PATH")
    filter_glob: bpy.props.StringProperty(default="*.urdf;*.xml;*.mjcf", options={"HIDDEN"})
    wait: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context, _event):
        """Ask for the file first; the objects come when they have been read."""
        self.wait = bpy.app.background
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @reported
    def execute(self, _context):
        """Read the file, and wait for the objects if wished for (for scripts)."""
        from .. import api, importing

        if not self.wait:
            importing.ask(self.filepath, lands=True)
            return {"FINISHED"}
        job = api.import_model(self.filepath)
        job.apply()
        push_undo(self.bl_label)
        for note in job.notes:
            self.report({"INFO"}, note)
        return {"FINISHED"}


def draw_menu(self: bpy.types.Menu, _context: bpy.types.Context) -> None:
    """Add the formats to File > Import."""
    for label, suffixes in (("URDF", "*.urdf;*.xml"), ("MJCF", "*.xml;*.mjcf")):
        text = f"{label} as Tug Object ({suffixes[1:].partition(';')[0]})"
        self.layout.operator(ids.import_model, text=text).filter_glob = suffixes
