from __future__ import annotations

import bpy

from ..core.jobs import JointJob
from ..handles import JointHandle
from ..tools.aiming import shown_here
from . import ids
from .reports import allowed, has_proposal, proposal, reported


class AcceptResult(bpy.types.Operator):
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
        if not has_proposal(cls, context):
            return False
        shown = shown_here(context)
        undecided = isinstance(shown, JointJob) and shown.choices > 1
        return allowed(cls, not undecided, "Say first which of the two is meant")

    @reported
    def execute(self, context):
        job = proposal(context, self.job)
        applied = JointHandle(job).apply(keyframes=self.keyframes)
        applied.control.select_set(True)  # timelines show the keys of what is selected
        self.report({"INFO"}, f"'{job.name}' has its joint.")
        return {"FINISHED"}
