from __future__ import annotations

import bpy

from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported


class AcceptResult(ByKey, bpy.types.Operator):
    """Put this joint into the scene: control, limits and, if wanted, keyframes"""

    bl_idname = ids.accept_result
    bl_label = "Accept"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means the active part's", options={"HIDDEN"}
    )
    keyframes: bpy.props.BoolProperty(
        name="Keyframes",
        description="Animate it: shut, open, shut, with three editable keys",
        default=True,
    )

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    def takes(self, _context, _event, job):
        """While two are shown, the user has to say first which one is meant."""
        return job.choices == 1

    @reported
    def execute(self, context):
        from ..handles import JointHandle

        job = proposal(context, self.job)
        applied = JointHandle(job).apply(keyframes=self.keyframes)
        applied.control.select_set(True)  # timelines show the keys of what is selected
        self.report({"INFO"}, f"'{job.name}' has its joint.")
        return {"FINISHED"}
