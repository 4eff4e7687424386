from __future__ import annotations

import bpy

from . import ids


class CopyText(bpy.types.Operator):
    """Copy this text to the clipboard"""

    bl_idname = ids.copy_text
    bl_label = "Copy"
    bl_options = {"INTERNAL"}

    text: bpy.props.StringProperty()

    def execute(self, context):
        context.window_manager.clipboard = self.text
        self.report({"INFO"}, "Copied.")
        return {"FINISHED"}
