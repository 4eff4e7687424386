from __future__ import annotations

import bpy

from . import ids
from .reports import allowed, reported

formats = (
    ("urdf", "URDF", "Links and joints for robots and simulators, with meshes beside it"),
    ("mjcf", "MJCF", "A MuJoCo model, with meshes beside it"),
    ("usd", "USD", "A stage with physics joints (UsdPhysics)"),
    ("glb", "Animated glTF", "One binary file that plays the opening"),
)


class ExportModel(bpy.types.Operator):
    """Write the active object with all its joints for another program"""

    bl_idname = ids.export_model
    bl_label = "Export with Joints"
    bl_options = {"REGISTER"}

    filepath: bpy.props.StringProperty(name="File", subtype="FILE_PATH")
    format: bpy.props.EnumProperty(name="Format", items=formats, default="urdf")
    filter_glob: bpy.props.StringProperty(default="*.urdf;*.xml;*.usda;*.glb", options={"HIDDEN"})
    wait: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.active_object, "Select an object with joints first")

    def invoke(self, context, _event):
        """Ask for the file first; the sidebar then shows how it goes."""
        from ..exporting import suffixes

        self.wait = bpy.app.background
        self.filepath = bpy.path.clean_name(context.active_object.name) + suffixes[self.format]
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, _context):
        """Keep the suffix that goes with the format."""
        from ..exporting import suffixes

        kept = bpy.path.ensure_ext(_without_suffix(self.filepath), suffixes[self.format])
        changed, self.filepath = kept != self.filepath, kept
        return changed

    @reported
    def execute(self, context):
        """Ask, and wait until the files are written if wished for (for scripts)."""
        from .. import api

        job = api.export(context.active_object, self.filepath, self.format)
        if self.wait:
            job.result()
            for note in job.notes:
                self.report({"INFO"}, note)
        return {"FINISHED"}


def _without_suffix(path: str) -> str:
    from ..exporting import suffixes

    known = [suffix for suffix in suffixes.values() if path.lower().endswith(suffix)]
    return path[: -len(known[0])] if known else path


def draw_menu(self: bpy.types.Menu, _context: bpy.types.Context) -> None:
    """Add the formats to File > Export."""
    from ..exporting import suffixes

    for name, label, _ in formats:
        text = f"{label} with Joints, Tug ({suffixes[name]})"
        self.layout.operator(ids.export_model, text=text).format = name
