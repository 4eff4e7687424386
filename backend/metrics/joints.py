"""How far a joint is from the true one: axis, line and range."""

from __future__ import annotations

import math

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

    0 where a slider is compared with a hinge; a continuous joint covers one full turn.
    """
    if (found.type == "prismatic") != (true.type == "prismatic"):
        return 0.0
    if "continuous" in (found.type, true.type):
        turns = [min(_turn(joint) / full_turn, 1.0) for joint in (found, true)]
        return min(turns) / max(turns)
    lower, upper = found.lower, found.upper
    if np.dot(found.axis, true.axis) < 0.0:
        lower, upper = -upper, -lower
    shared = min(upper, true.upper) - max(lower, true.lower)
    spanned = max(upper, true.upper) - min(lower, true.lower)
    return max(0.0, shared) / spanned if spanned > 0.0 else 1.0


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
