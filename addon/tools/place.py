"""The Place tool: click where the active object should stand."""

from __future__ import annotations

import bpy

from ..operators import ids
from .footprint import Footprint
from .viewport import icon, of_context, place_tool

_footprint: Footprint | None = None
_shown_of: tuple[object, ...] = ()  # what the footprint was made of


class PlaceTool(bpy.types.WorkSpaceTool):
    """What Blender reads of the tool; see `operators.place_at` for what it does."""

    bl_space_type = "VIEW_3D"
    bl_context_mode = "OBJECT"
    bl_idname = place_tool
    bl_label = "Place"
    bl_description = (
        "Press where the active object should stand, drag to turn it, let go.\n"
        "Where it comes to stand exactly is shown first"
    )
    bl_icon = icon(place_tool)
    bl_cursor = "CROSSHAIR"
    bl_widget = "TUG_GGT_place"
    bl_keymap = ((ids.place_at, {"type": "LEFTMOUSE", "value": "PRESS"}, None),)

    @staticmethod
    def draw_settings(context, layout, _tool):
        obj = context.active_object
        if obj is None:
            layout.label(text="Select what should be placed")
            return
        layout.label(text=f"Place: {obj.name}")
        for name in ("upright", "against_wall"):
            layout.prop(obj.tug_placing, name)


class PlaceGizmo(bpy.types.Gizmo):
    """Blender asks it at each move of the mouse; it shows where a click would place"""

    bl_idname = "TUG_GT_place"

    def draw(self, context):
        if _footprint and self.is_highlight and not _is_placing(context):
            _footprint.draw()

    def test_select(self, context, location):
        seen, shown = of_context(context), _footprint_of(context)
        if seen is None or shown is None or _is_placing(context):
            return -1
        shown.hover(context, seen, tuple(location))
        context.region.tag_redraw()
        return -1 if shown.spot is None else 0


class PlaceGizmos(bpy.types.GizmoGroup):
    """Belongs to the tool, comes and goes with it"""

    bl_idname = PlaceTool.bl_widget
    bl_label = "Place"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"3D"}

    @classmethod
    def setup_keymap(cls, keyconfig):
        """Take no events from the tool's own key."""
        keymap = keyconfig.keymaps.new(cls.bl_label, space_type="VIEW_3D", region_type="WINDOW")
        keymap.keymap_items.new(ids.place_at, "F24", "PRESS", any=True)
        return keymap

    def setup(self, _context):
        _forget()  # the mesh may have been edited since the tool was last in use
        gizmo = self.gizmos.new(PlaceGizmo.bl_idname)
        gizmo.use_select_background = True
        gizmo.use_tooltip = False


def _is_placing(context: bpy.types.Context) -> bool:
    return any(op.bl_idname == "TUG_OT_place_at" for op in context.window.modal_operators)


def _footprint_of(context: bpy.types.Context) -> Footprint | None:
    """Return the footprint of the active object as it is now; None where it has no faces."""
    from ..protocol.errors import TugError

    global _footprint, _shown_of
    obj = context.active_object
    if obj is None:
        return None
    now = obj.session_uid, *(value for row in obj.matrix_world for value in row)
    if now != _shown_of:
        _shown_of = now
        try:
            _footprint = Footprint(obj)
        except TugError:
            _footprint = None
    return _footprint


def _forget() -> None:
    global _footprint, _shown_of
    _footprint, _shown_of = None, ()


classes = (PlaceGizmo, PlaceGizmos)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
    _forget()
