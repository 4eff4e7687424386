from __future__ import annotations

import bpy

from ..scene.parts import active_part
from . import ids
from .reports import allowed, reported


class RemoveJoint(bpy.types.Operator):
    """Take the joint of the active part away; the part goes back to its pose at rest"""

    bl_idname = ids.remove_joint
    bl_label = "Remove Joint"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        from ..scene import joints

        obj = context.active_object
        part = active_part(obj)
        return allowed(cls, part and joints.find(obj, part), "The active part has no joint")

    @reported
    def execute(self, context):
        from ..scene import joints

        obj = context.active_object
        part = active_part(obj)
        if part and (found := joints.find(obj, part)):
            joints.remove(found.control, found.bone)
            part.accepted = ""
        return {"FINISHED"}
