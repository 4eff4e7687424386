from __future__ import annotations

import bpy

from ..scene.parts import add_part, sources
from . import ids
from .reports import allowed, reported


class AddPart(bpy.types.Operator):
    """Add a part of the active object: what should move"""

    bl_idname = ids.add_part
    bl_label = "Add Part"
    bl_options = {"REGISTER", "UNDO"}

    source: bpy.props.EnumProperty(name="Part Is", items=sources, default="object")
    source_name: bpy.props.StringProperty(
        name="Name of It",
        description="Vertex group or material; empty takes the active one",
    )
    name: bpy.props.StringProperty(name="Name", description="What to call the part")
    prompt: bpy.props.StringProperty(name="Prompt", description="What it is and how it moves")

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.active_object, "Select an object first")

    @reported
    def execute(self, context):
        obj = context.active_object
        source_name = self.source_name or _active_name(obj, self.source)
        add_part(obj, self.source, self.name, source_name=source_name, prompt=self.prompt)
        return {"FINISHED"}


def _active_name(obj: bpy.types.Object, source: str) -> str:
    if source == "vertex_group" and obj.vertex_groups.active:
        return obj.vertex_groups.active.name
    if source == "material" and obj.active_material:
        return obj.active_material.name
    return ""
