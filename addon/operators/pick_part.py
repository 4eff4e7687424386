from __future__ import annotations

import bpy

from .. import proposals, runtime
from ..core.jobs import PartsJob
from ..handles import PartsHandle
from ..protocol.errors import TugError
from ..scene.modes import have_all_undone
from ..tools.picking import Hit, selected_face, under_mouse
from . import ids
from .reports import allowed, reported

larger = ("WHEELUPMOUSE", "NUMPAD_PLUS", "EQUAL", "PLUS")
smaller = ("WHEELDOWNMOUSE", "NUMPAD_MINUS", "MINUS")
pointing = "Click the part that should move   |   Esc: Cancel"
waiting = "Looking for what belongs to it   |   Esc: Cancel"
choosing = "Click or Enter: Mark it   |   Scroll or + -: Larger, Smaller   |   Esc: Cancel"


class PickPart(bpy.types.Operator):
    """Mark the part under the mouse, or around the selected face; scroll for more or less of it"""

    bl_idname = ids.pick_part
    bl_label = "Pick Part"
    bl_options = {"REGISTER", "UNDO"}

    point: bpy.props.FloatVectorProperty(
        name="Point", description="On the part's surface, in world space", subtype="TRANSLATION"
    )
    level: bpy.props.IntProperty(
        name="Level", description="0 takes the smallest region that holds the point", min=0
    )

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.active_object, "Select an object first")

    @reported
    def execute(self, context):
        """Mark the region around the point (for scripts)."""
        job = proposals.ask(context.active_object, "", self.point)
        try:
            part = PartsHandle(job).mark(self.level)
            self.report({"INFO"}, f"'{part.name}' is a part of '{part.id_data.name}' now.")
        finally:
            runtime.forget([job])
        return {"FINISHED"}

    def invoke(self, context, _event):
        """Ask about the selected face at once, else about what is clicked."""
        if context.area is None or context.area.type != "VIEW_3D":
            self.report({"ERROR"}, "Pick parts in a 3D viewport.")
            return {"CANCELLED"}
        self.asked: PartsJob | None = None
        self._timer = context.window_manager.event_timer_add(0.1, window=context.window)
        context.window_manager.modal_handler_add(self)
        context.workspace.status_text_set(pointing)
        face = selected_face(context.active_object)
        return self._ask(context, face) if face else {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type in ("ESC", "RIGHTMOUSE"):
            return self._end(context, {"CANCELLED"})
        job = self.asked
        if job is None:
            if event.type == "LEFTMOUSE" and event.value == "PRESS":
                return self._click(context, event)
            return {"PASS_THROUGH"}
        if job.error:
            self.report({"ERROR"}, job.error.message)
            return self._end(context, {"CANCELLED"})
        if not job.proposals:
            return {"PASS_THROUGH"}
        context.workspace.status_text_set(choosing)
        return self._choose(context, event, job)

    def cancel(self, context):
        self._end(context, {"CANCELLED"})

    def _click(self, context, event):
        try:
            mouse = event.mouse_region_x, event.mouse_region_y
            return self._ask(context, under_mouse(context, mouse))
        except TugError as problem:
            self.report({"WARNING"}, problem.error.message)
            return {"RUNNING_MODAL"}

    def _ask(self, context, hit: Hit):
        try:
            self.asked = proposals.ask(hit.obj, "", hit.point)
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
            return self._end(context, {"CANCELLED"})
        context.view_layer.objects.active = hit.obj
        context.workspace.status_text_set(waiting)
        return {"RUNNING_MODAL"}

    def _choose(self, context, event, job: PartsJob):
        pressed = event.value == "PRESS"
        if pressed and event.type in (*larger, *smaller):
            job.select(job.selected + (1 if event.type in larger else -1))
            runtime.redraw()
            return {"RUNNING_MODAL"}
        if pressed and event.type in ("LEFTMOUSE", "RET", "NUMPAD_ENTER"):
            return self._mark(context, job)
        return {"PASS_THROUGH"}

    def _mark(self, context, job: PartsJob):
        try:
            obj, part = proposals.mark(job, job.selected)
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
            return self._end(context, {"CANCELLED"})
        context.view_layer.objects.active = obj
        self.report({"INFO"}, f"'{part.name}' is a part of '{obj.name}' now.")
        have_all_undone()
        return self._end(context, {"FINISHED"})

    def _end(self, context, outcome):
        """Take the hints, the timer and the question away; return the outcome."""
        context.workspace.status_text_set(None)
        context.window_manager.event_timer_remove(self._timer)
        job = self.asked
        if job and not job.finished:
            runtime.session().cancel(job)
        if job:
            runtime.forget([job])
        return outcome
