from __future__ import annotations

import bpy

from ..core.frames import FrameDrag
from ..scene import trajectories
from ..scene.modes import have_all_undone
from ..tools.drawing import ui_scale
from . import ids
from .reports import allowed, reported

hints = "Ctrl: Whole seconds   |   Shift: Slowly   |   Type a frame   |   Esc: Cancel"
accepting = ("RET", "NUMPAD_ENTER")
cancelling = ("ESC", "RIGHTMOUSE")


class SetTrajectoryFrame(bpy.types.Operator):
    """Drag sideways to change when the motion starts or ends; or type a frame"""

    bl_idname = ids.set_trajectory_frame
    bl_label = "Set Trajectory Frame"
    bl_options = {"REGISTER", "UNDO", "GRAB_CURSOR", "BLOCKING"}

    end: bpy.props.EnumProperty(
        name="End",
        items=(("START", "Start", "When it begins"), ("END", "End", "When it is over")),
    )
    frame: bpy.props.IntProperty(name="Frame")

    @classmethod
    def poll(cls, context):
        reason = "Select a trajectory, or an object that has one, first"
        return allowed(cls, trajectories.shown(context), reason)

    @reported
    def execute(self, context):
        """Set the frame (for scripts and the redo panel)."""
        obj = _editable(context)
        former = _frames(obj)
        frames = (self.frame, former[1]) if self.end == "START" else (former[0], self.frame)
        _write(obj, trajectories.checked_frames(frames, context.scene))
        return {"FINISHED"}

    def invoke(self, context, event):
        from ..protocol.errors import TugError

        try:
            obj = _editable(context)
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
            return {"CANCELLED"}
        self._name, self._former = obj.name, _frames(obj)
        start = self.end == "START"
        second = trajectories.fps(context.scene)
        here, other = self._former if start else self._former[::-1]
        self._drag = FrameDrag(here, other, start, second)
        self._x, self._whole = event.mouse_x, False
        self._held = event.type == "LEFTMOUSE"
        context.window_manager.modal_handler_add(self)
        self._show(context)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        self._whole = event.ctrl
        if event.type in cancelling and event.value == "PRESS":
            return self._cancelled(context)
        if event.type in ("MOUSEMOVE", "INBETWEEN_MOUSEMOVE"):
            self._drag.pull((event.mouse_x - self._x) / ui_scale(), event.shift)
            self._x = event.mouse_x
        if self._accepts(event):
            return self._finished(context)
        if event.value == "PRESS":
            self._drag.type(event.type if event.type == "BACK_SPACE" else event.ascii)
        return self._show(context)

    def cancel(self, context):
        self._cancelled(context)

    def _accepts(self, event) -> bool:
        """Enter, or the button that was held let go; while a number is typed a click accepts."""
        if event.type in accepting:
            return event.value == "PRESS"
        if event.type != "LEFTMOUSE":
            return False
        if self._drag.typed or not self._held:
            return event.value == "PRESS"
        return event.value == "RELEASE"

    def _show(self, context):
        obj = bpy.data.objects.get(self._name)
        if obj is None:
            return self._end(context, {"CANCELLED"})
        frame = self._drag.now(self._whole)
        _write(obj, (frame, self._former[1]) if self.end == "START" else (self._former[0], frame))
        context.workspace.status_text_set(f"{self._drag.said(self._whole)}   |   {hints}")
        context.area.tag_redraw()
        return {"RUNNING_MODAL"}

    def _finished(self, context):
        self._show(context)
        self.frame = self._drag.now(self._whole)
        obj = bpy.data.objects.get(self._name)
        if obj is None or _frames(obj) == self._former:
            return self._end(context, {"CANCELLED"})
        have_all_undone()
        return self._end(context, {"FINISHED"})

    def _cancelled(self, context):
        obj = bpy.data.objects.get(self._name)
        if obj:
            _write(obj, self._former)
        return self._end(context, {"CANCELLED"})

    def _end(self, context, outcome):
        context.workspace.status_text_set(None)
        if context.area:
            context.area.tag_redraw()
        return outcome


def _editable(context: bpy.types.Context) -> bpy.types.Object:
    from ..protocol.errors import failure

    obj = trajectories.required(context)
    if obj.library:
        raise failure("bad_input", f"'{obj.name}' is linked; make a library override of it.")
    return obj


def _frames(obj: bpy.types.Object) -> tuple[int, int]:
    settings = obj.tug_trajectory
    return settings.frame_start, settings.frame_end


def _write(obj: bpy.types.Object, frames: tuple[int, int]) -> None:
    trajectories.set_frames(obj, *frames)
