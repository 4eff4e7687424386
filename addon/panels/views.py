"""Views of the motion: from where it is seen, and what is written of it."""

from __future__ import annotations

from pathlib import Path

import bpy

from .. import runtime
from ..operators import ids
from ..scene.rigs import count
from .jobs import draw_progress
from .words import paragraph


class ViewsPanel(bpy.types.Panel):
    """See the motion from many sides, as video models take it"""

    bl_idname = "TUG_PT_views"
    bl_label = "Views"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 5

    def draw(self, context: bpy.types.Context) -> None:
        layout, scene = self.layout, context.scene
        settings = scene.tug_views
        layout.prop(settings, "source")
        if settings.source == "RIG":
            _draw_rig(layout, settings)
        if settings.source != "CAMERA":
            row = layout.row(align=True)
            row.prop(settings, "width", text="Size")
            row.prop(settings, "height", text="")
        layout.prop(settings, "unclear")
        layout.prop(settings, "selected")
        layout.operator(ids.add_multi_view_rig, icon="OUTLINER_OB_CAMERA")
        layout.column(align=True).prop(settings, "layers")
        layout.prop(settings, "fastest")
        text = f"Frames {scene.frame_start} to {scene.frame_end}, the scene's."
        paragraph(layout, context, text)
        button = layout.row()
        button.scale_y = 1.5
        button.operator(ids.render_controls, icon="RENDER_ANIMATION")
        _draw_job(layout, context)


def _draw_rig(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup) -> None:
    layout.prop(settings, "preset")
    if settings.preset != "CUSTOM":
        return
    column = layout.column(align=True)
    column.prop(settings, "azimuths")
    column.prop(settings, "elevations")
    column.prop(settings, "lowest")
    column.prop(settings, "highest")
    column.label(text=f"{count(settings)} views")


def _draw_job(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Show how the newest question goes, and what came of it."""
    job = runtime.newest_views_job()
    if job is None:
        return
    if not job.finished:
        draw_progress(layout, job)
        return
    if job.error:
        paragraph(layout, context, job.error.message)
        return
    if job.written:
        paragraph(layout, context, f"{len(job.written)} files in {Path(job.folder)}.")
    notes = (*job.remarks, *(job.result.notes if job.result else ()))
    for note in notes:
        paragraph(layout, context, note)
