from __future__ import annotations

import bpy

from ..scene.modes import have_all_undone
from ..tools import drawing, hover, part_view
from ..tools.brush import Stroke, circle, radius
from . import ids
from .reports import allowed

navigation = ("MIDDLEMOUSE", "TRACKPADPAN", "TRACKPADZOOM", "NDOF_MOTION")
larger, smaller = 1.18, 0.85
hints = "Release: Mark the painted faces   |   [ ]: Brush size   |   Esc: Cancel"


class BrushPart(bpy.types.Operator):
    """Paint faces into the active part, or out of it"""

    bl_idname = ids.brush_part
    bl_label = "Brush Part"
    bl_options = {"UNDO", "INTERNAL"}

    erase: bpy.props.BoolProperty(name="Erase", description="Paint out of the part")
    start: bpy.props.FloatVectorProperty(
        name="Start", description="Where the stroke begins, in pixels of the region", size=2
    )

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.mode == "OBJECT", "Go to Object Mode to paint a part")

    def invoke(self, context, event):
        from ..protocol.errors import TugError

        if context.region_data is None:
            self.report({"ERROR"}, "Paint parts in a 3D viewport.")
            return {"CANCELLED"}
        try:
            self._stroke = Stroke(context, tuple(self.start), self.erase)
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
            return {"CANCELLED"}
        self._region, self._mouse = context.region.as_pointer(), tuple(self.start)
        self._circle = drawing.Layer(self._draw, "POST_PIXEL")
        self._circle.show()
        hover.clear()
        context.workspace.status_text_set(hints)
        context.window_manager.modal_handler_add(self)
        self._move(context, event)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type in navigation:
            return {"PASS_THROUGH"}
        if event.type in ("ESC", "RIGHTMOUSE"):
            return self._end(context, {"CANCELLED"})
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            return self._finish(context)
        if event.type in ("LEFT_BRACKET", "RIGHT_BRACKET") and event.value == "PRESS":
            factor = larger if event.type == "RIGHT_BRACKET" else smaller
            context.window_manager.tug_pick_radius = round(
                context.window_manager.tug_pick_radius * factor
            )
            context.region.tag_redraw()
        if event.type == "MOUSEMOVE":
            self._move(context, event)
        return {"RUNNING_MODAL"}

    def cancel(self, context):
        self._end(context, {"CANCELLED"})

    def _move(self, context, event):
        self._mouse = event.mouse_region_x, event.mouse_region_y
        self._stroke.move(context, self._mouse)

    def _finish(self, context):
        from ..protocol.errors import TugError

        try:
            part = self._stroke.finish()
        except TugError as problem:
            self.report({"WARNING"}, problem.error.message)
            return self._end(context, {"CANCELLED"})
        self.report({"INFO"}, f"'{part.name}' of '{part.id_data.name}' was painted.")
        have_all_undone()
        return self._end(context, {"FINISHED"})

    def _end(self, context, outcome):
        """Take the circle and the hints away; return the outcome."""
        self._circle.hide()
        context.workspace.status_text_set(None)
        part_view.end_stroke()
        return outcome

    def _draw(self):
        context = bpy.context
        if context.region.as_pointer() == self._region:
            rim = circle(self._mouse, radius(context))
            drawing.lines(rim, (1.0, 1.0, 1.0, 0.9), 1.5)
