from __future__ import annotations

import bpy

from . import ids
from .placement import ByPlacementKey, has_placement, placement
from .reports import reported


class AcceptPlacement(ByPlacementKey, bpy.types.Operator):
    """Move the objects to where they are shown"""

    bl_idname = ids.accept_placement
    bl_label = "Accept"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means the newest", options={"HIDDEN"}
    )

    @classmethod
    def poll(cls, context):
        return has_placement(cls, context)

    @reported
    def execute(self, _context):
        from .. import placements, runtime

        job = placement(self.job)
        moved, remarks = placements.put_into_scene(job)
        runtime.refresh()
        for remark in remarks:
            self.report({"WARNING"}, remark)
        if not remarks:
            self.report({"INFO"}, f"{job.name}: placed." if len(moved) == 1 else "All are placed.")
        return {"FINISHED"}
