from __future__ import annotations

import bpy

from . import ids
from .by_key import ByKey
from .reports import has_whole_proposal, reported, whole_proposal


class AcceptAll(ByKey, bpy.types.Operator):
    """Put the joints of all parts into the scene, each on what it hangs on"""

    bl_idname = ids.accept_all
    bl_label = "Accept All"
    bl_options = {"REGISTER", "UNDO"}
    decides_on = ("articulate_object",)

    job: bpy.props.StringProperty(
        description="Id of the job; empty means the active object's", options={"HIDDEN"}
    )
    keyframes: bpy.props.BoolProperty(
        name="Keyframes",
        description="Animate them: shut, open, shut, with three editable keys each",
        default=True,
    )

    @classmethod
    def poll(cls, context):
        return has_whole_proposal(cls, context)

    @reported
    def execute(self, context):
        from ..handles import ObjectHandle

        job = whole_proposal(context, self.job)
        applied = ObjectHandle(job).apply(keyframes=self.keyframes)
        for joint in applied:
            joint.control.select_set(True)  # timelines show the keys of what is selected
            for note in joint.notes:
                self.report({"INFO"}, note)
        self.report({"INFO"}, f"{len(applied)} parts of '{job.name}' have their joints.")
        return {"FINISHED"}
