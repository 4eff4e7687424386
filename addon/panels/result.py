"""The proposed joint: what it is, why, its alternatives, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..operators import ids
from .words import joint_range, paragraph, title

if TYPE_CHECKING:
    from ..core.jobs import JointJob
    from ..protocol.joint import Joint


class ResultPanel(bpy.types.Panel):
    """The joint that was found for the active part"""

    bl_idname = "TUG_PT_result"
    bl_label = "Proposed Joint"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 2

    @classmethod
    def poll(cls, context):
        job = runtime.active_job(context)
        return job is not None and job.joint is not None

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.active_job(context)
        if job is None or job.result is None or job.joint is None:
            return
        for note in job.notes:
            paragraph(self.layout, context, note)
        if job.choices > 1 and not runtime.accepted(job):
            draw_choices(self.layout, context, job)
            return
        _draw_joint(self.layout, job)
        if runtime.accepted(job):
            self.layout.label(text="Accepted", icon="CHECKMARK")
        else:
            _draw_decision(self.layout, context, job)
        _draw_alternatives(self.layout, job)
        for note in job.result.notes:
            paragraph(self.layout, context, note)


class WhyPanel(bpy.types.Panel):
    """What speaks for this joint, and what against it"""

    bl_idname = "TUG_PT_why"
    bl_label = "Why This Joint"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_parent_id = ResultPanel.bl_idname
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 1

    @classmethod
    def poll(cls, context):
        job = runtime.active_job(context)
        return job is not None and job.joint is not None and job.corrected is None

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.active_job(context)
        if job is None or job.joint is None:
            return
        for evidence in job.joint.evidence:
            if evidence.text:
                paragraph(self.layout, context, evidence.text)


def _draw_joint(layout: bpy.types.UILayout, job: JointJob) -> None:
    joint = job.joint
    if joint is None:
        return
    fixed, slides = joint.type == "fixed", joint.type == "prismatic"
    layout.label(
        text=title(joint, ", axis "),
        icon="LOCKED" if fixed else "CON_LOCLIMIT" if slides else "CON_ROTLIMIT",
    )
    if not fixed:
        layout.label(
            text=joint_range(joint),
            icon="DRIVER_DISTANCE" if slides else "DRIVER_ROTATIONAL_DIFFERENCE",
        )
    if job.corrected:
        layout.label(text="Corrected by you", icon="GREASEPENCIL")
        return
    text = f"Confidence {joint.confidence:.0%}"
    layout.progress(factor=joint.confidence, text=text, type="BAR")


def draw_choices(layout: bpy.types.UILayout, context: bpy.types.Context, job: JointJob) -> None:
    """Ask which of several joints is meant; a swatch says which ghost shows it."""
    layout.label(text="Which one?", icon="QUESTION")
    column = layout.column(align=True)
    column.scale_y = 1.4
    shown = job.result.joints[: job.choices] if job.result else ()
    for index, joint in enumerate(shown):
        row = column.row(align=True)
        swatch = row.row(align=True)
        swatch.scale_x = 0.35
        swatch.prop(runtime.preferences(), ("ghost_color", "choice_color")[index], text="")
        text = f"{index + 1}. {title(joint)}, {joint_range(joint)}  {joint.confidence:.0%}"
        button = row.operator(ids.show_alternative, text=text)
        button.job, button.index = job.id, index
    draw_sliders(layout, context, shown)
    layout.operator(ids.reject_result, text="Neither", icon="X").job = job.id


def draw_sliders(
    layout: bpy.types.UILayout, context: bpy.types.Context, shown: Sequence[Joint]
) -> None:
    """Show the sliders that open the preview, as far as these joints can move."""
    kinds = {joint.type for joint in shown}
    if kinds - {"fixed"}:
        layout.prop(context.window_manager, "tug_open", slider=True)
    if "cylindrical" in kinds:
        layout.prop(context.window_manager, "tug_slide", slider=True)


def _draw_decision(layout: bpy.types.UILayout, context: bpy.types.Context, job: JointJob) -> None:
    draw_sliders(layout, context, [job.joint] if job.joint else [])
    row = layout.row(align=True)
    row.scale_y = 1.4
    row.operator(ids.accept_result, icon="CHECKMARK").job = job.id
    row.operator(ids.reject_result, icon="X").job = job.id


def _draw_alternatives(layout: bpy.types.UILayout, job: JointJob) -> None:
    joints = job.result.joints if job.result else ()
    if len(joints) < 2:
        return
    row = layout.row(align=True)
    for step, icon in ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT")):
        button = row.operator(ids.show_alternative, text="", icon=icon)
        button.job, button.step, button.index = job.id, step, -1
    row.label(text=f"Alternative {job.selected + 1} of {len(joints)}")
    column = layout.column(align=True)
    for index, joint in enumerate(joints):
        text = f"{title(joint)}  {joint.confidence:.0%}"
        shown = index == job.selected and not job.corrected
        button = column.operator(ids.show_alternative, text=text, depress=shown)
        button.job, button.index = job.id, index


def _redraw(_self: object, _context: bpy.types.Context) -> None:
    runtime.redraw()


def _factor(name: str, description: str) -> bpy.props.FloatProperty:
    return bpy.props.FloatProperty(
        name=name,
        description=description,
        min=0.0,
        max=1.0,
        default=1.0,
        subtype="FACTOR",
        options={"SKIP_SAVE"},
        update=_redraw,
    )


def register() -> None:
    bpy.types.WindowManager.tug_open = _factor(
        "Open", "Preview the proposal between shut and open; changes nothing"
    )
    bpy.types.WindowManager.tug_slide = _factor(
        "Slide", "Preview how far the proposal is shifted along its axis; changes nothing"
    )


def unregister() -> None:
    del bpy.types.WindowManager.tug_slide
    del bpy.types.WindowManager.tug_open
