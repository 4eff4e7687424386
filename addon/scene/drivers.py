"""What makes a control move by `tug_open`: property, driver, limits, locks."""

from __future__ import annotations

import math

import bpy

from ..core import opening
from ..protocol.joint import Joint

Target = bpy.types.Object | bpy.types.PoseBone
property_name = "tug_open"
property_path = f'["{property_name}"]'


def rig(target: Target, joint: Joint, along: int) -> None:
    """Let `target` move along or about its local axis number `along` as the joint does.

    `target` is an object or pose bone that is at rest when its channels are zero.
    """
    _add_property(target, joint)
    _add_driver(target, joint, along)
    _add_limits(target, joint, along)
    _lock(target, joint, along)


def unrig(target: Target, joint: Joint, along: int) -> None:
    """Remove the driver; everything else goes with the target."""
    target.driver_remove(_channel(joint), along)


def _channel(joint: Joint) -> str:
    return "location" if joint.type == "prismatic" else "rotation_euler"


def _add_property(target: Target, joint: Joint) -> None:
    endless = joint.type == "continuous"
    target[property_name] = opening.rest(joint)
    target.id_properties_ui(property_name).update(
        min=-1e6 if endless else 0.0,
        max=1e6 if endless else 1.0,
        soft_min=0.0,
        soft_max=1.0,
        default=opening.rest(joint),
        description="Turns made" if endless else "How far the joint is open, 0 to 1",
    )
    target.property_overridable_library_set(property_path, True)


def _add_driver(target: Target, joint: Joint, along: int) -> None:
    curve = target.driver_add(_channel(joint), along)
    # Without keys and modifiers a driver's curve passes its value on; the two keys that 5.x puts
    # there hold the value within 1e-4 of them.
    curve.keyframe_points.clear()
    for modifier in list(curve.modifiers):
        curve.modifiers.remove(modifier)
    driver = curve.driver
    variable = driver.variables.new()
    variable.name = "opened"
    variable.targets[0].id = target.id_data
    variable.targets[0].data_path = open_path(target)
    low, high = opening.limits(joint)
    # Plain arithmetic: Blender evaluates it itself, also where Python drivers are not trusted.
    driver.expression = f"{low:.9g} + opened * {high - low:.9g}"


def open_path(target: Target) -> str:
    """Return the data path of `tug_open` from the object that holds it."""
    if isinstance(target, bpy.types.Object):
        return property_path
    return f'pose.bones["{bpy.utils.escape_identifier(target.name)}"]{property_path}'


def _add_limits(target: Target, joint: Joint, along: int) -> None:
    letter = "xyz"[along]
    if joint.type == "prismatic":
        constraint = target.constraints.new("LIMIT_LOCATION")
        setattr(constraint, f"use_min_{letter}", True)
        setattr(constraint, f"use_max_{letter}", True)
    elif joint.type == "revolute" and joint.upper - joint.lower < math.tau:
        constraint = target.constraints.new("LIMIT_ROTATION")
        setattr(constraint, f"use_limit_{letter}", True)
    else:
        return
    constraint.name = "Tug Limits"
    constraint.owner_space = "LOCAL"
    low, high = opening.limits(joint)
    setattr(constraint, f"min_{letter}", low)
    setattr(constraint, f"max_{letter}", high)


def _lock(target: Target, joint: Joint, along: int) -> None:
    slides = joint.type == "prismatic"
    target.lock_location = [not (slides and i == along) for i in range(3)]
    target.lock_rotation = [slides or i != along for i in range(3)]
    target.lock_scale = [True] * 3
