"""Points along splines, as Blender's curve objects have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .strokes import Floats

per_segment = 32
most_points = 50_000


def along_bezier(knots: Floats, left: Floats, right: Floats, closed: bool) -> Floats:
    """Return (M, 3) points along a Bezier spline of (N, 3) knots and their handles."""
    ends = np.roll(np.arange(len(knots)), -1)[: None if closed else -1]
    starts = np.arange(len(ends))
    control = np.stack([knots[starts], right[starts], left[ends], knots[ends]], axis=1)
    times = np.arange(_steps(len(starts))) / _steps(len(starts))
    t, s = times, 1.0 - times
    weights = np.stack([s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t], axis=1)
    inner = np.einsum("tc,ncd->ntd", weights, control).reshape(-1, 3)
    return np.concatenate([inner, knots[-1:] if not closed else knots[:1]])


def along_poly(points: Floats, closed: bool) -> Floats:
    """Return the points of a poly spline, with the first again when it is closed."""
    return np.concatenate([points, points[:1]]) if closed else points


def along_nurbs(
    points: Floats, weights: Floats, order: int, closed: bool, ends: bool, bezier: bool
) -> Floats:
    """Return (M, 3) points along a NURBS of (N, 3) control points and (N,) weights.

    `ends` and `bezier` are Blender's Endpoint and Bezier options. A spline with too few points
    for them, which Blender does not draw, is followed as a polyline.
    """
    count = len(points)
    if order < 2 or count < order or (bezier and not _fits_bezier(count, order, closed, ends)):
        return along_poly(points, closed)
    knots = _knots(count, order, closed, ends, bezier)
    if closed:
        again = np.arange(count + order - 1) % count
        points, weights = points[again], weights[again]
    low, high = knots[order - 1], knots[len(points)]
    times = _times(np.unique(np.clip(knots, low, high)))
    basis = _basis(knots, order, len(points), times) * weights
    return (basis @ points) / basis.sum(axis=1, keepdims=True)


def _times(breaks: Floats) -> Floats:
    """Return times between low and high, breaks among them: a corner must not be cut."""
    within = np.arange(_steps(len(breaks))) / _steps(len(breaks))
    inner = breaks[:-1, None] + np.diff(breaks)[:, None] * within
    return np.r_[inner.reshape(-1), breaks[-1]]


def _steps(segments: int) -> int:
    return max(1, min(per_segment, most_points // max(segments, 1)))


def _fits_bezier(count: int, order: int, closed: bool, ends: bool) -> bool:
    enough = ends or count > order
    return enough and (not closed or count % (order - 1) == 0)


def _knots(count: int, order: int, closed: bool, ends: bool, bezier: bool) -> Floats:
    """Return the knot vector that Blender makes for these options."""
    total = count + order + (order - 1 if closed else 0)
    again = order - 1 if bezier else 1
    first = (order - closed) if ends else (min(2, again) if bezier else 1)
    tail = 2 * order - 1 if closed else (order if ends else 0)
    offset = int(ends and closed)
    steps = np.arange(total - offset - tail + 1)
    values = offset + np.where(steps < first, 0, 1 + (steps - first) // again)
    knots = np.r_[np.zeros(offset), values[:-1]]
    for index in range(tail):  # the first ones again, which may reach into what was just added
        knots = np.r_[knots, values[-1] + knots[index] - knots[0]]
    return knots.astype(np.float64)


def _basis(knots: Floats, order: int, count: int, times: Floats) -> NDArray:
    """Return (T, count) values of the B-spline basis functions (Cox, de Boor)."""
    inside = np.minimum(times, np.nextafter(knots[count], -np.inf))
    spans = np.clip(np.searchsorted(knots, inside, side="right") - 1, order - 1, count - 1)
    values = np.zeros((len(times), len(knots) - 1))
    values[np.arange(len(times)), spans] = 1.0
    for degree in range(1, order):
        width = len(knots) - 1 - degree
        starts, rises = knots[:width], knots[degree : degree + width] - knots[:width]
        stops = knots[degree + 1 : degree + 1 + width]
        falls = stops - knots[1 : 1 + width]
        up = np.where(rises > 0.0, (times[:, None] - starts) / np.where(rises > 0, rises, 1.0), 0.0)
        down = np.where(
            falls > 0.0, (stops - times[:, None]) / np.where(falls > 0, falls, 1.0), 0.0
        )
        values = up * values[:, :width] + down * values[:, 1 : width + 1]
    return values[:, :count]
