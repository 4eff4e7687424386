"""Wheels that roll and castors that swivel.

A wheel is a link that turns without end about a level axis, is round about it, and reaches down
to where the mover stands. What turns about the vertical with a wheel below it is a castor when
the wheel trails behind its pivot, else it steers: a castor swings behind its pivot as it is
pulled along (so that its wheel does not slide), what steers points along its pivot's way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.motion.bodies import Body, poses_of

Floats = NDArray[np.float64]
level = math.sin(math.radians(15.0))
ahead_most = math.sin(math.radians(30.0))
roundness = 0.75
trailing = 0.1  # of the wheel's radius: less is steering
disturbed = 1e-3  # radians: a castor does not balance on its head
sectors = 24


@dataclass(frozen=True, eq=False)
class Wheel:
    """`link` turns about `axis` (3,) through `centre` (3,), the middle of its tread, as sent.

    `width` is that of its tread. `swivel` is the link that it swivels with, -1 if fixed.
    """

    link: int
    centre: Floats
    axis: Floats
    radius: float
    width: float
    swivel: int = -1


@dataclass(frozen=True, eq=False)
class Swivel:
    """A `link` that turns about the vertical `axis` through `pivot`, the wheels' ground point
    `trail` (3,) away from it as sent. `castor` or it steers.
    """

    link: int
    axis: Floats
    pivot: Floats
    trail: Floats
    castor: bool
    low: float
    high: float


def find(body: Body) -> tuple[list[Wheel], list[Swivel]]:
    """Return what rolls, and what swivels with what rolls below it."""
    candidates = [w for i in range(1, len(body.parts)) if (w := _wheel(body, i)) is not None]
    if not candidates:
        return [], []
    floor = float((body.points @ body.up).min())
    wheels = [
        wheel
        for wheel in candidates
        if wheel.centre @ body.up - wheel.radius - floor < 0.15 * wheel.radius + 0.005 * body.size
    ]
    swivels = [s for i in range(1, len(body.parts)) if (s := _swivel(body, i, wheels)) is not None]
    fixed = [
        wheel
        for wheel in wheels
        if wheel.swivel >= 0 or abs(float(wheel.axis @ body.axes[0])) < ahead_most
    ]
    known = {swivel.link for swivel in swivels}
    return [w for w in fixed if w.swivel < 0 or w.swivel in known], swivels


def _wheel(body: Body, index: int) -> Wheel | None:
    joint = body.parts[index].joint
    if joint is None or joint.type != "continuous":
        return None
    axis, origin = np.asarray(joint.axis, float), np.asarray(joint.origin, float)
    if abs(float(axis @ body.up)) > level:
        return None
    meshes = [body.parts[i].mesh for i in body.carried(index)]
    points = np.concatenate([np.zeros((0, 3)), *(m.vertices[np.unique(m.faces)] for m in meshes)])
    if len(points) < 8:
        return None
    along = (points - origin) @ axis
    across = points - origin - np.outer(along, axis)
    radii = np.linalg.norm(across, axis=1)
    radius = float(radii.max())
    side = np.cross(axis, body.up)
    angles = np.arctan2(across @ body.up, across @ side)
    outline = np.zeros(sectors)
    np.maximum.at(outline, ((angles / math.tau + 0.5) * sectors).astype(int) % sectors, radii)
    if radius <= 0.0 or np.median(outline) < roundness * radius:
        return None
    tread = along[radii > 0.97 * radius]
    middle = 0.5 * float(tread.max() + tread.min())
    return Wheel(
        index, origin + middle * axis, axis, radius, float(np.ptp(tread)), _above(body, index)
    )


def _above(body: Body, index: int) -> int:
    """The nearest link above that turns about the vertical, -1 without."""
    index = body.parts[index].parent
    while index > 0:
        joint = body.parts[index].joint
        if joint and joint.type in ("continuous", "revolute"):
            upright = abs(float(np.asarray(joint.axis) @ body.up)) > math.cos(math.asin(level))
            return index if upright else -1
        index = body.parts[index].parent
    return -1


def _swivel(body: Body, index: int, wheels: list[Wheel]) -> Swivel | None:
    own = [wheel for wheel in wheels if wheel.swivel == index]
    joint = body.parts[index].joint
    if not own or joint is None:
        return None
    axis, pivot = np.asarray(joint.axis, float), np.asarray(joint.origin, float)
    middle = np.mean([wheel.centre for wheel in own], axis=0) - pivot
    trail = middle - body.up * float(middle @ body.up)
    radius = np.mean([wheel.radius for wheel in own])
    free = joint.type == "continuous"
    low, high = (-math.inf, math.inf) if free else (joint.lower, joint.upper)
    castor = float(np.linalg.norm(trail)) > trailing * float(radius)
    return Swivel(index, axis, pivot, trail, castor, low, high)


def swing(body: Body, swivels: list[Swivel], root: Floats, joints: Floats) -> None:
    """Write into `joints` (N, L) how far swivels are turned while the mover is at `root`."""
    for swivel in swivels:
        pivots = root[:, :3, :3] @ swivel.pivot + root[:, :3, 3]
        steps = np.diff(pivots, axis=0)
        sign = 1.0 if float(swivel.axis @ body.up) > 0.0 else -1.0
        local = np.einsum("nij,ni->nj", _middle(root), steps)  # in the frame as sent
        x, y = local @ body.axes[0], local @ body.axes[1]
        yaw = _yaws(body, root)
        if swivel.castor:
            angles = _pulled(body, swivel, x, y, yaw)
        else:
            angles = _steered(swivel, x, y, sign, body.size)
        joints[:, swivel.link] = np.clip(sign * angles, swivel.low, swivel.high)


def _middle(root: Floats) -> Floats:
    """Rotations half way between neighbouring poses, nearly."""
    both = root[1:, :3, :3] + root[:-1, :3, :3]
    u, _, v = np.linalg.svd(both)
    return u @ v


def _yaws(body: Body, root: Floats) -> Floats:
    """The heading (N,) about the mover's own up, without jumps, from the steps between poses."""
    relative = np.einsum("nji,njk->nik", root[:-1, :3, :3], root[1:, :3, :3])
    ahead = relative @ body.axes[0]
    steps = np.arctan2(ahead @ body.axes[1], ahead @ body.axes[0])
    return np.concatenate([[0.0], np.cumsum(steps)])


def _pulled(body: Body, swivel: Swivel, x: Floats, y: Floats, yaw: Floats) -> Floats:
    """Angles about up by which a castor is turned: its wheel never slides across.

    Over a step of the pivot by d, the direction from the pivot to the wheel turns by
    d x / trail: integrated exactly for a straight step (a tractrix).
    """
    length = float(np.linalg.norm(swivel.trail))
    start = math.atan2(float(swivel.trail @ body.axes[1]), float(swivel.trail @ body.axes[0]))
    angles = np.zeros(len(yaw))
    now = start  # of the trail in the mover's level frame
    turned = np.diff(yaw)
    gone = np.hypot(x, y)
    way = np.arctan2(y, x)
    for i in range(len(x)):
        now -= 0.5 * turned[i]
        if gone[i] > 1e-12:
            off = _wrapped(now - way[i] - math.pi)  # 0 when it trails straight behind
            if abs(abs(off) - math.pi) < disturbed:
                off = math.copysign(math.pi - disturbed, off)
            half = math.tan(0.5 * off) * math.exp(-gone[i] / length)
            now += _wrapped(2.0 * math.atan(half) - off)
        now -= 0.5 * turned[i]
        angles[i + 1] = now - start
    return angles


def _steered(swivel: Swivel, x: Floats, y: Floats, sign: float, size: float) -> Floats:
    """Angles about up by which what steers is turned: along its pivot's way, ahead or back."""
    moving = np.hypot(x, y) > 1e-9 * size
    angles = np.arctan(np.divide(y, x, out=np.zeros_like(x), where=np.abs(x) > 1e-12))
    if not moving.any():
        return np.zeros(len(x) + 1)
    index = np.maximum.accumulate(np.where(moving, np.arange(len(x)), np.flatnonzero(moving)[0]))
    angles = angles[index]
    ends = np.concatenate([angles[:1], 0.5 * (angles[1:] + angles[:-1]), angles[-1:]])
    low, high = (swivel.low, swivel.high) if sign > 0.0 else (-swivel.high, -swivel.low)
    return np.clip(ends, low, high)


def roll(
    body: Body,
    wheels: list[Wheel],
    root: Floats,
    joints: Floats,
    ups: Floats,
    proceed: Callable[[], None],
) -> tuple[float, float]:
    """Write into `joints` how far wheels are turned; `ups` (W, N, 3) is the ground's up at each.

    Returns the share of the way that they slide along and across.
    """
    slid_along = slid_across = gone = 0.0
    for wheel, up in zip(wheels, ups, strict=True):
        proceed()
        parent = poses_of(body, root, joints)[max(body.parts[wheel.link].parent, 0)]
        speed = _speeds(parent, wheel, up)
        joints[:, wheel.link] = speed.angles
        slid_along += speed.along
        slid_across += speed.across
        gone += speed.gone
    return slid_along / max(gone, 1e-300), slid_across / max(gone, 1e-300)


@dataclass(frozen=True, eq=False)
class _Rolled:
    angles: Floats
    along: float
    across: float
    gone: float


def _speeds(parent: Floats, wheel: Wheel, up: Floats) -> _Rolled:
    """How a wheel turns on a link that goes through poses (N, 4, 4).

    Between two poses, the contact point of the link (as if the wheel were fast to it) moves by
    a step; the wheel turns by as much as brings it back along the direction of rolling.
    """
    rotation = parent[:, :3, :3]
    centre = rotation @ wheel.centre + parent[:, :3, 3]
    axis = rotation @ wheel.axis
    normal = up - axis * (up * axis).sum(axis=1, keepdims=True)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    contact = centre - wheel.radius * normal
    # the material points of the link at both contacts, half way between them in time
    middle_contact = 0.5 * (contact[1:] + contact[:-1])
    before = np.einsum("nji,nj->ni", rotation[:-1], middle_contact - parent[:-1, :3, 3])
    after = np.einsum("nji,nj->ni", rotation[1:], middle_contact - parent[1:, :3, 3])
    there = np.einsum("nij,nj->ni", rotation[1:], before) + parent[1:, :3, 3]
    here = np.einsum("nij,nj->ni", rotation[:-1], after) + parent[:-1, :3, 3]
    step = 0.5 * (there - here)
    middle_axis = _unit(axis[1:] + axis[:-1])
    middle_up = _unit(normal[1:] + normal[:-1])
    ahead = np.cross(middle_axis, middle_up)  # where the contact goes by a positive turn, reversed
    forward = (step * ahead).sum(axis=1)
    sideways = (step * middle_axis).sum(axis=1)
    # a positive turn moves the contact by axis x (-r up) = -r ahead
    angles = np.concatenate([[0.0], np.cumsum(forward / wheel.radius)])
    gone = float(np.linalg.norm(np.diff(contact, axis=0), axis=1).sum())
    return _Rolled(angles, 0.0, float(np.abs(sideways).sum()), gone)


def _unit(vectors: Floats) -> Floats:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)


def _wrapped(angle: float) -> float:
    return (angle + math.pi) % math.tau - math.pi


def best_pivot(body: Body) -> Floats:
    """Return the point (3,) as sent that follows a way best: low in the middle of the wheels that
    do not swivel, so that they do not slide sideways; else low in the middle.
    """
    wheels, _ = find(body)
    fixed = [wheel.centre for wheel in wheels if wheel.swivel < 0]
    points = np.array(fixed) if fixed else body.points
    local = (points - body.pivot) @ body.axes.T
    middle = 0.5 * (local.min(axis=0) + local.max(axis=0))
    middle[2] = body.extent[0][2]
    return body.pivot + middle @ body.axes
