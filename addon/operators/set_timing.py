from __future__ import annotations

import bpy

from ..scene import trajectories
from . import ids
from .animate import missing
from .reports import allowed, reported

presets = (
    ("CONSTANT", "Constant", "The same speed all the way"),
    ("EASE", "Ease", "Start and stop softly"),
    ("EASE_IN", "Ease In", "Start softly"),
    ("EASE_OUT", "Ease Out", "Stop softly"),
)


class SetTiming(bpy.types.Operator):
    """Replace the time handles by two, at start and end; edit their curve in the Graph Editor"""

    bl_idname = ids.set_timing
    bl_label = "Timing"
    bl_options = {"REGISTER", "UNDO"}

    preset: bpy.props.EnumProperty(name="Preset", items=presets)

    @classmethod
    def poll(cls, context):
        return allowed(cls, trajectories.shown(context), missing)

    @reported
    def execute(self, context):
        from .. import animations

        animations.set_timing(trajectories.required(context), self.preset)
        return {"FINISHED"}
