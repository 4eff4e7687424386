from __future__ import annotations

import bpy

from ..core.names import default_tolerance
from ..scene import trajectories
from . import ids
from .draw_trajectory import select
from .reports import allowed, reported


class UseStroke(bpy.types.Operator):
    """Make a trajectory of the last stroke of the selected grease pencil, else of the annotation"""

    bl_idname = ids.use_stroke
    bl_label = "Use Stroke"
    bl_options = {"REGISTER", "UNDO"}

    smoothing: bpy.props.FloatProperty(
        name="Smoothing",
        description="How far the curve may stray from the stroke, in percent of its size",
        subtype="PERCENTAGE",
        default=100.0 * default_tolerance,
        min=0.05,
        max=20.0,
        soft_max=5.0,
        precision=2,
    )

    @classmethod
    def poll(cls, context):
        free = context.mode == "OBJECT" or "GREASE" in context.mode
        return allowed(cls, free, "Leave Edit Mode to use a stroke")

    @reported
    def execute(self, context):
        from ..scene import strokes

        chosen = {*context.selected_objects, context.active_object} - {None}
        pencils = [obj for obj in chosen if obj.type == "GREASEPENCIL"]
        pencil = context.active_object if context.active_object in pencils else None
        pencil = pencil or next(iter(sorted(pencils, key=lambda obj: obj.name)), None)
        if pencil:
            points, closed = strokes.grease_pencil_stroke(pencil)
        else:
            points, closed = strokes.annotation_stroke(context.scene), False
        others = [o for o in context.selected_objects if o.type not in ("CURVE", "GREASEPENCIL")]
        target = others[0] if others else None
        obj = trajectories.draw(
            points, target, tolerance=self.smoothing / 100.0, closed=closed, scene=context.scene
        )
        if context.mode == "OBJECT":
            select(context, obj)
        return {"FINISHED"}
