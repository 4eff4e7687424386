"""What should move: parts, their drags, the prompt, and the button."""

from __future__ import annotations

import bpy

from ..operators import ids
from ..scene.parts import DragSettings, PartSettings, active_part
from ..scene.units import length
from ..tools.viewport import drag_tool, pick_tool
from .words import paragraph

icons = {
    "faces": "FACESEL",
    "vertex_group": "GROUP_VERTEX",
    "material": "MATERIAL",
    "object": "OBJECT_DATA",
    "children": "OUTLINER",
}


class PartList(bpy.types.UIList):
    """Parts of an object"""

    bl_idname = "TUG_UL_parts"

    def draw_item(self, _context, layout, _data, part, _icon, _active, _property):
        from ..scene import joints

        joint = "CON_ROTLIMIT" if joints.find(part.id_data, part) else "BLANK1"
        layout.prop(part, "name", text="", emboss=False, icon=icons[part.source])
        layout.label(text="", icon=joint)


class DragList(bpy.types.UIList):
    """Drags of a part"""

    bl_idname = "TUG_UL_drags"

    def draw_item(self, _context, layout, _data, drag, _icon, _active, _property, index):
        pull = length((drag.world_end - drag.world_start).length)
        layout.label(text=f"Drag {index + 1}: {pull}", icon="EMPTY_SINGLE_ARROW")


class PartsPanel(bpy.types.Panel):
    """Mark a part, pull it, ask for its joint"""

    bl_idname = "TUG_PT_parts"
    bl_label = "Parts"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 3

    def draw(self, context: bpy.types.Context) -> None:
        layout, obj = self.layout, context.active_object
        if obj is None:
            paragraph(layout, context, "Select the object that should get a joint.")
            return
        row = layout.row()
        row.template_list("TUG_UL_parts", "", obj.tug, "parts", obj.tug, "part_index", rows=2)
        _draw_part_buttons(row.column(align=True), context)
        part = active_part(obj)
        if part is None:
            paragraph(
                layout,
                context,
                "Pull what should move with the Drag tool, pick it, add this object or, in Edit "
                "Mode, the faces you selected; or say it in words.",
            )
            _draw_ways(layout, obj)
            return
        _draw_drags(layout, context, part)
        layout.prop(part, "prompt", icon="OUTLINER_OB_FONT")
        button = layout.row()
        button.scale_y = 1.5
        button.operator(ids.articulate_part, icon="CON_ROTLIMIT")
        layout.operator(ids.articulate_all, icon="OUTLINER_OB_ARMATURE")
        draw_control(layout, obj, part)


def _draw_ways(layout: bpy.types.UILayout, obj: bpy.types.Object) -> None:
    """Show the tools and the prompt that find a part, for objects of which none is marked."""
    row = layout.row(align=True)
    row.scale_y = 1.5
    row.operator(ids.use_tool, text="Drag", icon="FORWARD").tool = drag_tool
    _draw_pick_tool(row, "Pick Part")
    layout.prop(obj.tug, "prompt", icon="OUTLINER_OB_FONT")
    button = layout.row()
    button.scale_y = 1.5
    button.operator(ids.articulate_words, icon="CON_ROTLIMIT")
    layout.operator(ids.suggest_parts, icon="VIEWZOOM")


def _draw_pick_tool(layout: bpy.types.UILayout, text: str) -> None:
    """Show the button that takes up the Pick Part tool."""
    layout.operator(ids.use_tool, text=text, icon="EYEDROPPER").tool = pick_tool


def _draw_part_buttons(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    if context.mode == "EDIT_MESH":
        column.operator(ids.add_part, text="", icon="ADD").source = "faces"
    else:
        column.operator_menu_enum(ids.add_part, "source", text="", icon="ADD")
    column.operator(ids.remove_part, text="", icon="REMOVE")
    column.operator(ids.suggest_parts, text="", icon="VIEWZOOM")
    _draw_pick_tool(column, "")
    column.operator(ids.select_part, text="", icon="RESTRICT_SELECT_OFF").job = ""


def _draw_drags(layout: bpy.types.UILayout, context: bpy.types.Context, part: PartSettings) -> None:
    row = layout.row()
    row.template_list("TUG_UL_drags", "", part, "drags", part, "drag_index", rows=2)
    buttons = row.column(align=True)
    buttons.operator(ids.add_drag, text="", icon="ADD").place = "normal"
    some = buttons.column(align=True)
    some.enabled = bool(part.drags)
    some.operator(ids.remove_drag, text="", icon="REMOVE")
    some.operator(ids.duplicate_drag, text="", icon="DUPLICATE")
    some.operator_menu_enum(ids.mirror_drag, "axis", text="", icon="MOD_MIRROR")
    if not 0 <= part.drag_index < len(part.drags):
        paragraph(layout, context, "Pull it with the Drag tool, or add a drag here.")
        return
    header, ends = layout.panel("TUG_drag_ends", default_closed=True)
    header.label(text="Start and End")
    if ends:
        _draw_ends(ends, part.drags[part.drag_index])


def _draw_ends(layout: bpy.types.UILayout, drag: DragSettings) -> None:
    for point in ("start", "end"):
        row = layout.row(align=True)
        row.column().prop(drag, f"world_{point}")
        row.operator(ids.set_drag_point, text="", icon="CURSOR").point = point


def draw_control(layout: bpy.types.UILayout, obj: bpy.types.Object, part: PartSettings) -> None:
    """Show the properties that open and shut the part, on the empty or bone that has them."""
    from ..scene import joints
    from ..scene.drivers import property_name, slide_name

    found = joints.find(obj, part)
    if found is None:
        return
    row = layout.row(align=True)
    holder = found.control.pose.bones[found.bone] if found.bone else found.control
    if property_name in holder:
        row.prop(holder, f'["{property_name}"]', text="Open", slider=True)
    else:
        row.label(text="Does not move", icon="LOCKED")
    row.operator(ids.remove_joint, text="", icon="X")
    if slide_name in holder:
        layout.prop(holder, f'["{slide_name}"]', text="Slide", slider=True)
