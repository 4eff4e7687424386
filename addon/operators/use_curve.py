from __future__ import annotations

import bpy

from ..scene import trajectories
from . import ids
from .draw_trajectory import select
from .reports import allowed, reported


class UseCurve(bpy.types.Operator):
    """Make the selected curve a trajectory of the other selected object; its shape stays"""

    bl_idname = ids.use_curve
    bl_label = "Use Curve"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        curve = any(obj.type == "CURVE" for obj in context.selected_objects)
        return allowed(cls, curve, "Select a curve, and what should move along it")

    @reported
    def execute(self, context):
        from ..scene import curves

        chosen = context.selected_objects
        curve = _the_curve(context, [obj for obj in chosen if obj.type == "CURVE"])
        known = trajectories.target_of(curve)
        target = next((obj for obj in chosen if obj.type != "CURVE"), known)
        count = len(curves.read(curve))
        trajectories.mark(curve, target, scene=context.scene)
        if count > 1:
            self.report(
                {"INFO"}, f"'{curve.name}' has {count} splines; the longest is the trajectory."
            )
        if context.mode == "OBJECT":
            select(context, curve)
        return {"FINISHED"}


def _the_curve(context: bpy.types.Context, found: list[bpy.types.Object]) -> bpy.types.Object:
    from ..protocol.errors import failure

    if context.active_object in found:
        return context.active_object
    if len(found) > 1:
        raise failure("bad_input", "Several curves are selected; make the one to use active.")
    return found[0]
