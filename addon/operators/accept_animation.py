from __future__ import annotations

import bpy

from . import ids
from .motion import ByMotionKey, has_motion, motion
from .reports import reported


class AcceptAnimation(ByMotionKey, bpy.types.Operator):
    """Write this motion as a few editable keys; they follow when the curve is edited"""

    bl_idname = ids.accept_animation
    bl_label = "Accept"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means that of the trajectory on show",
        options={"HIDDEN"},
    )

    @classmethod
    def poll(cls, _context):
        return has_motion(cls)

    @reported
    def execute(self, context):
        from ..handles import AnimateHandle

        handle = AnimateHandle(motion(context, self.job))
        notes = handle.apply()
        for target in handle.targets:
            target.select_set(True)  # timelines show the keys of what is selected
        self.report({"INFO"}, f"'{handle.name}' moves along its trajectory.")
        for note in notes:
            self.report({"INFO"}, note)
        return {"FINISHED"}
