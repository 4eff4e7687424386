from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy
from mathutils import Vector

from ..tools import drawing, viewport
from ..tools.footprint import Footprint
from ..tools.pulling import passing, passing_families
from . import ids
from .reports import allowed, reported

if TYPE_CHECKING:
    from ..tools.viewport import Viewport

step, small_step = math.radians(15.0), math.radians(1.0)
turning_distance = 8.0  # units of the interface from where the button was pressed
hints = (
    "Click: Place it here   |   Drag or Wheel: Turn   |   Shift: Finely   |   Ctrl: Round angles"
    "   |   Esc: Cancel"
)
turns = {"WHEELUPMOUSE": 1, "WHEELDOWNMOUSE": -1}
going_on = {"RUNNING_MODAL"}


class PlaceAt(bpy.types.Operator):
    """Click where the active object should stand; dragging and the wheel turn it"""

    bl_idname = ids.place_at
    bl_label = "Place by Click"
    bl_options = {"REGISTER"}

    spot: bpy.props.FloatVectorProperty(
        name="Spot", description="On the scene, in world space", subtype="TRANSLATION"
    )
    angle: bpy.props.FloatProperty(
        name="Angle", description="How far it is turned about the vertical", subtype="ANGLE"
    )

    @classmethod
    def poll(cls, context):
        if not allowed(cls, context.mode == "OBJECT", "Go to Object Mode to place objects"):
            return False
        return allowed(cls, context.active_object, "Select what should be placed first")

    @reported
    def execute(self, context):
        """Ask for a place there, and wait until it is ready for Accept (for scripts)."""
        job = self._asked(context)
        for placement in job.result().placements:
            self.report({"INFO"}, f"'{placement.name}' stands on {placement.support}.")
        return {"FINISHED"}

    def invoke(self, context, event):
        """Show where it would come to stand, until a click says so."""
        from ..protocol.errors import TugError

        seen = viewport.under(context, event)
        if seen is None:
            self.report({"ERROR"}, "Place objects in a 3D viewport.")
            return {"CANCELLED"}
        try:
            self._footprint = Footprint(context.active_object)
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
            return {"CANCELLED"}
        self._seen, self._pressed, self._turning = seen, None, False
        self._footprint.show(context.area)
        self._hover(context, event)
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            self._press(event)
        context.window_manager.modal_handler_add(self)
        return self._going_on(context)

    def modal(self, context, event):
        if event.type in ("ESC", "RIGHTMOUSE"):
            return self._end(context, {"CANCELLED"}) if event.value == "PRESS" else going_on
        if event.type == "MOUSEMOVE":
            self._follow(context, event)
            return self._going_on(context)
        if event.type == "LEFTMOUSE" and not event.alt:
            return self._click(context, event)
        if event.type in turns and not (event.ctrl or event.alt):
            self._footprint.angle += turns[event.type] * (small_step if event.shift else step)
            return self._going_on(context)
        passes = event.type in passing or event.type.startswith((*passing_families, "NUMPAD_"))
        return {"PASS_THROUGH"} if passes or event.alt else going_on

    def cancel(self, context):
        self._end(context, {"CANCELLED"})

    def _follow(self, context, event):
        if self._pressed is None:
            self._hover(context, event)
            return
        mouse = Vector(self._seen.mouse(event))
        far = (mouse - self._pressed).length > turning_distance * drawing.ui_scale()
        if far or self._turning:
            self._turning = True
            self._footprint.face(self._seen, tuple(mouse), step if event.ctrl else 0.0)

    def _hover(self, context, event):
        self._seen: Viewport = viewport.under(context, event) or self._seen
        self._footprint.hover(context, self._seen, self._seen.mouse(event))

    def _press(self, event):
        if self._footprint.spot is not None:
            self._pressed = Vector(self._seen.mouse(event))

    def _click(self, context, event):
        if event.value == "PRESS":
            self._hover(context, event)
            self._press(event)
            if self._pressed is None:
                self.report({"WARNING"}, "There is nothing to stand on there.")
            return self._going_on(context)
        if event.value != "RELEASE" or self._pressed is None:
            return going_on
        self.spot, self.angle = self._footprint.spot, self._footprint.angle
        return self._end(context, self._ask(context))

    @reported
    def _ask(self, context):
        self._asked(context)
        return {"FINISHED"}

    def _asked(self, context):
        from .. import api
        from ..core.placing import turn

        return api.place(context.active_object, at=self.spot, turn=turn(self.angle))

    def _going_on(self, context):
        degrees = round(math.degrees(self._footprint.angle), 1) + 0.0
        turned = f"Turned by {degrees:g}°   |   " if degrees else ""
        context.workspace.status_text_set(turned + hints)
        context.area.tag_redraw()
        return going_on

    def _end(self, context, outcome):
        self._footprint.hide()
        context.workspace.status_text_set(None)
        if context.area:
            context.area.tag_redraw()
        return outcome
