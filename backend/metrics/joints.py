"""How far a joint is from the true one: axis, line and range."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.joint import Joint

full_turn = 2.0 * math.pi


def axis_error(found: Joint, true: Joint, *, directed: bool = True) -> float:
    """Return the angle between the axes in degrees: up to 180, or up to 90 if not `directed`."""
    cosine = float(np.dot(found.axis, true.axis))
    sine = float(np.linalg.norm(np.cross(found.axis, true.axis)))
    return math.degrees(math.atan2(sine, cosine if directed else abs(cosine)))


def line_distance(found: Joint, true: Joint, near: ArrayLike) -> float:
    """Return how far the found axis passes from the true one, measured beside the part.

    It is the distance to the true line from that point of the found line which is nearest to
    `near` (3,), the part's centre. So it does not depend on where along its line a joint has
    its origin, and lines that cross far away are not called close: it is never smaller than
    the distance between the two lines.
    """
    return float(np.linalg.norm(_from_line(true, _foot(found, np.asarray(near, dtype=float)))))


def range_iou(found: Joint, true: Joint) -> float:
    """Return intersection over union of the ranges, both along the true axis' direction.

    0 between joints that slide, turn, do both or neither. A continuous joint covers one full
    turn, a screw is compared by its angles, and a cylindrical joint's range is the rectangle of
    angles and shifts.
    """
    if _freedom(found) != _freedom(true):
        return 0.0
    if true.type == "fixed":
        return 1.0
    if "continuous" in (found.type, true.type):
        turns = [min(_turn(joint) / full_turn, 1.0) for joint in (found, true)]
        return min(turns) / max(turns)
    turned_round = np.dot(found.axis, true.axis) < 0.0
    limits = [(found.lower, found.upper, true.lower, true.upper)]
    if true.type == "cylindrical":
        limits.append((*found.slide, *true.slide))
    return _box_iou([(-b, -a, c, d) if turned_round else (a, b, c, d) for a, b, c, d in limits])


def _box_iou(limits: Sequence[tuple[float, float, float, float]]) -> float:
    """IoU of two boxes, each side given as lower and upper of one and of the other."""
    shared = math.prod(max(0.0, min(b, d) - max(a, c)) for a, b, c, d in limits)
    sizes = [math.prod(limit[k + 1] - limit[k] for limit in limits) for k in (0, 2)]
    spanned = sum(sizes) - shared
    return shared / spanned if spanned > 0.0 else 1.0


def _freedom(joint: Joint) -> str:
    return joint.type if joint.type in ("prismatic", "cylindrical", "fixed") else "turning"


def reversible(joint: Joint) -> bool:
    """Return whether the joint is the same with its axis reversed: a wheel, a swivel."""
    span = joint.upper - joint.lower
    return joint.type == "continuous" or abs(joint.lower + joint.upper) < 1e-6 * span


def _turn(joint: Joint) -> float:
    return full_turn if joint.type == "continuous" else joint.upper - joint.lower


def _foot(joint: Joint, point: NDArray[np.float64]) -> NDArray[np.float64]:
    return point - _from_line(joint, point)


def _from_line(joint: Joint, point: NDArray[np.float64]) -> NDArray[np.float64]:
    axis, arm = np.array(joint.axis), point - np.array(joint.origin)
    return arm - axis * (arm @ axis)
