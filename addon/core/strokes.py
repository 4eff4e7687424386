"""A drawn stroke as points: checked, without repeats, evenly dense."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..protocol.errors import failure

Floats = NDArray[np.float64]
most_samples = 20_000
largest = 1e12  # a coordinate beyond it is a mistake, and squares of it would overflow


def cleaned(stroke: ArrayLike) -> Floats:
    """Return (N, 3) world points of a stroke without repeats, at least two of them.

    Raises TugError `bad_input` when they are no points, not finite, or do not go anywhere.
    """
    points = _as_points(stroke)
    if not len(points):
        raise failure("bad_input", "The stroke has no points; draw one that goes somewhere.")
    if not np.isfinite(points).all() or np.abs(points).max() > largest:
        raise failure(
            "bad_input",
            "The stroke has points that are not finite (NaN or infinite); draw it again.",
        )
    step = -(-len(points) // most_samples)
    points = np.concatenate([points[:-1:step], points[-1:]])
    kept = np.r_[True, np.any(points[1:] != points[:-1], axis=1)]
    points = points[kept]
    if len(points) < 2 or extent(points) <= 1e-9 * max(1.0, float(np.abs(points).max())):
        raise failure("bad_input", "The stroke stays in one place; draw one that goes somewhere.")
    return points


def _as_points(stroke: ArrayLike) -> Floats:
    try:
        return np.asarray(stroke, np.float64).reshape(-1, 3)
    except (TypeError, ValueError):
        raise failure("bad_input", "A stroke is a list of points (x, y, z).") from None


def extent(points: Floats) -> float:
    """Return the diagonal of the points' box: what counts as the size of a stroke."""
    return float(np.linalg.norm(points.max(axis=0) - points.min(axis=0)))


def arcs(points: Floats) -> Floats:
    """Return how far along the polyline each of (N, 3) points is, (N,) from 0."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.r_[0.0, np.cumsum(steps)]


def steady_arcs(points: Floats, radius: float) -> Floats:
    """Return arc lengths (N,) that a hand's trembling does not lengthen.

    Only steps that leave a ball of `radius` about the last one count as way.
    """
    kept, here = [0], points[0].tolist()
    for index, point in enumerate(points.tolist()):
        if math.dist(point, here) >= radius:
            kept.append(index)
            here = point
    kept = kept if kept[-1] == len(points) - 1 else [*kept, len(points) - 1]
    return np.interp(np.arange(len(points)), kept, arcs(points[kept]))


def resampled(points: Floats, spacing: float) -> Floats:
    """Return the points with others between them, so that none are farther apart than `spacing`."""
    along = arcs(points)
    pieces = np.maximum(1, np.ceil(np.diff(along) / spacing)).astype(np.int64)
    starts = np.repeat(np.arange(len(pieces)), pieces)
    within = np.arange(len(starts)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (within / pieces[starts])[:, None]
    between = points[starts] * (1.0 - share) + points[starts + 1] * share
    return np.concatenate([between, points[-1:]])
