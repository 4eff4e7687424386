"""What makes a control move by `tug_open`: property, driver, limits, locks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy

from ..core import opening
from ..protocol.joint import Joint

Target = bpy.types.Object | bpy.types.PoseBone
property_name = "tug_open"
slide_name = "tug_slide"


@dataclass(frozen=True)
class Channel:
    """A channel that a property drives: it goes from `low` to `high` as the property does 0 to 1.

    `path` is "location" or "rotation_euler", `endless` whether it has no limits.
    """

    path: str
    property: str
    low: float
    high: float
    endless: bool = False


def channels(joint: Joint) -> tuple[Channel, ...]:
    """Return what moves when a joint does; nothing of a fixed one."""
    low, high = opening.limits(joint)
    # A whole turn or more has no limits: Blender's angles end there.
    turn = Channel("rotation_euler", property_name, low, high, high - low >= math.tau)
    match joint.type:
        case "fixed":
            return ()
        case "prismatic":
            return (Channel("location", property_name, low, high),)
        case "screw":
            climb = joint.pitch / math.tau
            return turn, Channel("location", property_name, climb * low, climb * high)
        case "cylindrical":
            return turn, Channel("location", slide_name, *opening.slide_limits(joint))
        case _:
            return (turn,)


def rig(target: Target, joint: Joint, along: int) -> None:
    """Let `target` move along or about its local axis number `along` as the joint does.

    `target` is an object or pose bone that is at rest when its channels are zero.
    """
    driven = channels(joint)
    _add_properties(target, joint)
    for channel in driven:
        _add_driver(target, channel, along)
        _add_limits(target, channel, along)
    _lock(target, {channel.path for channel in driven}, along)


def unrig(target: Target, joint: Joint, along: int) -> None:
    """Remove the drivers; everything else goes with the target."""
    for channel in channels(joint):
        target.driver_remove(channel.path, along)


def _add_properties(target: Target, joint: Joint) -> None:
    endless = joint.type == "continuous"
    if joint.type != "fixed":
        said = "Turns made" if endless else "How far the joint is open, 0 to 1"
        _add_property(target, property_name, opening.rest(joint), said, endless)
    if joint.type == "cylindrical":
        said = "How far the joint is shifted along its axis, 0 to 1"
        _add_property(target, slide_name, opening.slide_rest(joint), said)


def _add_property(
    target: Target, name: str, rest: float, description: str, endless: bool = False
) -> None:
    target[name] = rest
    target.id_properties_ui(name).update(
        min=-1e6 if endless else 0.0,
        max=1e6 if endless else 1.0,
        soft_min=0.0,
        soft_max=1.0,
        default=rest,
        description=description,
    )
    target.property_overridable_library_set(f'["{name}"]', True)


def _add_driver(target: Target, channel: Channel, along: int) -> None:
    curve = target.driver_add(channel.path, along)
    # Without keys and modifiers a driver's curve passes its value on; the two keys that 5.x puts
    # there hold the value within 1e-4 of them.
    curve.keyframe_points.clear()
    for modifier in list(curve.modifiers):
        curve.modifiers.remove(modifier)
    driver = curve.driver
    variable = driver.variables.new()
    variable.name = "opened"
    variable.targets[0].id = target.id_data
    variable.targets[0].data_path = property_path(target, channel.property)
    # Plain arithmetic: Blender evaluates it itself, also where Python drivers are not trusted.
    driver.expression = f"{channel.low + 0.0:.9g} + opened * {channel.high - channel.low:.9g}"


def property_path(target: Target, name: str = property_name) -> str:
    """Return the data path of `tug_open` (or another) from the object that holds it."""
    if isinstance(target, bpy.types.Object):
        return f'["{name}"]'
    return f'pose.bones["{bpy.utils.escape_identifier(target.name)}"]["{name}"]'


def property_paths(target: Target) -> tuple[str, ...]:
    """Return the data paths of what opens the joint on `target`; none of a fixed one."""
    return tuple(property_path(target, n) for n in (property_name, slide_name) if n in target)


def _add_limits(target: Target, channel: Channel, along: int) -> None:
    if channel.endless:
        return
    letter = "xyz"[along]
    if channel.path == "location":
        constraint = target.constraints.new("LIMIT_LOCATION")
        setattr(constraint, f"use_min_{letter}", True)
        setattr(constraint, f"use_max_{letter}", True)
    else:
        constraint = target.constraints.new("LIMIT_ROTATION")
        setattr(constraint, f"use_limit_{letter}", True)
    constraint.name = "Tug Limits"
    constraint.owner_space = "LOCAL"
    low, high = sorted((channel.low, channel.high))
    setattr(constraint, f"min_{letter}", low + 0.0)
    setattr(constraint, f"max_{letter}", high + 0.0)


def _lock(target: Target, driven: set[str], along: int) -> None:
    target.lock_location = ["location" not in driven or i != along for i in range(3)]
    target.lock_rotation = ["rotation_euler" not in driven or i != along for i in range(3)]
    target.lock_scale = [True] * 3
