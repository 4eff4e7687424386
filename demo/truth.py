"""How far a found joint is from the true one."""

from __future__ import annotations

import numpy as np

from protocol.joint import Joint


def axis_error(true: Joint, found: Joint) -> float:
    """Return the angle between the directed axes in radians."""
    return float(np.arccos(np.clip(np.dot(true.axis, found.axis), -1.0, 1.0)))


def line_error(true: Joint, found: Joint) -> float:
    """Return how far the hinge lines are apart in Blender units; sliders have no line."""
    if true.type == "prismatic":
        return 0.0
    between = np.subtract(found.origin, true.origin)
    return float(np.linalg.norm(between - np.dot(between, true.axis) * np.asarray(true.axis)))
