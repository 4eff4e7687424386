"""Correcting the proposed joint: a row for each of its parameters, with a lock at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy

from .. import runtime
from ..operators import ids
from .jobs import draw_progress
from .words import kind

if TYPE_CHECKING:
    from ..core.jobs import JointJob
    from ..protocol.joint import Joint
    from ..protocol.tasks import LockField

endless = 1e6
angles, lengths = ("tug_lower_angle", "tug_upper_angle"), ("tug_lower", "tug_upper")
slides = ("tug_slide_lower", "tug_slide_upper")


class CorrectPanel(bpy.types.Panel):
    """What you know better. Each correction is locked, and stays when the joint is asked again"""

    bl_idname = "TUG_PT_correct"
    bl_label = "Correct"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_parent_id = "TUG_PT_result"
    bl_order = 0

    @classmethod
    def poll(cls, context):
        job = runtime.active_job(context)
        return bool(job and job.joint and job.choices == 1 and not runtime.accepted(job))

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.active_job(context)
        if job is None or job.joint is None:
            return
        joint, column = job.joint, self.layout.column(align=False)
        row = _row(column, job, "type", "Type")
        menu = row.operator_menu_enum(ids.switch_joint_type, "type", text=kind(joint))
        if menu:
            menu.job = job.id
        if joint.type != "fixed":
            _draw_place(column, job)
        _draw_range(column, job, joint)
        _draw_again(self.layout, context, job)


def _draw_place(column: bpy.types.UILayout, job: JointJob) -> None:
    row = _row(column, job, "axis", "Axis")
    for text, limits in (("Flip", "follow"), ("Other Way", "mirror")):
        button = row.operator(ids.flip_axis, text=text)
        button.job, button.limits = job.id, limits
    row = _row(column, job, "origin", "Origin")
    row.operator(ids.snap_origin, text="Snap...", icon="EYEDROPPER").job = job.id


def _draw_range(column: bpy.types.UILayout, job: JointJob, joint: Joint) -> None:
    if joint.type in ("fixed", "continuous"):
        return
    manager = bpy.context.window_manager
    row = _row(column, job, "range", "Range")
    for name in lengths if joint.type == "prismatic" else angles:
        row.prop(manager, name, text="")
    if joint.type == "cylindrical":
        row = _row(column, job, "range", "Slide")
        for name in slides:
            row.prop(manager, name, text="")
    if joint.type == "screw":
        _row(column, job, "range", "A Turn").prop(manager, "tug_pitch", text="")


def _draw_again(layout: bpy.types.UILayout, context: bpy.types.Context, job: JointJob) -> None:
    under_way = runtime.successor(job)
    if under_way:
        draw_progress(layout, under_way)
        return
    row = layout.row(align=True)
    row.operator(ids.ask_again, icon="FILE_REFRESH").job = job.id


def _row(
    column: bpy.types.UILayout, job: JointJob, field: LockField, name: str
) -> bpy.types.UILayout:
    """Draw a parameter's name and its lock; return the row between them, to be filled."""
    split = column.split(factor=0.25)
    split.label(text=name)
    whole = split.row(align=True)
    inner = whole.row(align=True)
    held = field in job.locked
    icon = "LOCKED" if held else "UNLOCKED"
    button = whole.operator(ids.lock_joint, text="", icon=icon, depress=held)
    button.job, button.field = job.id, field
    return inner


def _shown() -> tuple[JointJob, Joint] | None:
    job = runtime.active_job(bpy.context)
    return (job, job.joint) if job and job.joint else None


def _limit(name: str, read: Callable[[Joint], float], unit: str, **more: Any) -> Any:
    """A number of the joint on show; to change it is a correction of its range.

    `more` says how `core.correcting.with_range` takes it: its argument, from value and joint.
    """
    change = more.pop("change")

    def get(_self: object) -> float:
        shown = _shown()
        return read(shown[1]) if shown else 0.0

    def put(_self: object, value: float) -> None:
        from .. import correcting
        from ..protocol.errors import TugError

        shown = _shown()
        if not shown:
            return
        try:
            correcting.set_range(shown[0], **change(value, shown[1]))
        except TugError as problem:
            print(f"Tug: {problem.error.message}")

    options = {"subtype": "ANGLE"} if unit == "ANGLE" else {"subtype": "DISTANCE", "precision": 3}
    return bpy.props.FloatProperty(
        name=name,
        get=get,
        set=put,
        options={"SKIP_SAVE"},
        step=100 if unit == "ANGLE" else 1,
        **options,
        **more,
    )


below, above = {"max": 0.0, "min": -endless}, {"min": 0.0, "max": endless}
from_pose = "Limit, from the present pose"
limits = {
    name: _limit(title, read, unit, description=from_pose, change=change, **side)
    for unit, names in (("ANGLE", angles), ("LENGTH", lengths))
    for name, title, read, change, side in (
        (names[0], "Lower", lambda j: j.lower, lambda v, _: {"lower": v}, below),
        (names[1], "Upper", lambda j: j.upper, lambda v, _: {"upper": v}, above),
    )
} | {
    slides[0]: _limit(
        "Slide Lower", lambda j: j.slide[0], "LENGTH", description=from_pose,
        change=lambda v, j: {"slide": (v, j.slide[1])}, **below,
    ),
    slides[1]: _limit(
        "Slide Upper", lambda j: j.slide[1], "LENGTH", description=from_pose,
        change=lambda v, j: {"slide": (j.slide[0], v)}, **above,
    ),
    "tug_pitch": _limit(
        "Pitch", lambda j: j.pitch, "LENGTH", description="Way along the axis for each full turn",
        change=lambda v, _: {"pitch": v},
    ),
}  # fmt: skip


def register() -> None:
    for name, definition in limits.items():
        setattr(bpy.types.WindowManager, name, definition)


def unregister() -> None:
    for name in limits:
        delattr(bpy.types.WindowManager, name)
