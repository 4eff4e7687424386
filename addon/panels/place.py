"""Placing what is selected: how, where, and how it came to stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..operators import ids
from ..tools.viewport import in_use, place_tool
from .jobs import draw_progress
from .words import length, paragraph

if TYPE_CHECKING:
    from ..core.jobs import PlaceJob
    from ..protocol.placement import Placement


class PlacementPanel(bpy.types.Panel):
    """Where objects were found to stand, and how well"""

    bl_idname = "TUG_PT_placement"
    bl_label = "Proposed Place"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 2

    @classmethod
    def poll(cls, _context):
        return runtime.newest_place_job() is not None

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.newest_place_job()
        if job:
            _draw_result(self.layout, context, job)


class PlacePanel(bpy.types.Panel):
    """Where the selected objects are to stand"""

    bl_idname = "TUG_PT_place"
    bl_label = "Place"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 5

    def draw(self, context: bpy.types.Context) -> None:
        layout, obj = self.layout, context.active_object
        if obj is None:
            text = "Select what should stand on a floor, a table or anything else."
            paragraph(layout, context, text)
            return
        _draw_hints(layout, obj)
        settings = context.scene.tug_placing
        layout.prop(settings, "wish")
        if settings.wish == "BOX":
            layout.prop_search(settings, "box_name", context.scene, "objects")
        button = layout.row()
        button.scale_y = 1.5
        button.operator(ids.place_in_scene, icon="SNAP_FACE")
        if not in_use(context, place_tool):
            layout.operator(ids.place_at, icon="CURSOR")
        _draw_running(layout)


def _draw_hints(layout: bpy.types.UILayout, obj: bpy.types.Object) -> None:
    """Show how the active object is to be placed."""
    hints = obj.tug_placing
    column = layout.column(align=True)
    column.prop(hints, "upright")
    row = column.row(align=True)
    row.prop(hints, "against_wall")
    if hints.against_wall:
        row.prop(hints, "front", text="")
    column.prop(hints, "locked")


def _draw_running(layout: bpy.types.UILayout) -> None:
    if not runtime.has_jobs():
        return
    from ..core.jobs import PlaceJob

    for job in runtime.book.unfinished():
        if isinstance(job, PlaceJob):
            draw_progress(layout, job)


def _draw_result(layout: bpy.types.UILayout, context: bpy.types.Context, job: PlaceJob) -> None:
    """Say how all items stand; while nobody has decided, ask."""
    from .. import placements

    for item, placement in zip(job.request.items, job.placements, strict=False):
        _draw_placement(layout, context, placement, item.locked)
        if len(item.links) > 1:
            _draw_figure(layout, "Joints free", f"{placement.free:.0%}")
    for note in job.result.notes if job.result else ():
        paragraph(layout, context, note)
    if placements.is_accepted(job):
        layout.label(text="Accepted", icon="CHECKMARK")
        for remark in job.remarks:
            paragraph(layout, context, remark)
        layout.prop(context.scene.tug_placing, "overlay")
        return
    row = layout.row(align=True)
    row.scale_y = 1.4
    row.operator(ids.accept_placement, icon="CHECKMARK").job = job.id
    row.operator(ids.reject_placement, icon="X").job = job.id


def _draw_placement(
    layout: bpy.types.UILayout, context: bpy.types.Context, placement: Placement, locked: bool
) -> None:
    from ..core.placing import is_steady, per_cent

    icon = "LOCKED" if locked else "CHECKMARK" if is_steady(placement) else "ERROR"
    layout.label(text=placement.name, icon=icon)
    where = f"Stays; on {placement.support}" if locked else f"On {placement.support}"
    paragraph(layout, context, where if placement.support else "On nothing")
    column = layout.column(align=True)
    column.scale_y = 0.85
    for name in ("penetration", "gap", "drift"):
        value = getattr(placement, name)
        _draw_figure(
            column,
            name.capitalize(),
            f"{length(value)}  ({round(per_cent(value, placement), 2):g} %)",
        )
    steady = f"{100.0 * placement.stability:.0f} % inside"
    if placement.stability < 0.0:
        steady = f"Topples, {-100.0 * placement.stability:.0f} % off"
    _draw_figure(column, "Stability", steady)


def _draw_figure(layout: bpy.types.UILayout, name: str, value: str) -> None:
    row = layout.row()
    row.label(text=name)
    row.label(text=value)
