"""The joints proposed for all parts of an object, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..operators import ids
from .result import draw_sliders
from .words import paragraph, title

if TYPE_CHECKING:
    from ..core.jobs import ObjectJob


class WholePanel(bpy.types.Panel):
    """The joints that were found for all parts of the active object"""

    bl_idname = "TUG_PT_whole"
    bl_label = "Proposed Joints"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 2

    @classmethod
    def poll(cls, context):
        job = runtime.active_object_job(context)
        return job is not None and bool(job.answers)

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.active_object_job(context)
        if job is None or job.result is None:
            return
        accepted = runtime.accepted(job)
        column = self.layout.column(align=True)
        for index in range(len(job.answers)):
            _draw_part(column, job, index)
        if accepted:
            self.layout.label(text="Accepted", icon="CHECKMARK")
        else:
            _draw_decision(self.layout, context, job)
        for note in job.result.notes:
            paragraph(self.layout, context, note)


def _draw_part(column: bpy.types.UILayout, job: ObjectJob, index: int) -> None:
    answer, joint = job.answers[index], job.joint(index)
    unsure = answer.choices > 1 and job.parts[index][1] not in job.selected
    row = column.row(align=True)
    row.label(text=answer.name, icon="QUESTION" if unsure else "NONE")
    row.label(text=title(joint) if joint else "No joint found")
    if len(answer.joints) < 2:
        return
    for step, icon in ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT")):
        button = row.operator(ids.flip_part, text="", icon=icon)
        button.job, button.part, button.step = job.id, index, step


def _draw_decision(layout: bpy.types.UILayout, context: bpy.types.Context, job: ObjectJob) -> None:
    shown = [joint for index in range(len(job.answers)) if (joint := job.joint(index))]
    draw_sliders(layout, context, shown)
    row = layout.row(align=True)
    row.scale_y = 1.4
    row.operator(ids.accept_all, icon="CHECKMARK").job = job.id
    row.operator(ids.reject_result, icon="X").job = job.id
