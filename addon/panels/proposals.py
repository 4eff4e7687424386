"""Parts that were suggested: look at one, mark it."""

from __future__ import annotations

import bpy

from .. import runtime
from ..operators import ids
from .words import paragraph


class ProposalsPanel(bpy.types.Panel):
    """Regions of the active object that may be parts"""

    bl_idname = "TUG_PT_proposals"
    bl_label = "Suggested Parts"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 4

    @classmethod
    def poll(cls, context):
        job = runtime.active_parts_job(context)
        return job is not None and job.result is not None

    def draw(self, context: bpy.types.Context) -> None:
        job = runtime.active_parts_job(context)
        if job is None or job.result is None:
            return
        column = self.layout.column(align=True)
        for index, proposal in enumerate(job.proposals):
            row = column.row(align=True)
            fits = proposal.fits if job.prompt else proposal.score
            text = f"{proposal.name or 'part'}  {fits:.0%}"
            shown = index == job.selected
            button = row.operator(ids.show_proposal, text=text, depress=shown)
            button.job, button.index = job.id, index
            button = row.operator(ids.mark_proposal, text="", icon="ADD")
            button.job, button.index = job.id, index
        if not job.proposals:
            paragraph(self.layout, context, "Nothing looks like a part; mark one by hand.")
        for note in job.result.notes:
            paragraph(self.layout, context, note)
        self.layout.operator(ids.reject_result, text="Done", icon="CHECKMARK").job = job.id
