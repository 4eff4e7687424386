"""How what is seen moves over some frames, from positions frame by frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
fitted_with = 2000  # vertices; all are looked at afterwards
still = 1e-6  # of the coordinates: what counts as no motion
rigid = 2e-5  # of the size: how far vertices may be from where a rigid motion takes them


def relative(matrices: Floats) -> Floats | None:
    """Return (T, 4, 4): from where something was first; None where it stands still.

    `matrices` (T, 4, 4) say where it is. Raises LinAlgError where it is flat at first.
    """
    first = matrices[0]
    if np.abs(matrices - first).max() <= still * max(1.0, float(np.abs(first).max())):
        return None
    return matrices @ np.linalg.inv(first)


def rigid_motion(shapes: NDArray[np.float32]) -> Floats | None:
    """Return the motion (T, 4, 4) that takes the first of the shapes (T, V, 3) to each of them.

    None where they bend.
    """
    first = shapes[0].astype(float)
    size = float(np.linalg.norm(np.ptp(first, axis=0)))
    some = np.linspace(0, len(first) - 1, min(len(first), fitted_with)).astype(int)
    start = first[some]
    middle = start.mean(axis=0)
    motion = np.tile(np.eye(4), (len(shapes), 1, 1))
    limit = rigid * size + still * float(np.abs(first).max(initial=1.0))
    for pose, shape in zip(motion, shapes, strict=True):
        there = shape[some].astype(float)
        pose[:3, :3] = _turn(start - middle, there - there.mean(axis=0))
        pose[:3, 3] = there.mean(axis=0) - pose[:3, :3] @ middle
        if np.abs(first @ pose[:3, :3].T + pose[:3, 3] - shape).max(initial=0.0) > limit:
            return None
    return motion


def same(one: Floats | None, other: Floats | None) -> bool:
    """Return whether two motions (T, 4, 4) are one; None is no motion."""
    if one is None or other is None:
        return one is other
    return bool(np.abs(one - other).max() <= still * max(1.0, float(np.abs(one).max())))


def _turn(start: Floats, there: Floats) -> Floats:
    """Return the rotation (3, 3) that takes one cloud of points best to another."""
    left, _, right = np.linalg.svd(there.T @ start)
    mirror = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right)) or 1.0])
    return left @ mirror @ right
