"""What a learned model imagines when the part is pulled, and what can be made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..operators import ids
from . import thumbnails
from .fixes import draw_fix
from .jobs import draw_progress
from .words import paragraph

if TYPE_CHECKING:
    from ..core.jobs import BakeJob, DraggedJob, MovingJob
    from ..core.pictures import Picture, Seen

titles = {"before": "At Rest", "after": "Imagined", "found": "This Joint"}
most_views = 4  # of a proposal; more say the same


class ImaginePanel(bpy.types.Panel):
    """What a learned model imagines when the active part is pulled"""

    bl_idname = "TUG_PT_imagine"
    bl_label = "Imagine"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_parent_id = "TUG_PT_parts"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        return context.active_object is not None

    def draw(self, context: bpy.types.Context) -> None:
        from .. import imagined

        layout, settings = self.layout, context.scene.tug_imagining
        layout.prop(settings, "evidence", text="Evidence")
        layout.prop(settings, "model")
        _draw_lack(layout, context, settings.model)
        layout.operator(ids.segment_moving, icon="VIEWZOOM")
        _draw_course(layout, context, imagined.active_moving_job(context))
        layout.prop(settings, "source", text="From")
        if settings.source == "AROUND":
            layout.prop(settings, "views")
        layout.prop(settings, "look")
        button = layout.row()
        button.scale_y = 1.5
        button.operator(ids.drag_views, icon="IMAGE_DATA")
        asked = imagined.dragged_jobs(context)
        _draw_course(layout, context, asked[-1] if asked else None)
        job = imagined.active_dragged_job(context)
        if job:
            _draw_dragged(layout, context, job)
            _draw_bake(layout, context, job)


class ImaginedPanel(bpy.types.Panel):
    """What a learned model imagined, beside the proposed joint"""

    bl_idname = "TUG_PT_imagined"
    bl_label = "Imagined"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_parent_id = "TUG_PT_result"
    bl_order = 2

    @classmethod
    def poll(cls, context):
        job = runtime.active_job(context)
        return bool(job and job.joint and job.seen)

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.active_job(context)
        if job is None:
            return
        best = job.selected == 0 and job.corrected is None  # which the pictures were made of
        for index, seen in enumerate(job.seen[:most_views]):
            name = f"{job.id} {index}"
            _draw_seen(self.layout, name, seen, 4.0, titled=index == 0, found=best)


def _draw_lack(layout: bpy.types.UILayout, context: bpy.types.Context, model: str) -> None:
    """Say what the backend lacks for this, and what helps."""
    from ..core.learned import lack

    found = lack(runtime.session().capabilities, "drag_views", model)
    if found:
        paragraph(layout, context, found.reason)
        draw_fix(layout, context, found.fix)


def _draw_course(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    job: DraggedJob | MovingJob | BakeJob | None,
) -> None:
    """Show how far a question is, or why it failed and what helps."""
    draw_progress(layout, job)
    if job and job.error:
        paragraph(layout, context, job.error.message)
        draw_fix(layout, context, job.error.fix)
        row = layout.row(align=True)
        row.operator(ids.retry_job, icon="FILE_REFRESH").job = job.id
        row.operator(ids.reject_result, text="", icon="X").job = job.id


def _draw_dragged(layout: bpy.types.UILayout, context: bpy.types.Context, job: DraggedJob) -> None:
    index = job.selected
    _draw_seen(layout, f"{job.id} {index}", job.seen[index], 6.0)
    if len(job.seen) > 1:
        row = layout.row(align=True)
        for step, icon in ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT")):
            button = row.operator(ids.show_dragged_view, text="", icon=icon)
            button.job, button.step = job.id, step
        row.label(text=f"View {index + 1} of {len(job.seen)}")
    row = layout.row(align=True)
    row.operator(ids.open_dragged_view, icon="IMAGE").job = job.id
    row.operator(ids.reject_result, text="", icon="X").job = job.id
    for note in (*job.remarks, *(job.result.notes if job.result else ())):
        paragraph(layout, context, note)


def _draw_bake(layout: bpy.types.UILayout, context: bpy.types.Context, dragged: DraggedJob) -> None:
    from .. import imagined

    settings = context.scene.tug_imagining
    layout.prop(settings, "resolution")
    layout.prop(settings, "whole")
    if dragged.disguise:
        paragraph(layout, context, dragged.disguise)
    button = layout.row()
    button.scale_y = 1.5
    button.operator(ids.bake_texture, icon="TEXTURE")
    job = imagined.active_bake_job(context)
    if job:
        _draw_baked(layout, context, job, dragged.disguise)


def _draw_baked(
    layout: bpy.types.UILayout, context: bpy.types.Context, job: BakeJob, known: str
) -> None:
    """Show what came of a bake; what is `known` is said already."""
    from ..baking import images_of

    _draw_course(layout, context, job)
    if job.error or not job.finished:
        return
    if job.held:
        paragraph(layout, context, job.held)
        layout.operator(ids.add_textures, icon="TEXTURE").job = job.id
        return
    if not images_of(job):
        return  # undone, or taken away
    for texture in job.result.textures if job.result else ():
        if texture.painted > 0.0:
            name = job.request.geometry[texture.geometry].name
            said = f"'{name}': {texture.painted:.0%} of what opens is shown by the pictures."
            paragraph(layout, context, said)
    for note in job.notes:
        if note != known:
            paragraph(layout, context, note)


def _draw_seen(
    layout: bpy.types.UILayout,
    name: str,
    seen: Seen,
    scale: float,
    titled: bool = True,
    found: bool = True,
) -> None:
    """Show the pictures of a view side by side, with or without what was found."""
    row = layout.row()
    for field, title in titles.items():
        picture: Picture | None = getattr(seen, field)
        if picture is None or (field == "found" and not found):
            continue
        column = row.column(align=True)
        if titled:
            column.label(text=title)
        column.template_icon(icon_value=thumbnails.icon(f"{name} {field}", picture), scale=scale)
