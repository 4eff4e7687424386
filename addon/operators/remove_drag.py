from __future__ import annotations

import bpy

from ..scene.parts import active_part, remove_drag
from . import ids
from .reports import allowed, chosen_part, reported


class RemoveDrag(bpy.types.Operator):
    """Remove the selected drag"""

    bl_idname = ids.remove_drag
    bl_label = "Remove Drag"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        # Not without drags either: in the Drag tool its key would delete the object then.
        return allowed(cls, active_part(context.active_object), "Add a part first")

    @reported
    def execute(self, context):
        from ..protocol.errors import failure

        _, part = chosen_part(context)
        if not 0 <= part.drag_index < len(part.drags):
            raise failure("bad_input", f"'{part.name}' has no drag to remove.")
        remove_drag(part, part.drag_index)
        return {"FINISHED"}
