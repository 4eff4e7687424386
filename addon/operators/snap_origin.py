from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..tools.origin_picker import OriginPicker, every
from ..tools.pulling import passing, passing_families
from ..tools.viewport import under
from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported

if TYPE_CHECKING:
    from ..core.snapping import Kind

only: dict[str, tuple[Kind, ...]] = {
    "V": ("vertex",),
    "E": ("edge",),
    "C": ("cylinder",),
    "F": ("face",),
}
kinds = {"vertex": "corners", "edge": "edges", "cylinder": "what is round", "face": "faces"}
hint = (
    "Click: Take it   |   Shift Click or A: With its direction{}   |   "
    "V Corners  E Edges  C Round  F Faces: Only these{}   |   Esc: Leave it"
)


class SnapOrigin(ByKey, bpy.types.Operator):
    """Move the axis to a corner, an edge, a face's middle or the centre of what is round"""

    bl_idname = ids.snap_origin
    bl_label = "Snap Origin"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")
    point: bpy.props.FloatVectorProperty(
        name="Point", description="Where the axis goes through, in world space", subtype="XYZ"
    )
    direction: bpy.props.FloatVectorProperty(
        name="Direction", description="Where the axis points; zero keeps it", subtype="XYZ"
    )

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @reported
    def execute(self, context):
        """Move the axis to the point (for scripts)."""
        from .. import correcting

        along = self.direction if self.direction.length > 0.0 else None
        correcting.snap(proposal(context, self.job), self.point, along)
        return {"FINISHED"}

    def begin(self, context, event):
        """Show what is under the mouse until something is clicked."""
        seen = under(context, event)
        if seen is None:
            self.report({"ERROR"}, "Snap the origin in a 3D viewport.")
            return {"CANCELLED"}
        self._seen = seen
        outcome = self.start(context)
        if "RUNNING_MODAL" in outcome:
            self._look(context, event)
        return outcome

    @reported
    def start(self, context):
        self.job = proposal(context, self.job).id
        self._picker = OriginPicker(self._seen)
        self._picker.show()
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type in ("ESC", "RIGHTMOUSE") and event.value == "PRESS":
            return self._end(context, {"CANCELLED"})
        if self._picker.is_lost or runtime.joint_job(self.job) is None:
            return self._end(context, {"CANCELLED"})
        if event.type == "MOUSEMOVE":
            self._look(context, event)
        if _is_navigation(event) or not self._is_inside(event):
            return {"PASS_THROUGH"}
        if event.value == "PRESS":
            return self._key(context, event)
        return {"RUNNING_MODAL"}

    def cancel(self, context):
        self._end(context, {"CANCELLED"})

    def _key(self, context, event):
        """Do what a key says; any other does nothing, least of all to what is selected."""
        picker = self._picker
        if event.type in ("LEFTMOUSE", "RET", "NUMPAD_ENTER"):
            return self._take(context, event)
        if event.type == "A":
            picker.aligns = not picker.aligns
        elif event.type in only:
            wanted = only[event.type]
            picker.kinds = every if picker.kinds == wanted else wanted
        self._look(context, event)
        return {"RUNNING_MODAL"}

    def _look(self, context, event):
        self._picker.look(context, self._seen.mouse(event))
        aligns, wanted = self._picker.aligns, self._picker.kinds
        now = f" (now {kinds[wanted[0]]})" if len(wanted) == 1 else ""
        context.workspace.status_text_set(hint.format(" (now on)" if aligns else "", now))
        self._seen.region.tag_redraw()

    def _take(self, context, event):
        """Snap to what is under the mouse; where nothing is, go on looking."""
        from .. import correcting
        from ..protocol.errors import TugError

        found, job = self._picker.found, runtime.joint_job(self.job)
        if found is None or job is None:
            return {"RUNNING_MODAL"}
        along = found.axis if self._picker.aligns or event.shift else None
        direction = None if along is None else along.tolist()
        try:
            correcting.snap(job, found.point.tolist(), direction)
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
        return self._end(context, {"FINISHED"})

    def _is_inside(self, event):
        x, y = self._seen.mouse(event)
        return 0 <= x < self._seen.region.width and 0 <= y < self._seen.region.height

    def _end(self, context, outcome):
        """Take the hints and the drawing away; return the outcome."""
        self._picker.hide()
        context.workspace.status_text_set(None)
        runtime.redraw()
        return outcome


def _is_navigation(event):
    views = event.type.startswith("NUMPAD_") and event.type != "NUMPAD_ENTER"
    return views or event.type in passing or event.type.startswith(passing_families)
