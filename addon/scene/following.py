"""Live motion along a trajectory: a Follow Path constraint that its timing drives."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.opening import limits
from ..core.timing import preset
from ..protocol.blobs import describe
from ..protocol.errors import failure
from ..protocol.meshes import ModelLink
from . import animating, animation, controls, curves, keyframes, timing, trajectories
from .drivers import property_name, property_path
from .headings import direction, forward_axis
from .identity import find, identify
from .movers import Movers, Subject
from .parenting import inverted, world
from .shapes import shape_of

constraint_name = "Tug Follow Path"
forwards = {
    **{f"POS_{axis}": f"FORWARD_{axis}" for axis in "XYZ"},
    **{f"NEG_{axis}": f"TRACK_NEGATIVE_{axis}" for axis in "XYZ"},
}
turning = ("FOLLOW", "BANK", "UPRIGHT")


@contextmanager
def without_live(targets: Iterable[bpy.types.Object]) -> Iterator[None]:
    """Have what moves live stand where its own channels have it, for as long as it takes."""
    found = [c for target in targets for c in target.constraints if c.name == constraint_name]
    muted = [constraint for constraint in found if not constraint.mute]
    for constraint in muted:
        constraint.mute = True
    try:
        yield
    finally:
        for constraint in muted:
            constraint.mute = False


def put(subject: Subject, movers: Movers, mover: int) -> tuple[str, ...]:
    """Have the target follow its trajectory from now on; return what that cannot do, in words.

    Raises TugError `bad_input`.
    """
    curve, target = subject.curve, subject.target
    animating.check(target)
    _check(curve)
    former = animating.describe(target)
    former |= {"frames": list(trajectories.span_of(curve)), "channels": [], "open": []}
    former["path"] = curve.data.use_path
    axis = forward_axis(curve, subject.rest)
    _silence(target, former)
    _stand(target, subject, axis)
    _constrain(target, curve, axis)
    if timing.curve_of(curve) is None:
        timing.write(curve, preset("CONSTANT", *trajectories.span_of(curve)))
    wheels = _turn_wheels(subject, movers, mover, axis) if curve.tug_animation.roll else []
    former["wheels"] = wheels
    settings = curve.tug_animation
    settings.state, settings.owner = "LIVE", identify(curve)
    settings.former = json.dumps(former)
    bpy.context.view_layer.update()
    return _limits(curve)


def take_out(curve: bpy.types.Object) -> None:
    """Take constraint and drivers away, and put the target back where it was."""
    former = json.loads(curve.tug_animation.former)
    target = find(former["target"])
    for uid, bone, value in former["wheels"]:
        control = find(uid)
        if control is not None and controls.at(control, bone):
            holder = controls.target(control, bone)
            control.driver_remove(property_path(holder))
            holder[property_name] = value
            control.update_tag()
    if target is not None:
        for constraint in [c for c in target.constraints if c.name == constraint_name]:
            constraint.driver_remove("offset_factor")
            target.constraints.remove(constraint)
        for entry in former["channels"]:
            animating.restore_keys(entry, (-math.inf, math.inf))
        animating.put_back(target, former)
    curve.data.use_path = former["path"]
    animation.forget(curve)
    bpy.context.view_layer.update()


def _check(curve: bpy.types.Object) -> None:
    """A path is followed in the curve's own frame, which must not stretch what follows it."""
    axes = world(curve)[:3, :3]
    if not np.allclose(axes.T @ axes, np.eye(3), atol=1e-4) or np.linalg.det(axes) < 0.0:
        raise failure(
            "bad_input",
            f"'{curve.name}' is scaled, which would scale what follows it live; apply its scale "
            "(Object > Apply), or choose Keys.",
        )
    if curve.data.library:
        raise failure("bad_input", f"The curve of '{curve.name}' is linked; make it local first.")


def _silence(target: bpy.types.Object, former: dict) -> None:
    """Take keys off the channels that the constraint needs; `take_out` brings them back."""
    for path in animating.own:
        for index in range(4):
            keys = keyframes.read(target, path, index)
            if keys:
                former["channels"].append([identify(target), path, index, keys])
                keyframes.write(target, path, index, [])


def _stand(target: bpy.types.Object, subject: Subject, axis: str) -> None:
    """Have the target stand in the path's frame as the constraint wants it to."""
    turn = np.linalg.inv(world(subject.curve)[:3, :3])
    if subject.curve.tug_animation.orientation in turning:
        turn = _onto(axis, subject.rest)
    place = np.eye(4)
    place[:3, :3] = turn @ subject.rest[:3, :3]
    target.matrix_basis = Matrix((inverted(subject.parent, target) @ place).tolist())


def _onto(axis: str, rest: NDArray) -> NDArray[np.float64]:
    """Return the turn (3, 3) that has an object look along its axis as the constraint takes it."""
    ahead, up = direction(axis, rest), np.array([0.0, 0.0, 1.0])
    ahead = ahead - up * (ahead @ up)
    ahead /= np.linalg.norm(ahead) or 1.0
    wanted = np.eye(3)["XYZ".index(axis[-1])] * (1.0 if axis.startswith("POS") else -1.0)
    over = np.eye(3)["XYZ".index(up_axis(axis)[-1])]
    to = np.stack([wanted, over, np.cross(wanted, over)], axis=1)
    return to @ np.stack([ahead, up, np.cross(ahead, up)])


def up_axis(axis: str) -> str:
    """Return which way is up for what looks along an axis."""
    return "UP_Y" if axis.endswith("Z") else "UP_Z"


def _constrain(target: bpy.types.Object, curve: bpy.types.Object, axis: str) -> None:
    curve.data.use_path = True
    constraint = target.constraints.new("FOLLOW_PATH")
    constraint.name = constraint_name
    constraint.target = curve
    constraint.use_fixed_location = True
    constraint.use_curve_follow = curve.tug_animation.orientation in turning
    constraint.forward_axis = forwards[axis]
    constraint.up_axis = up_axis(axis)
    _drive(constraint.driver_add("offset_factor"), curve, "way")


def _drive(driven: bpy.types.FCurve, curve: bpy.types.Object, expression: str) -> None:
    driven.keyframe_points.clear()
    for modifier in list(driven.modifiers):
        driven.modifiers.remove(modifier)
    variable = driven.driver.variables.new()
    variable.name = "way"
    variable.targets[0].id = curve
    variable.targets[0].data_path = timing.way_path
    driven.driver.expression = expression


def _turn_wheels(
    subject: Subject, movers: Movers, mover: int, axis: str
) -> list[tuple[str, str, float]]:
    """Drive the wheels by the way; return their controls with how far they were turned."""
    path = trajectories.path_of(subject.curve)
    heading = direction(axis, subject.rest)
    found = []
    for link, (uid, bone) in zip(
        movers.movers[mover].links[1:], movers.controls[mover], strict=True
    ):
        turns = _turns(link, movers, path.length, heading)
        control = find(uid)
        if turns is None or control is None:
            continue
        holder = controls.target(control, bone)
        found.append((uid, bone, float(holder[property_name])))
        driven = control.driver_add(property_path(holder))
        _drive(driven, subject.curve, f"way * {turns:.9g}")
    return found


def _turns(link: ModelLink, movers: Movers, length: float, heading: NDArray) -> float | None:
    """Return how many turns a wheel makes on a way; None for what is no wheel of it."""
    joint = link.joint
    if joint is None or joint.type != "continuous" or abs(joint.axis[2]) > 0.2:
        return None
    points = _points(link, movers) - np.array(joint.origin)
    axis = np.array(joint.axis)
    across = points - np.outer(points @ axis, axis)
    radius = float(np.linalg.norm(across, axis=1).max(initial=0.0))
    if radius <= 0.0:
        return None
    low, high = limits(joint)
    side = float(axis @ np.cross((0.0, 0.0, 1.0), heading))
    return math.copysign(length / (radius * (high - low)), side) if abs(side) > 0.5 else None


def _points(link: ModelLink, movers: Movers) -> NDArray[np.float64]:
    arrays = {describe(array).digest: array for array in movers.arrays}
    return shape_of(movers.geometry, link.pieces, lambda blob: arrays[blob.digest]).vertices


def _limits(curve: bpy.types.Object) -> tuple[str, ...]:
    """Say what a Follow Path constraint does not do of what was chosen."""
    settings, said = curve.tug_animation, []
    if settings.on_ground:
        said.append("Live, it does not stay on the ground; let the curve lie on it.")
    if settings.collisions != "IGNORE":
        said.append("Live, collisions are not looked at.")
    if settings.orientation == "BANK":
        said.append("Live, it leans as far as the curve's points are tilted.")
    if settings.orientation == "LOOK_AT":
        said.append("Live, it keeps its rotation; add a Track To constraint to look at something.")
    if len(settings.steps):
        said.append("Live, joints do not open by themselves; key them, or choose Keys.")
    splines = curves.read(curve)
    if splines and splines[0].spline != 0:
        said.append("Live, the first spline of the curve is followed; its longest is another one.")
    return tuple(said)
