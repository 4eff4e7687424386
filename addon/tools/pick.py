"""The Pick Part tool in the toolbar, and how mouse moves reach it."""

from __future__ import annotations

import bpy

from ..operators import ids
from . import hover, pointing
from .viewport import icon, pick_tool

radius_path = "window_manager.tug_pick_radius"


def _pick(action: str, **modifiers: bool) -> tuple:
    event = {"type": "LEFTMOUSE", "value": "PRESS", **modifiers}
    return ids.pick_part, event, {"properties": [("action", action)]}


def _level(key: str, step: int, **modifiers: bool) -> tuple:
    event = {"type": key, "value": "PRESS", **modifiers}
    return ids.change_pick_level, event, {"properties": [("step", step)]}


def _radius(key: str, factor: float) -> tuple:
    event = {"type": key, "value": "PRESS", "repeat": True}
    properties = [("data_path", radius_path), ("value", factor)]
    return "wm.context_scale_int", event, {"properties": properties}


class PickTool(bpy.types.WorkSpaceTool):
    """What Blender's toolbar shows"""

    bl_space_type = "VIEW_3D"
    bl_context_mode = "OBJECT"
    bl_idname = pick_tool
    bl_label = "Pick Part"
    bl_description = (
        "Click what should move: an object, a loose piece, a material, a face set or a region.\n"
        "Shift adds to the part, Ctrl removes from it, dragging paints with a brush"
    )
    bl_icon = icon(pick_tool)
    bl_cursor = "EYEDROPPER"
    bl_widget = "TUG_GGT_pick"
    bl_keymap = (
        _pick("TAKE"),
        _pick("ADD", shift=True),
        _pick("REMOVE", ctrl=True),
        _level("WHEELUPMOUSE", 1),
        _level("WHEELDOWNMOUSE", -1),
        _level("NUMPAD_PLUS", 1),
        _level("NUMPAD_MINUS", -1),
        _level("PLUS", 1, any=True),
        _level("EQUAL", 1, any=True),
        _level("MINUS", -1),
        _radius("LEFT_BRACKET", 0.85),
        _radius("RIGHT_BRACKET", 1.18),
    )

    @staticmethod
    def draw_settings(context, layout, _tool):
        manager = context.window_manager
        layout.prop(manager, "tug_pick_level", text="")
        layout.prop(manager, "tug_pick_radius")
        if manager.tug_pick_level == "pulled":
            layout.operator(ids.segment_moving, icon="VIEWZOOM")
        space = context.space_data
        if not (space.show_gizmo and space.show_gizmo_tool):
            layout.label(text="Show gizmos to see what a click would take", icon="INFO")


class PickGizmo(bpy.types.Gizmo):
    """Blender asks it at each move of the mouse whether it is pointed at"""

    bl_idname = "TUG_GT_pick"

    def draw(self, context):
        here = hover.shown()
        if not here or here.region != context.region.as_pointer():
            return
        if self.is_highlight:
            hover.draw()
        else:
            hover.clear()  # the mouse has left the viewport, or points at another gizmo

    def test_select(self, context, location):
        return 0 if hover.move(context, location) else -1


class PickGizmos(bpy.types.GizmoGroup):
    """Belongs to the tool, comes and goes with it"""

    bl_idname = PickTool.bl_widget
    bl_label = "Pick Part"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"3D"}

    @classmethod
    def setup_keymap(cls, keyconfig):
        """Take no events from the tool's own keys, and be asked whatever modifiers are held."""
        keymap = keyconfig.keymaps.new(cls.bl_label, space_type="VIEW_3D", region_type="WINDOW")
        keymap.keymap_items.new(ids.change_pick_level, "F24", "PRESS", any=True)
        return keymap

    def setup(self, _context):
        gizmo = self.gizmos.new(PickGizmo.bl_idname)
        gizmo.use_select_background = True
        gizmo.use_tooltip = False


classes = (PickGizmo, PickGizmos)


def _level_changed(_manager: bpy.types.WindowManager, _context: bpy.types.Context) -> None:
    hover.again()


def register() -> None:
    manager = bpy.types.WindowManager
    manager.tug_pick_level = bpy.props.EnumProperty(
        name="Level",
        description="What a click takes; where an object has none of that, the next larger",
        items=pointing.items,
        default="piece",
        options={"SKIP_SAVE"},
        update=_level_changed,
    )
    manager.tug_pick_radius = bpy.props.IntProperty(
        name="Brush",
        description="Radius of the brush that paints faces into the part",
        min=2,
        soft_max=200,
        max=1000,
        default=30,
        subtype="PIXEL",
        options={"SKIP_SAVE"},
    )
    for cls in classes:
        bpy.utils.register_class(cls)
    hover.register()


def unregister() -> None:
    hover.unregister()
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
    del bpy.types.WindowManager.tug_pick_radius
    del bpy.types.WindowManager.tug_pick_level
