from __future__ import annotations

import bpy
from mathutils import Vector

from ..tools import aiming, drawing, hover
from ..tools.pointing import items, pointed
from . import ids
from .reports import allowed, reported

drag_distance = 6.0  # units of the interface; a longer way is a stroke of the brush
actions = (
    ("TAKE", "Take", "It becomes a part, or the active part if it is one"),
    ("ADD", "Add", "It is added to the active part"),
    ("REMOVE", "Remove", "It is removed from the active part"),
)


class PickPart(bpy.types.Operator):
    """Mark what is under the mouse as a part: click to take it, drag to paint with a brush"""

    bl_idname = ids.pick_part
    bl_label = "Pick Part"
    bl_options = {"REGISTER", "UNDO"}

    action: bpy.props.EnumProperty(
        name="Action", items=actions, default="TAKE", options={"SKIP_SAVE"}
    )
    level: bpy.props.EnumProperty(
        name="Level",
        description="How much is taken",
        items=items,
        default="piece",
        options={"SKIP_SAVE"},
    )
    point: bpy.props.FloatVectorProperty(
        name="Point",
        description="On the surface of the active object, in world space",
        subtype="TRANSLATION",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context):
        if not allowed(cls, context.mode == "OBJECT", "Go to Object Mode to pick parts"):
            return False
        return allowed(cls, context.view_layer.objects, "Add an object first")

    @reported
    def execute(self, context):
        """Pick at the point (for scripts)."""
        from ..protocol.errors import failure

        obj = context.active_object
        if obj is None:
            raise failure("bad_input", "Make the object active of which a part is to be picked.")
        return self._pick(aiming.at(obj, Vector(self.point)))

    def invoke(self, context, event):
        """Wait whether it becomes a click or a stroke."""
        if context.region_data is None:
            self.report({"ERROR"}, "Pick parts in a 3D viewport.")
            return {"CANCELLED"}
        self.level = context.window_manager.tug_pick_level
        self._pressed = Vector((event.mouse_region_x, event.mouse_region_y))
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type in ("ESC", "RIGHTMOUSE"):
            return {"CANCELLED"}
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            return self._click(context)
        moved = Vector((event.mouse_region_x, event.mouse_region_y)) - self._pressed
        if event.type == "MOUSEMOVE" and moved.length > drag_distance * drawing.ui_scale():
            return self._paint()
        return {"RUNNING_MODAL"}

    @reported
    def _click(self, context):
        from ..protocol.errors import failure

        found = aiming.aim(context, tuple(self._pressed))
        if found is None:
            raise failure("bad_input", "There is nothing under the mouse; click on a surface.")
        self.point = found.point
        outcome = self._pick(found)
        hover.again()
        return outcome

    def _paint(self):
        """Hand over to the brush."""
        erase, start = self.action == "REMOVE", tuple(self._pressed)
        try:
            bpy.ops.tug.brush_part("INVOKE_DEFAULT", erase=erase, start=start)
        except RuntimeError as problem:
            self.report({"ERROR"}, str(problem).removeprefix("Error: ").strip())
        return {"CANCELLED"}

    def _pick(self, found: aiming.Aim):
        from ..scene.taking import change, take

        pick = pointed(found, self.level).pick()
        if self.action == "TAKE":
            part, is_new = take(pick)
            said = "is a part now" if is_new else "is the active part"
        else:
            part = change(pick, self.action == "ADD")
            said = "has more faces now" if self.action == "ADD" else "has fewer faces now"
        if part is None:
            self.report({"INFO"}, "Nothing to change: that is as it was")
            return {"CANCELLED"}
        self.report({"INFO"}, f"'{part.name}' of '{pick.obj.name}' {said}.")
        return {"FINISHED"}
