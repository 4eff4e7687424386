"""Flags at the ends of a trajectory with the frames on them: drag one to change its frame."""

from __future__ import annotations

import bpy

from .. import runtime
from ..operators import ids
from ..scene import trajectories
from . import drawing, trajectory_sketch
from .trajectory_preview import preview_of
from .viewport import behind, of_context

pole = 30.0  # units of the interface; all lengths here are
lean = 5.0  # of the flag's near end
height = 18.0
margin = 8.0
letters = 12.0
dark, light = (0.05, 0.05, 0.07, 1.0), (1.0, 1.0, 1.0, 1.0)


class FrameHandle(bpy.types.Gizmo):
    """A frame number on a pole that stands at an end of the trajectory"""

    bl_idname = "TUG_GT_frame_handle"

    __slots__ = ("foot", "high", "low", "text", "top")

    def setup(self):
        self.text, self.foot, self.top = "", (0.0, 0.0), (0.0, 0.0)
        self.low = self.high = (0.0, 0.0)

    def put(self, foot: tuple[float, float], side: float, text: str) -> None:
        """Stand at region pixels `foot`, leaning to a side (-1 or 1), with a text on top."""
        unit = drawing.ui_scale()
        self.text, self.foot = text, foot
        half = max(drawing.extent(text, letters)[0] / 2.0 + margin * unit, height * unit)
        self.top = foot[0] + side * (half + lean * unit), foot[1] + pole * unit
        self.low = self.top[0] - half, self.top[1] - height * unit / 2.0
        self.high = self.top[0] + half, self.top[1] + height * unit / 2.0

    def draw(self, _context):
        colors = runtime.preferences()
        if colors is None or not self.text:
            return
        color = tuple(colors.trajectory_color)
        drawing.lines(drawing.flat([self.foot, self.top]), color, 2.0)
        drawing.disc(self.foot, 3.0 * drawing.ui_scale(), color)
        edge = drawing.ui_scale() * 1.5
        inner = [c + edge for c in self.low], [c - edge for c in self.high]
        drawing.tag(self.low, self.high, color)
        fill = color if self.is_highlight else dark
        drawing.tag(*inner, fill)
        wide, high = drawing.extent("0" * len(self.text), letters)
        place = self.top[0] - wide / 2.0, self.top[1] - high / 2.0
        drawing.words(self.text, place, dark if sum(fill[:3]) > 1.6 else light, letters)

    def test_select(self, _context, location):
        inside = all(self.low[i] <= location[i] <= self.high[i] for i in (0, 1))
        return 0 if self.text and inside else -1


class FrameHandles(bpy.types.GizmoGroup):
    """Start and end of the trajectory that is looked at"""

    bl_idname = "TUG_GGT_frame_handles"
    bl_label = "Trajectory Frames"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"PERSISTENT", "SCALE"}

    @classmethod
    def poll(cls, context):
        obj = trajectories.shown(context)
        return obj is not None and obj.visible_get() and not trajectory_sketch.drawing_now

    def setup(self, _context):
        self.ends = []
        for end in ("START", "END"):
            gizmo = self.gizmos.new(FrameHandle.bl_idname)
            gizmo.target_set_operator(ids.set_trajectory_frame).end = end
            gizmo.use_draw_modal = True
            self.ends.append(gizmo)

    def draw_prepare(self, context):
        obj = trajectories.shown(context)
        preview = preview_of(obj) if obj else None
        if obj is None or preview is None or preview.problem:
            for gizmo in self.ends:
                gizmo.hide = True
            return
        viewport = of_context(context)
        settings, points = obj.tug_trajectory, preview.path.points
        frames = settings.frame_start, settings.frame_end
        for gizmo, frame, point, side in zip(
            self.ends, frames, points[[0, -1]], (-1, 1), strict=True
        ):
            seen = viewport.pixel(point) if viewport else behind
            gizmo.hide = seen[0] != seen[0]  # NaN
            if not gizmo.hide:
                gizmo.put(seen, side, str(frame))


classes = (FrameHandle, FrameHandles)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
