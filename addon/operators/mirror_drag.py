from __future__ import annotations

import bpy

from ..scene.parts import active_part
from . import ids
from .reports import allowed, chosen_part, reported

axes = ("X", "Y", "Z")


class MirrorDrag(bpy.types.Operator):
    """Add the mirror image of the selected drag; on another marked part it becomes that part's"""

    bl_idname = ids.mirror_drag
    bl_label = "Mirror Drag"
    bl_options = {"REGISTER", "UNDO"}

    axis: bpy.props.EnumProperty(
        name="Axis",
        description="Axis of the topmost object along which the sides are swapped",
        items=tuple((axis, axis, f"Along the body's {axis} axis") for axis in axes),
    )
    about: bpy.props.EnumProperty(
        name="About",
        items=(
            ("MIDDLE", "Middle", "The middle of the body with all that belongs to it"),
            ("ORIGIN", "Origin", "The topmost object's origin"),
        ),
    )

    @classmethod
    def poll(cls, context):
        part = active_part(context.active_object)
        return allowed(cls, part and part.drags, "The active part has no drag")

    @reported
    def execute(self, context):
        from ..scene.mirroring import mirror_drag
        from ..scene.pulled import activate

        obj, part = chosen_part(context)
        to, theirs, _ = mirror_drag(
            obj, part, part.drag_index, axes.index(self.axis), self.about == "ORIGIN"
        )
        activate(context, to, theirs)
        where = "the same part" if theirs.uid == part.uid else "the part on the other side"
        self.report({"INFO"}, f"The mirrored drag is on '{theirs.name}', {where}.")
        return {"FINISHED"}

    def invoke(self, context, event):
        """Let the axis be chosen where none was given."""
        if self.properties.is_property_set("axis"):
            return self.execute(context)
        context.window_manager.popup_menu(_draw_axes, title="Mirror Drag")
        return {"INTERFACE"}


def _draw_axes(menu, _context):
    menu.layout.operator_enum(ids.mirror_drag, "axis")
