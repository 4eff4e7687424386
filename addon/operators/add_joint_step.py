from __future__ import annotations

import bpy

from ..scene import animation, trajectories
from . import ids
from .animate import missing
from .reports import allowed, reported


class AddJointStep(bpy.types.Operator):
    """Have a joint open on the way: at the selected or next marker, or at the present frame"""

    bl_idname = ids.add_joint_step
    bl_label = "Add Joint Step"
    bl_options = {"REGISTER", "UNDO"}

    joint: bpy.props.StringProperty(
        name="Joint", description="Name of the part; empty takes one that has no step yet"
    )
    marker: bpy.props.StringProperty(
        name="Marker", description="A marker of the timeline; empty takes the selected or next one"
    )

    @classmethod
    def poll(cls, context):
        curve = trajectories.shown(context)
        target = trajectories.target_of(curve) if curve else None
        return allowed(cls, curve, missing) and allowed(
            cls, target and animation.joints_of(target), "What moves has no joint to open"
        )

    @reported
    def execute(self, context):
        from .. import animations
        from ..protocol.errors import failure

        curve = trajectories.required(context)
        target = trajectories.target_of(curve)
        if target is None:
            raise failure("bad_input", f"Nothing moves along '{curve.name}'; choose its object.")
        joint = self.joint or _free_joint(curve, target)
        marker = animation.next_marker(context.scene)
        at = self.marker or (marker.name if marker else context.scene.frame_current)
        animations.add_step(curve, joint, at, 1.0, 1.0)
        return {"FINISHED"}


def _free_joint(curve: bpy.types.Object, target: bpy.types.Object) -> str:
    labels = animation.labels_of(target)
    taken = {(step.control, step.bone) for step in curve.tug_animation.steps}
    free = [name for name, r in labels.items() if (r.id_data.tug.uid, r.bone) not in taken]
    return (free or list(labels))[0]
