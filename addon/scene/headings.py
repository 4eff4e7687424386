"""Which side of something looks ahead, and how it stands when it does."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from . import animation, trajectories
from .model import joint_now
from .parenting import world

Transform = NDArray[np.float64]
looking = ("CAMERA", "LIGHT", "SPEAKER", "LIGHT_PROBE")  # along their -Z


def forward_axis(curve: bpy.types.Object, rest: Transform) -> str:
    """Return which of the target's own axes looks ahead, such as NEG_Y."""
    settings, target = curve.tug_animation, trajectories.target_of(curve)
    if settings.forward == "TRACK" and target:
        return target.track_axis
    if settings.forward != "AUTO":
        return settings.forward
    if settings.resolved:
        return settings.resolved
    if target and target.type in looking:
        return "NEG_Z"
    heading = trajectories.path_of(curve).heading(0.0)
    fits = {axis: float(direction(axis, rest) @ heading) for axis in animation.axes}
    level = [axis for axis in fits if abs(direction(axis, rest)[2]) < 0.7]
    axles = _axles(target) if target else []
    rolling = [a for a in level if all(abs(axle["XYZ".index(a[-1])]) < 0.5 for axle in axles)]
    return max(rolling or level or list(fits), key=fits.__getitem__)


def _axles(target: bpy.types.Object) -> list[NDArray[np.float64]]:
    """Return along which directions of the target's own frame its wheels have their axes."""
    turning = world(target)[:3, :3]
    joints = [joint_now(record) for record in animation.joints_of(target)]
    axes = [np.array(joint.axis) @ turning for joint in joints if joint.type == "continuous"]
    return [axis / np.linalg.norm(axis) for axis in axes]


def standing(axis: str, rest: Transform) -> Transform:
    """Return a rest pose from which to look ahead.

    What looks along its Z axis, as cameras do, has its Y axis up, whatever way it lies.
    """
    if not axis.endswith("Z"):
        return rest
    up = Vector(direction("POS_Y", rest))
    turned = np.array(rest)
    turned[:3, :3] = np.array(up.rotation_difference((0, 0, 1)).to_matrix()) @ rest[:3, :3]
    return turned


def direction(axis: str, rest: Transform) -> NDArray[np.float64]:
    """Return where an axis of an object looks in world, as a unit vector."""
    column = rest[:3, "XYZ".index(axis[-1])] * (1.0 if axis.startswith("POS") else -1.0)
    return column / np.linalg.norm(column)
