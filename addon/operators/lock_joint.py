from __future__ import annotations

import bpy

from . import ids
from .by_key import ByKey
from .reports import has_proposal, proposal, reported

fields = (
    ("menu", "Choose", "Show what can be locked"),
    ("type", "Type", "Turning, sliding, or both"),
    ("axis", "Axis", "Its direction, and which way is positive"),
    ("origin", "Origin", "The point that the axis goes through"),
    ("range", "Range", "The limits; they hold the type as well"),
    ("all", "All", "Type, axis, origin and range"),
    ("none", "None", "Nothing: all of it is sought anew"),
)


class LockJoint(ByKey, bpy.types.Operator):
    """Have this stay as it is when the joint is asked again, or let go of it"""

    bl_idname = ids.lock_joint
    bl_label = "Lock"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Id of the job; empty means the active part's")
    field: bpy.props.EnumProperty(name="Lock", items=fields, default="all", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context):
        return has_proposal(cls, context)

    @reported
    def execute(self, context):
        from .. import correcting
        from ..core.correcting import every_field

        job = proposal(context, self.job)
        if self.field in ("all", "none"):
            correcting.set_locks(job, every_field if self.field == "all" else ())
        elif self.field != "menu":
            correcting.toggle_lock(job, self.field)
        return {"FINISHED"}

    def begin(self, context, _event):
        """Show the menu where the field is not said."""
        if self.field != "menu":
            return self.execute(context)
        job = proposal(context, self.job)

        def draw(menu, _context):
            menu.layout.operator_context = "EXEC_DEFAULT"
            for field, name, _ in fields[1:]:
                icon = "LOCKED" if field in job.locked else "UNLOCKED"
                icon = "BLANK1" if field in ("all", "none") else icon
                button = menu.layout.operator(ids.lock_joint, text=name, icon=icon)
                button.job, button.field = job.id, field

        context.window_manager.popup_menu(draw, title="Stays When Asked Again")
        return {"FINISHED"}
