"""All jobs of the file, with progress and what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..operators import ids
from .fixes import draw_fix
from .words import job_title, paragraph

if TYPE_CHECKING:
    from ..core.jobs import AnyJob

icons = {"done": "CHECKMARK", "failed": "ERROR", "cancelled": "X"}
most_shown = 20


class JobsPanel(bpy.types.Panel):
    """What the backend is asked, newest first"""

    bl_idname = "TUG_PT_jobs"
    bl_label = "Jobs"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 5

    @classmethod
    def poll(cls, _context):
        return len(runtime.book) > 0

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        if runtime.book.unfinished() and runtime.session().state == "off":
            paragraph(layout, context, "Jobs of this file have not ended: connect to get them.")
        for job in list(runtime.book)[: -most_shown - 1 : -1]:
            _draw_job(layout.box(), context, job)
        hidden = len(runtime.book) - most_shown
        if hidden > 0:
            layout.label(text=f"and {hidden} more")
        layout.operator(ids.clear_jobs)


def _draw_job(box: bpy.types.UILayout, context: bpy.types.Context, job: AnyJob) -> None:
    row = box.row(align=True)
    row.label(text=job_title(job), icon=icons.get(job.state, "SORTTIME"))
    if job.object:
        row.operator(ids.select_part, text="", icon="RESTRICT_SELECT_OFF").job = job.id
    if not job.finished:
        draw_progress(box, job)
    elif job.error:
        row.operator(ids.copy_text, text="", icon="COPYDOWN").text = job.error.message
        paragraph(box, context, job.error.message)
        draw_fix(box, context, job.error.fix)
        box.operator(ids.retry_job, icon="FILE_REFRESH").job = job.id
    else:
        _draw_outcome(box, context, job)


def draw_progress(layout: bpy.types.UILayout, job: AnyJob | None) -> None:
    """Show how far a job is, and the button that cancels it."""
    if job is None or job.finished:
        return
    row = layout.row(align=True)
    row.progress(factor=job.progress, text=job.words(), type="BAR")
    row.operator(ids.cancel_job, text="", icon="X").job = job.id


def _draw_outcome(box: bpy.types.UILayout, context: bpy.types.Context, job: AnyJob) -> None:
    """Say what came of a job where that is not in the scene, and what is to be done with it."""
    from ..core.jobs import BakeJob, ExportJob, ImportJob, ViewsJob

    match job:
        case ExportJob(result=result):
            paragraph(box, context, f"Written to {Path(job.path).parent}.")
            for note in result.notes if result else ():
                paragraph(box, context, note)
        case ViewsJob(folder=folder, written=(_, *_)):
            paragraph(box, context, f"Written to {folder}.")
        case ImportJob(made=(), result=result):
            box.operator(ids.add_import, icon="IMPORT").job = job.id
        case BakeJob(made=(), held=held) if held:
            paragraph(box, context, held)
            box.operator(ids.add_textures, icon="TEXTURE").job = job.id
        case ImportJob(remarks=remarks) | BakeJob(remarks=remarks, made=(_, *_)):
            for note in remarks:
                paragraph(box, context, note)
        case _:
            _draw_target(box, context, job)


def _draw_target(box: bpy.types.UILayout, context: bpy.types.Context, job: AnyJob) -> None:
    from ..core.jobs import BakeJob, DraggedJob, JointJob
    from ..protocol.errors import TugError

    try:
        if isinstance(job, JointJob | DraggedJob | BakeJob):
            runtime.target(job)
        elif job.object:
            runtime.object_of(job)
    except TugError as problem:
        paragraph(box, context, problem.error.message)
