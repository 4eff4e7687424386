"""How far a joint goes: to contact, to the point of coming loose, or to custom.

Custom speaks only where nothing stops the part. It is what people who animate expect of the
part's shape, and knows no categories:

- leaves, which are broad along their hinge (doors, lids, flaps), open by 95 degrees from where
  they are shut, and halves of equal size (laptops, cases) by 120;
- levers, which stick out from it (handles, spouts, temples, blades), turn by 75, and to both
  sides alike where they rest in the object's plane of symmetry;
- what is shut at rest goes no further in, and what rests half open also goes back until shut;
- drawers keep a quarter of their depth inside, also those of which only the front is modelled.

A pull shows most of the way (about 0.7 of it); where that says something else than custom, it
is followed. A short one only shows the direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.clearance import Clearance
from backend.articulation.evidence import rubbing
from backend.articulation.kinematics import arms, move
from backend.articulation.subject import Subject
from backend.articulation.sweeps import Gaps, sweep
from backend.geometry.mesh import Samples
from backend.geometry.surface import Motions, repeated

Values = NDArray[np.float64]

full_turn = 2.0 * np.pi
leaf_opening = np.radians(95.0)
half_opening = np.radians(120.0)
lever_opening = np.radians(75.0)
swing_opening = np.radians(50.0)  # to each side
broad_leaf = 0.4  # extent along the hinge over that across it, from which a part is a leaf
kept_inside = 0.28  # share of a drawer's depth that stays in the body
shown = 0.7  # of the way, by a pull
agrees = 0.35  # log ratio up to which a pull and custom agree
too_short = 2.0  # and from which a pull is a mere direction
snap_turn = np.radians(3.0)  # a hinge this close to its stop is at its stop
snap_slide = 0.02  # the same for slides, of the part's length
balanced = 0.1  # part's centre this close to the axis, over its radius, may spin on and on
broad = 0.5, 0.2  # and one less close, where the part is this broad for its length across the axis
bearing = 0.2  # share of the contact's speed into the body below which it is a bearing
mirrored = 0.015  # of the diagonal: mirror images this close are the same
thin_front = 0.25  # thickness of a drawer's front over its width, at most


@dataclass(frozen=True)
class Range:
    """Limits relative to the rest pose, and whether the joint spins on."""

    lower: float
    upper: float
    continuous: bool


def find(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    """Return the range of one motion; `value` is where the drags want it (0 where none do).

    It ends before the first contact of `clearance`, and holds `value` unless contact forbids.
    """
    rule = _turn if motion.hinge[0] else _slide
    return rule(subject, motion, value, gaps)


def _turn(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    clearance = gaps.clearance
    out, back = _limits(subject, motion, full_turn, steps=96)
    free = out >= full_turn and back >= full_turn
    round_and_round = free and "continuous" in subject.joint_types and spins(subject, motion)
    if round_and_round and clearance.limit(motion, full_turn) >= full_turn:
        return Range(0.0, full_turn, True)
    if _closed(subject, motion, back, gaps, np.radians(8.0)):
        back = 0.0
    if is_leaf(subject, motion):
        lower, upper = _leaf(subject, motion, value, out, back, gaps)
    else:
        lower, upper = _lever(subject, motion, value, out, back)
    upper = max(upper, min(value, out), snap_turn)
    return _cleared(clearance, motion, lower, upper, snap_turn)


def _leaf(
    subject: Subject, motion: Motions, value: float, out: float, back: float, gaps: Gaps
) -> tuple[float, float]:
    """Opens from where it is shut: behind, at rest or ahead."""
    custom = half_opening if _halves(subject, motion) else leaf_opening
    if snap_turn < back <= custom and _shut(subject, motion, -back, gaps):
        return -back, min(out, opening(custom, value + back) - back)
    if back > snap_turn and out <= custom and _shut(subject, motion, out, gaps):
        return -max(opening(custom, out) - out, 0.0), out
    return 0.0, min(out, opening(custom, value))


def _lever(
    subject: Subject, motion: Motions, value: float, out: float, back: float
) -> tuple[float, float]:
    """Rests at an end of its way, or in the middle of it."""
    if back > snap_turn and out + back <= lever_opening:
        return -back, out
    if back > snap_turn and _in_symmetry_plane(subject, motion):
        half = opening(swing_opening, value)
        return -min(back, half), min(out, half)
    return 0.0, min(out, opening(lever_opening, value))


def opening(custom: float, value: float) -> float:
    """Return how far a joint opens that does so by `custom` and is pulled to `value`."""
    if value <= 0.0:
        return custom
    off = float(np.log(value / shown / custom))
    if off < -too_short:
        return custom
    return max(value, custom * float(np.exp(np.sign(off) * max(abs(off) - agrees, 0.0))))


def _cleared(
    clearance: Clearance, motion: Motions, lower: float, upper: float, snap: float
) -> Range:
    upper = clearance.limit(motion, upper)
    if lower < 0.0:
        lower = -clearance.limit(motion, lower)
    return Range(0.0 if lower > -snap else float(lower), float(upper), False)


def is_leaf(subject: Subject, motion: Motions) -> bool:
    """Whether the part is broad along the hinge also where it is far from it."""
    points = subject.part.samples.points
    arm = arms(motion, points)[0]
    across = float(np.percentile(arm, 98.0))
    low, high = np.percentile(points[arm > 0.5 * across] @ motion.axis[0], [5.0, 95.0])
    return float(high - low) > broad_leaf * across


def _halves(subject: Subject, motion: Motions) -> bool:
    """Whether part and body are two plates of about the same size, shut like a book."""
    part, body = subject.part.box, subject.body.box
    flat = [np.sort(box.half) for box in (part, body)]
    thin = all(half[0] < 0.25 * half[1] for half in flat)
    normals = [box.axes[int(np.argmin(box.half))] for box in (part, body)]
    alike = 0.6 < (flat[0][1] * flat[0][2]) / (flat[1][1] * flat[1][2]) < 1.7
    return bool(thin and alike and abs(normals[0] @ motion.axis[0]) < 0.2)


def _in_symmetry_plane(subject: Subject, motion: Motions) -> bool:
    """Whether part and body are their own mirror images in the plane of axis and part."""
    samples = subject.part.samples
    axis, origin = motion.axis[0], motion.origin[0]
    arm = np.average(samples.points, axis=0, weights=samples.area) - origin
    normal = np.cross(axis, arm)
    length = float(np.linalg.norm(normal))
    if length < 1e-6:
        return False
    normal /= length
    for side, share in ((subject.part, 90.0), (subject.body, 75.0)):
        points = side.samples.points[:500]
        image = points - 2.0 * np.outer((points - origin) @ normal, normal)
        if np.percentile(side.surface.closest(image, limit=0.1)[0], share) > mirrored:
            return False
    return True


def spins(subject: Subject, motion: Motions) -> bool:
    """Whether the part is balanced about the axis and borne all round, as wheels and seats are.

    Levers and spouts are not: they are long and narrow, and go one way from the axis.
    """
    samples = subject.part.samples
    centre = np.average(samples.points, axis=0, weights=samples.area)
    radius = float(np.percentile(arms(motion, samples.points), 95.0))
    off = float(arms(motion, centre[None])[0, 0]) / max(radius, 1e-9)
    farthest, narrowest = broad
    even = off < balanced or (off < farthest and breadth(motion, samples) > narrowest)
    return even and float(rubbing(subject, motion)[0]) < bearing


def breadth(motion: Motions, samples: Samples) -> float:
    """Return the spread across the axis in the narrowest direction over that in the widest."""
    axis = motion.axis[0]
    arm = samples.points - motion.origin[0]
    arm = arm - np.outer(arm @ axis, axis)
    _, narrow, wide = np.linalg.eigvalsh((arm * samples.area[:, None]).T @ arm)
    return float(narrow / max(wide, 1e-12))


def _slide(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    length = float(np.ptp(subject.part.samples.points @ motion.axis[0]))
    snap = snap_slide * length
    reach = 1.5 * max(length, value, _depth_behind(subject, motion))
    out, back = _limits(subject, motion, reach, steps=64)
    upper = min(out, opening((1.0 - kept_inside) * _loose(subject, motion, reach, gaps), value))
    if back < min(reach, length):
        lower = -back
    elif out < min(reach, length):
        lower = -(1.0 - kept_inside) * _loose(subject, motion, -reach, gaps)
    else:
        lower = 0.0
    return _cleared(gaps.clearance, motion, lower, max(upper, min(value, out), snap), snap)


def _loose(subject: Subject, motion: Motions, reach: float, gaps: Gaps) -> float:
    """How far towards `reach` a slide leaves its body; a mere front as far as the body is deep."""
    values = np.linspace(0.0, reach, 33)
    gone = gaps.at(repeated(motion, 33), values) > 0.02
    loose = abs(float(values[int(np.argmax(gone))] if gone.any() else reach))
    return max(loose, _depth_behind(subject, motion)) if reach > 0.0 else loose


def _depth_behind(subject: Subject, motion: Motions) -> float:
    """How deep the body is behind a part that is a mere front; 0 for other parts."""
    axis = motion.axis[0]
    box = subject.core
    extents = np.sort(2.0 * box.half)
    normal = box.axes[int(np.argmin(box.half))]
    if abs(float(normal @ axis)) < 0.95 or extents[0] > thin_front * extents[1]:
        return 0.0
    corners = subject.body.mesh.vertices
    local = box.local(corners)
    across = [k for k in range(3) if k != int(np.argmin(box.half))]
    beside = (np.abs(local[:, across]) < 1.5 * box.half[across]).all(axis=1)
    depth = float(((box.centre - corners[beside]) @ axis).max(initial=0.0))
    return depth if depth > extents[0] else 0.0


def _limits(subject: Subject, motion: Motions, reach: float, *, steps: int) -> tuple[float, float]:
    ends = [
        sweep(subject, motion, np.array([sign * reach]), steps=steps, probes=1600).limits()[0]
        for sign in (1.0, -1.0)
    ]
    return min(ends[0], reach), min(ends[1], reach)


def _closed(subject: Subject, motion: Motions, back: float, gaps: Gaps, step: float) -> bool:
    """Whether the rest pose is the shut one: turned either way, far less of the part touches."""
    values = np.array([0.0, step, -min(step, max(back, 1e-3))])
    rest, opened, pushed = _touching(subject, motion, values, gaps)
    return bool(rest > 1.5 * opened and rest >= 0.8 * pushed)


def _shut(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> bool:
    """Whether far more of the part touches at a value than at rest: doors in their frames."""
    rest, there = _touching(subject, motion, np.array([0.0, value]), gaps)
    return bool(there > 1.5 * rest and there > 0.1 * len(subject.part.samples))


def _touching(subject: Subject, motion: Motions, values: Values, gaps: Gaps) -> NDArray[np.intp]:
    """How many (N,) of the part's samples are near the body at values (N,)."""
    poses = move(repeated(motion, len(values)), values, subject.part.samples.points)
    distance = gaps.body_distance(poses.reshape(-1, 3)).reshape(len(values), -1)
    return (distance < gaps.rest + 0.02).sum(axis=1)
