"""How far a joint is open: 0 to 1 between its limits, and the frame of its axis."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..protocol.errors import failure
from ..protocol.joint import Joint, motion


def limits(joint: Joint) -> tuple[float, float]:
    """Return the values at open = 0 and open = 1; a `continuous` joint makes one turn."""
    if joint.type == "continuous":
        return 0.0, math.tau
    if joint.type == "fixed":
        return 0.0, 0.0
    return joint.lower + 0.0, joint.upper + 0.0  # Blender shows -0.0 as such


def slide_limits(joint: Joint) -> tuple[float, float]:
    """Return how far a `cylindrical` joint is shifted at slide = 0 and slide = 1."""
    low, high = joint.slide if joint.type == "cylindrical" else (0.0, 0.0)
    return low + 0.0, high + 0.0


def value_at(joint: Joint, opened: float) -> float:
    """Return the joint's value (radians or Blender units) at `opened`, not clamped."""
    return _between(limits(joint), opened)


def slide_at(joint: Joint, slid: float) -> float:
    """Return how far a `cylindrical` joint is shifted, in Blender units, at `slid`; else 0."""
    return _between(slide_limits(joint), slid)


def rest(joint: Joint) -> float:
    """Return how far open the joint is in the pose that was sent."""
    return _share_of_zero(limits(joint))


def slide_rest(joint: Joint) -> float:
    """Return how far a `cylindrical` joint is slid in the pose that was sent."""
    return _share_of_zero(slide_limits(joint))


def farthest(joint: Joint) -> float:
    """Return the end (0 or 1) farther from the rest pose: what "open" means to a person."""
    return 1.0 if rest(joint) <= 0.5 else 0.0


def pulled_to(joint: Joint, drags: Iterable[tuple[ArrayLike, ArrayLike]]) -> float:
    """Return the joint's value, within its limits, that brings drags' starts nearest their ends.

    Without drags, the end that is farther from the rest pose.
    """
    pairs = [(np.asarray(start, np.float64), np.asarray(end, np.float64)) for start, end in drags]
    if not pairs:
        return value_at(joint, farthest(joint))
    (low, high), value = limits(joint), 0.0
    for _ in range(4):  # each time a hundred times as fine
        values = np.linspace(low, high, 201).tolist()
        value = min(values, key=lambda v: _missed(joint, v, pairs))
        step = values[1] - values[0]
        low, high = max(low, value - step), min(high, value + step)
    return value + 0.0


def _missed(joint: Joint, value: float, pairs: list[tuple[NDArray, NDArray]]) -> float:
    pose = motion(joint, value)
    return sum(float(((pose[:3, :3] @ a + pose[:3, 3] - b) ** 2).sum()) for a, b in pairs)


def check(joint: Joint) -> None:
    """Raise TugError `bad_input` when the joint cannot be put into a scene."""
    low, high = limits(joint)
    numbers = (*joint.axis, *joint.origin, low, high, joint.pitch, *joint.slide)
    if not all(map(math.isfinite, numbers)):
        raise failure("bad_input", "The joint has values that are not finite; compute it again.")
    if abs(math.hypot(*joint.axis) - 1.0) > 1e-4:
        raise failure("bad_input", "The joint's axis is no unit vector; compute it again.")
    if joint.type != "fixed":
        _check_range("range", low, high)
    if joint.type == "cylindrical":
        _check_range("slide", *slide_limits(joint))


def _check_range(name: str, low: float, high: float) -> None:
    if not low < high:
        raise failure("bad_input", f"The joint's {name} is empty; give it room to move.")
    if not low <= 0.0 <= high:
        raise failure(
            "bad_input", f"The joint's {name} leaves out the present pose; widen it to contain 0."
        )


def _between(limits: tuple[float, float], share: float) -> float:
    low, high = limits
    return low + share * (high - low)


def _share_of_zero(limits: tuple[float, float]) -> float:
    low, high = limits
    return -low / (high - low) + 0.0 if high > low else 0.0


def axis_frame(axis: ArrayLike, origin: ArrayLike, along: int) -> NDArray[np.float64]:
    """Return a rigid (4, 4) frame at `origin` whose local axis number `along` is `axis`."""
    direction = np.asarray(axis, np.float64)
    direction = direction / np.linalg.norm(direction)
    helper = np.eye(3)[np.argmin(np.abs(direction))]
    side = np.cross(helper, direction)
    side /= np.linalg.norm(side)
    frame = np.eye(4)
    frame[:3, along] = direction
    frame[:3, (along + 1) % 3] = side
    frame[:3, (along + 2) % 3] = np.cross(direction, side)
    frame[:3, 3] = origin
    return frame
