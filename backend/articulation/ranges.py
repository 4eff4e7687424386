"""How far a joint goes: to contact, to the point of coming loose, or to convention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.evidence import rubbing
from backend.articulation.kinematics import arms, move
from backend.articulation.subject import Subject
from backend.articulation.sweeps import Gaps, sweep
from backend.geometry.mesh import Samples
from backend.geometry.surface import Motions, repeated

Values = NDArray[np.float64]

full_turn = 2.0 * np.pi
usual_opening = np.radians(105.0)  # doors and lids where nothing stops them
kept_inside = 0.25  # share of a drawer's depth that stays in the body
snap_turn = np.radians(3.0)  # a hinge this close to its stop is at its stop
snap_slide = 0.02  # the same for slides, of the part's length
balanced = 0.1  # part's centre this close to the axis, over its radius, may spin on and on
broad = 0.5, 0.2  # and one less close, where the part is this broad for its length across the axis
bearing = 0.2  # share of the contact's speed into the body below which it is a bearing


@dataclass(frozen=True)
class Range:
    """Limits relative to the rest pose, and whether the joint spins on."""

    lower: float
    upper: float
    continuous: bool


def find(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    """Return the range of one motion; `value` is where the drags want it (0 where none do)."""
    if motion.hinge[0]:
        return _turn(subject, motion, value, gaps)
    return _slide(subject, motion, value, gaps)


def _turn(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Range:
    out, back = _limits(subject, motion, full_turn, steps=96)
    free = out >= full_turn and back >= full_turn
    if free and "continuous" in subject.joint_types and spins(subject, motion):
        return Range(0.0, full_turn, True)
    upper = min(out, max(usual_opening, value))
    upper = max(upper, value, snap_turn)
    inward = _inward(subject, motion, back, gaps)
    return Range(-inward, float(upper), False)


def _inward(subject: Subject, motion: Motions, back: float, gaps: Gaps) -> float:
    """How far a hinge goes back from rest: not at all where it is shut."""
    if back < snap_turn or _closed(subject, motion, back, gaps, np.radians(8.0)):
        return 0.0
    if back <= usual_opening:
        return back
    swivels = float(rubbing(subject, motion)[0]) < bearing
    return usual_opening if swivels else 0.0


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
    reach = 1.5 * max(length, value)
    out, back = _limits(subject, motion, reach, steps=64)
    loose = _comes_loose(motion, reach, gaps)
    upper = min(out, (1.0 - kept_inside) * loose)
    upper = max(upper, value, snap_slide * length)
    inward = back if back < min(reach, length) and back > snap_slide * length else 0.0
    return Range(-inward, float(upper), False)


def _limits(subject: Subject, motion: Motions, reach: float, *, steps: int) -> tuple[float, float]:
    ends = [
        sweep(subject, motion, np.array([sign * reach]), steps=steps, probes=1600).limits()[0]
        for sign in (1.0, -1.0)
    ]
    return min(ends[0], reach), min(ends[1], reach)


def _comes_loose(motion: Motions, reach: float, gaps: Gaps) -> float:
    values = np.linspace(0.0, reach, 33)
    gone = gaps.at(repeated(motion, 33), values) > 0.02
    return float(values[int(np.argmax(gone))]) if gone.any() else reach


def _closed(subject: Subject, motion: Motions, back: float, gaps: Gaps, step: float) -> bool:
    """Whether the rest pose is the shut one: turned either way, far less of the part touches."""
    points = subject.part.samples.points
    limit = gaps.rest + 0.02
    poses = move(
        repeated(motion, 3),
        np.array([0.0, step, -min(step, max(back, 1e-3))]),
        points,
    )
    distance = gaps.body_distance(poses.reshape(-1, 3)).reshape(3, -1)
    rest, opened, pushed = (distance < limit).sum(axis=1)
    return bool(rest > 1.5 * opened and rest >= 0.8 * pushed)
