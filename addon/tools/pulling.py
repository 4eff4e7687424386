"""What the operators have in common in which an end of a drag follows the mouse."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from .. import runtime
from ..core.pulling import Floats, Pull, axes, is_nothing, nearest
from ..protocol.errors import TugError, failure
from ..scene.identity import by_number
from ..scene.parts import PartSettings, find_part
from ..scene.units import length, length_step, typed_length
from . import arrows, drawing, picking, viewport
from .arrows import Preview
from .viewport import Pixel, Viewport

passing = (
    "MIDDLEMOUSE",
    "WHEELUPMOUSE",
    "WHEELDOWNMOUSE",
    "WHEELLEFTMOUSE",
    "WHEELRIGHTMOUSE",
    "WHEELINMOUSE",
    "WHEELOUTMOUSE",
    "TRACKPADPAN",
    "TRACKPADZOOM",
    "MOUSEROTATE",
    "MOUSESMARTZOOM",
    "HOME",
)
passing_families = ("TIMER", "NDOF", "WINDOW")
confirming = ("RET", "NUMPAD_ENTER")
letters = {f"NUMPAD_{digit}": str(digit) for digit in range(10)} | {
    "NUMPAD_MINUS": "-",
    "NUMPAD_PERIOD": ".",
}
step_pixels = 10.0
snap_reach = 14.0
hints = (
    "Release or Click: Confirm   |   N: Normal   |   X Y Z: Axis, again for the Object's Own   |   "
    "Ctrl: Snap, or Round Steps   |   Digits: Length   |   Esc: Cancel"
)
Modal = set[str]
going_on: Modal = {"RUNNING_MODAL"}


class Pulling:
    """Base of modal operators: a point of a drag follows the mouse until it is let go.

    Nothing is written before `finish`. What an operator says itself: `preview` (the drag as it
    would be), `finish` (write it), `on_surface` (the point goes to surfaces, not into the air).
    """

    on_surface = False

    def begin(
        self,
        context: bpy.types.Context,
        event: bpy.types.Event,
        seen: Viewport,
        pull: Pull,
        obj: bpy.types.Object,
    ) -> Modal:
        """Follow the mouse from now on. `obj` is whose drag it is."""
        self.seen, self.pull, self.target = seen, pull, obj.session_uid
        self.pressed_at = self.mouse = seen.mouse(event)
        self.clicking = self.lost = False
        context.window_manager.modal_handler_add(self)
        context.workspace.status_text_set(hints)
        context.window.cursor_modal_set("CROSSHAIR")
        self.show(context)
        return going_on

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Modal:
        if by_number(self.target) is None or context.mode != "OBJECT":
            return self._refuse(context, "What was pulled is gone, or being edited; pull again.")
        try:
            return self._handle(context, event)
        except TugError as problem:
            return self._refuse(context, problem.error.message)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender's call when it ends the operator itself, such as to open another file."""
        self.let_go(context)

    def preview(self) -> Preview:
        """Return the drag as it would be if the mouse were let go now."""
        raise NotImplementedError

    def finish(self, context: bpy.types.Context) -> Modal:
        """Write the drag. Raises TugError."""
        raise NotImplementedError

    def clicked(self, context: bpy.types.Context) -> Modal:
        """The button went up where it had gone down: follow on until the next click."""
        self.clicking = True
        return going_on

    def let_go(self, context: bpy.types.Context) -> None:
        """Take away what was drawn and said."""
        arrows.shown = None
        context.workspace.status_text_set(None)
        context.window.cursor_modal_restore()
        if context.area:
            context.area.header_text_set(None)
        runtime.redraw()

    def show(self, context: bpy.types.Context) -> None:
        """Draw and say how things stand."""
        arrows.shown = self.preview()
        context.area.header_text_set(self._words())
        runtime.redraw()

    def _handle(self, context: bpy.types.Context, event: bpy.types.Event) -> Modal:
        kind, pressed = event.type, event.value == "PRESS"
        if kind.startswith(passing_families) or kind in passing or _turns_view(event):
            return {"PASS_THROUGH"}
        if kind in ("ESC", "RIGHTMOUSE") and pressed:
            return self._cancelled(context)
        if kind == "LEFTMOUSE":
            return self._button(context, event)
        if kind in confirming and pressed:
            return self._confirm(context)
        if kind in ("MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "LEFT_CTRL", "RIGHT_CTRL"):
            self._follow(context, event)
        elif pressed:
            self._key(context, event)
        return going_on

    def _button(self, context: bpy.types.Context, event: bpy.types.Event) -> Modal:
        if event.value == "PRESS" and self.clicking:
            return self._confirm(context)
        if event.value == "RELEASE" and not self.clicking:
            self._follow(context, event)
            return self._confirm(context) if self._travelled() else self.clicked(context)
        return going_on

    def _travelled(self) -> bool:
        """Return whether the mouse has left the place where it was pressed."""
        inputs = bpy.context.preferences.inputs
        least = inputs.drag_threshold_mouse * drawing.ui_scale()
        gone = float(np.hypot(*np.subtract(self.mouse, self.pressed_at)))
        return bool(self.pull.typed.text) or gone > least

    def _key(self, context: bpy.types.Context, event: bpy.types.Event) -> None:
        if event.alt or event.oskey or (event.ctrl and event.type == "Z"):
            return  # Ctrl is held to snap, but Ctrl Z is meant for something else
        typed, letter = self.pull.typed, event.unicode or letters.get(event.type, "")
        if event.type == "BACK_SPACE":
            typed.back()
        elif not (letter and typed.add(letter)) and event.type in (*axes, "N"):
            self.pull.hold(event.type)
        self._follow(context, event)

    def _follow(self, context: bpy.types.Context, event: bpy.types.Event) -> None:
        self.mouse = self.seen.mouse(event)
        ray = self.seen.ray(self.mouse)
        snap, step = self._snap(context, event.ctrl), 0.0
        if event.ctrl:
            step = length_step(step_pixels * self.seen.pixel_size(self.pull.anchor))
        self.lost = not self.pull.follow(ray, self.seen.forward, snap, step)
        self.pull.settle(typed_length(self.pull.typed))
        self.show(context)

    def _snap(self, context: bpy.types.Context, wanted: bool) -> Floats | None:
        """Return what a free point goes to: a surface, or the corner or edge of one."""
        if self.pull.line is not None or not (wanted or self.on_surface):
            return None
        hit = picking.cast(context, self.seen, self.mouse)
        if hit is None or not self.accepts(hit):
            return None
        return np.array(snapped(hit, self.seen, self.mouse) if wanted else hit.point)

    def accepts(self, hit: picking.Hit) -> bool:
        """Return whether the point may go to what is under the mouse."""
        return True

    def _confirm(self, context: bpy.types.Context) -> Modal:
        shown = self.preview()
        if not np.isfinite([*shown.start, *shown.end]).all():
            raise failure("bad_input", "The drag ends nowhere; pull again.")
        if is_nothing(shown.start, shown.end):
            raise failure("bad_input", "The drag had no length, so there is none; pull further.")
        outcome = self.finish(context)
        self.let_go(context)
        return outcome

    def _cancelled(self, context: bpy.types.Context) -> Modal:
        self.let_go(context)
        return {"CANCELLED"}

    def _refuse(self, context: bpy.types.Context, sentence: str) -> Modal:
        self.let_go(context)
        operator: Any = self
        operator.report({"WARNING"}, sentence)
        return {"CANCELLED"}

    def _words(self) -> str:
        """Say how long the drag is, what holds it and what is typed."""
        typed, constraint = self.pull.typed.text, self.pull.constraint.words
        said = f"Drag {length(self._length())}"
        if typed:
            said += f"   [{typed}|]"
        if constraint:
            said += f"   {constraint}"
        if self.lost:
            said += f"   {self.lost_words}"
        return said

    @property
    def lost_words(self) -> str:
        """Say why the point does not follow the mouse."""
        if self.pull.line is not None:
            return "(points at the viewer: type a length, or turn the view)"
        return "(off the surface)" if self.on_surface else ""

    def _length(self) -> float:
        shown = self.preview()
        return float(np.linalg.norm(shown.end - shown.start))


def _turns_view(event: bpy.types.Event) -> bool:
    """Return whether a key or button that means something here is one for the view now."""
    if event.type == "LEFTMOUSE":
        return event.alt and bpy.context.preferences.inputs.use_mouse_emulate_3_button
    return event.type.startswith("NUMPAD_") and (event.ctrl or event.alt)


def snapped(hit: picking.Hit, seen: Viewport, mouse: Pixel) -> picking.Point:
    """Return the corner or middle of an edge that is near the mouse; without, what is hit."""
    places = [seen.pixel(mark) for mark in hit.marks]
    best = nearest(places, mouse, snap_reach * drawing.ui_scale())
    return hit.point if best is None else hit.marks[best]


def part_of(number: int, uid: str) -> tuple[bpy.types.Object, PartSettings]:
    """Return an object and its part again. Raises TugError when one of them is gone."""
    obj = by_number(number)
    part = find_part(obj, uid) if obj else None
    if obj is None or part is None:
        raise failure("bad_input", "The part was removed meanwhile; nothing was changed.")
    return obj, part


def viewport_for(context: bpy.types.Context, event: bpy.types.Event) -> Viewport:
    """Return where an operator is to work. Raises TugError away from viewports."""
    seen = viewport.under(context, event)
    if seen is None:
        raise failure("bad_input", "Pull drags in a 3D viewport.")
    if context.mode != "OBJECT":
        raise failure("bad_input", "Drags are pulled in Object Mode; leave this mode first.")
    return seen


def own_axes(obj: bpy.types.Object) -> Floats:
    """Return the object's axes in the world as rows of length 1, also of flipped objects."""
    return np.array(obj.matrix_world.to_quaternion().to_matrix()).T
