"""How something moves along its trajectory, the proposal, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from .. import runtime, updating
from ..operators import ids
from ..scene import animation, trajectories
from .jobs import draw_progress
from .trajectory import TrajectoryPanel
from .words import length, paragraph

if TYPE_CHECKING:
    from ..core.jobs import AnimateJob

most_collisions = 6
said = 5e-4  # smaller shares are not worth a line


class StepList(bpy.types.UIList):
    """Joints that open on the way"""

    bl_idname = "TUG_UL_steps"

    def draw_item(self, _context, layout, _data, step, _icon, _active, _property):
        frame = animation.step_frame(step, bpy.context.scene)
        layout.label(text=step.joint or "No joint", icon="CON_ROTLIMIT")
        layout.label(text=step.marker or f"Frame {frame}", icon="MARKER" if step.marker else "TIME")


class AnimatePanel(bpy.types.Panel):
    """Move an object along its trajectory"""

    bl_idname = "TUG_PT_animate"
    bl_label = "Animate"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_parent_id = TrajectoryPanel.bl_idname
    bl_order = 0

    @classmethod
    def poll(cls, context):
        return trajectories.shown(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        curve = trajectories.shown(context)
        if curve is None:
            return
        proposed = runtime.active_animation(context)
        if proposed and proposed.result:
            _draw_proposal(self.layout.box(), context, proposed, curve)
        elif animation.state_of(curve):
            _draw_state(self.layout.box(), context, curve)
        job = _under_way(curve)
        failed = _failed(curve)
        if failed and failed.error and not job:
            paragraph(self.layout, context, failed.error.message)
        if job:
            self.layout.label(text="Updating" if job.lands else "Asking", icon="SORTTIME")
            draw_progress(self.layout, job)
        else:
            _draw_button(self.layout, curve)
        _draw_settings(self.layout, curve)
        _draw_steps(self.layout, context, curve)


def _draw_settings(layout: bpy.types.UILayout, curve: bpy.types.Object) -> None:
    settings = curve.tug_animation
    layout.row().prop(settings, "kind", expand=True)
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(settings, "orientation")
    if settings.orientation == "LOOK_AT":
        column.prop_search(settings, "look_at_name", bpy.context.scene, "objects")
    column.prop(settings, "forward")
    column.prop(settings, "roll")
    if settings.kind == "KEYS":
        column.prop(settings, "on_ground")
        column.prop(settings, "collisions")
        column.prop(settings, "tolerance")


def _draw_steps(
    layout: bpy.types.UILayout, context: bpy.types.Context, curve: bpy.types.Object
) -> None:
    settings, target = curve.tug_animation, trajectories.target_of(curve)
    if not settings.steps and not (target and animation.joints_of(target)):
        return
    layout.label(text="Joint Steps")
    row = layout.row()
    row.template_list(StepList.bl_idname, "", settings, "steps", settings, "step_index", rows=2)
    buttons = row.column(align=True)
    buttons.operator(ids.add_joint_step, text="", icon="ADD")
    buttons.operator(ids.remove_joint_step, text="", icon="REMOVE")
    if not 0 <= settings.step_index < len(settings.steps):
        return
    step = settings.steps[settings.step_index]
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(step, "joint")
    column.prop_search(step, "marker", context.scene, "timeline_markers", icon="MARKER")
    if not step.marker:
        column.prop(step, "frame")
    column.prop(step, "open")
    column.prop(step, "seconds")
    if animation.step_frame(step, context.scene) is None:
        paragraph(layout, context, f"The marker '{step.marker}' is gone; choose another one.")


def _under_way(curve: bpy.types.Object) -> AnimateJob | None:
    from ..core.jobs import AnimateJob

    uid = curve.tug.uid
    waiting = (job for job in runtime.book if isinstance(job, AnimateJob) and not job.finished)
    return next((job for job in waiting if uid and uid in job.curves), None)


def _failed(curve: bpy.types.Object) -> AnimateJob | None:
    """Return the newest question about a trajectory, if it failed."""
    from ..core.jobs import AnimateJob

    uid = curve.tug.uid
    found = [job for job in runtime.book if isinstance(job, AnimateJob) and uid in job.curves]
    return found[-1] if found and found[-1].state == "failed" else None


def _draw_button(layout: bpy.types.UILayout, curve: bpy.types.Object) -> None:
    row = layout.row()
    row.scale_y = 1.5
    if curve.tug_animation.kind == "LIVE":
        row.operator(ids.animate_live, icon="CON_FOLLOWPATH")
    else:
        row.operator(ids.animate, icon="CURVE_PATH")


def _draw_proposal(
    box: bpy.types.UILayout,
    context: bpy.types.Context,
    job: AnimateJob,
    curve: bpy.types.Object,
) -> None:
    from ..animations import figures

    box.label(text="Proposed Motion", icon="GHOST_ENABLED")
    if job.tracks:
        draw_figures(box, context, figures(job, job.curves.index(curve.tug.uid)))
    row = box.row(align=True)
    row.scale_y = 1.4
    row.operator(ids.accept_animation, icon="CHECKMARK").job = job.id
    row.operator(ids.reject_animation, icon="X").job = job.id


def draw_figures(
    layout: bpy.types.UILayout, context: bpy.types.Context, figures: dict[str, Any]
) -> None:
    """Show how good a motion is, and what it runs into."""
    column = layout.column(align=True)
    if "keys" in figures:
        column.label(text=f"{figures['keys']} keys, within {figures['strays']:.2%} of the motion")
    if figures.get("slip", 0.0) >= said:
        column.label(text=f"Wheels slide {figures['slip']:.1%} of the way")
    if figures.get("gap", 0.0) >= said:
        column.label(text=f"Off the ground by {figures['gap']:.2%} of its size at most")
    if figures.get("late"):
        column.label(text=f"Waits {figures['late']:.0f} frames for others")
    found = figures.get("collisions", ())
    for other, first, last, depth in found[:most_collisions]:
        row = column.row()
        row.alert = True
        frames = f"{first}" if first == last else f"{first}-{last}"
        row.label(text=f"{other}: {length(depth)} deep, {frames}", icon="ERROR")
    if len(found) > most_collisions:
        column.label(text=f"and {len(found) - most_collisions} more collisions")
    for note in figures.get("notes", ()):
        paragraph(layout, context, note)


def _draw_state(
    box: bpy.types.UILayout, context: bpy.types.Context, curve: bpy.types.Object
) -> None:
    live = animation.state_of(curve) == "LIVE"
    row = box.row(align=True)
    if updating.is_outdated(curve):
        row.label(text="Out of date", icon="ERROR")
        row.operator(ids.update_animation, icon="FILE_REFRESH")
    else:
        row.label(text="Follows live" if live else "Animated", icon="CHECKMARK")
    row.operator(ids.remove_animation, text="", icon="X")
    draw_figures(box, context, animation.told(curve))
    box.prop(curve.tug_animation, "keep_updated")
    if not live and updating.is_outdated(curve) and not runtime.session().connected:
        paragraph(box, context, "Connect to the backend to have it follow the curve.")
