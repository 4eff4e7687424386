"""Fits a cubic Bezier spline with few control points to a freehand stroke.

After Schneider (Graphics Gems I): least squares for the lengths of the handles, better parameters
by Newton's method, and a split where a piece does not come within the tolerance. Before that the
stroke is cut at its corners; after it, knots that turn out not to be needed are taken out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .names import default_tolerance
from .strokes import Floats, arcs, cleaned, extent, resampled, steady_arcs

least_tolerance = 1e-4
corner_cosine = 0.5  # a stroke that turns by more than 60 degrees within a few tolerances
refinements = 5
most_between = 4_000  # samples put between those that were drawn


class Bezier(NamedTuple):
    """A spline: `knots`, their handles `left` and `right`, all (N, 3), and which are corners.

    A closed one goes on from the last knot to the first.
    """

    knots: Floats
    left: Floats
    right: Floats
    corners: NDArray[np.bool_]
    closed: bool


class _Samples(NamedTuple):
    points: Floats
    along: Floats  # arc lengths, steadied
    tolerance: float
    closed: bool

    def reach(self, index: int, low: int, high: int) -> tuple[int, int]:
        """Return the samples within an arm's length of one, kept within `low` and `high`."""
        arm = 4.0 * self.tolerance
        ends = np.searchsorted(self.along, self.along[index] + np.array([-arm, arm]))
        return max(low, min(int(ends[0]), index - 2)), min(high, max(int(ends[1]), index + 2))


class _Piece(NamedTuple):
    """One cubic from sample `start` to sample `end`; `control` is (4, 3)."""

    start: int
    end: int
    control: Floats


def fit(stroke: ArrayLike, tolerance: float = default_tolerance, closed: bool = False) -> Bezier:
    """Return a spline that stays within `tolerance` of a stroke.

    Parameters
    ----------
    stroke : (N, 3) array-like
        Points as drawn. The first and the last are met exactly.
    tolerance : float
        As a share of the stroke's size, the diagonal of its box.
    closed : bool
        Whether to go on from the last point to the first.

    Raises
    ------
    TugError
        `bad_input` for a stroke that is not finite or does not go anywhere.
    """
    points = cleaned(stroke)
    if closed and np.any(points[0] != points[-1]):
        points = np.concatenate([points, points[:1]])
    middle, size = points.mean(axis=0), extent(points)
    unit = (points - middle) / size
    tolerance = max(tolerance, least_tolerance)
    spacing = max(0.5 * tolerance, float(arcs(unit)[-1]) / most_between)
    dense = resampled(unit, spacing)
    closed = closed and len(points) > 3
    samples = _Samples(dense, steady_arcs(dense, 0.5 * tolerance), tolerance, closed)
    corners = _corners(samples)
    bezier = _joined(samples, _pieces(samples, corners), corners)
    ends = {0: points[0], -1: points[-1]} if not closed else {0: points[0]}
    knots, left, right = (array * size + middle for array in bezier[:3])
    for index, point in ends.items():
        knots[index] = point
    return Bezier(knots, left, right, bezier.corners, closed)


def _corners(samples: _Samples) -> list[int]:
    """Return the samples where the stroke is cut: its ends and its corners."""
    points, last = samples.points, len(samples.points) - 1
    arm = 3.0 * samples.tolerance
    before = _at(samples, samples.along - arm)
    after = _at(samples, samples.along + arm)
    cosine = _dots(_unit(points - before), _unit(after - points))
    if not samples.closed:
        inside = (samples.along > arm) & (samples.along < samples.along[-1] - arm)
        cosine = np.where(inside, cosine, 1.0)
    found = [0, last]
    for index in np.argsort(cosine, kind="stable"):
        if cosine[index] >= corner_cosine:
            break
        if all(abs(samples.along[index] - samples.along[other]) > arm for other in found):
            found.append(int(index))
    return sorted(found)


def _at(samples: _Samples, along: Floats) -> Floats:
    """Return the points that far along; a closed stroke goes on past its ends."""
    if samples.closed:
        along = along % samples.along[-1]
    axes = (np.interp(along, samples.along, axis) for axis in samples.points.T)
    return np.stack(list(axes), axis=1)


def _pieces(samples: _Samples, corners: list[int]) -> list[_Piece]:
    seam = _seam(samples)
    found: list[_Piece] = []
    for start, end in pairwise(corners):
        first = seam if start == 0 and seam is not None else _tangent(samples, start, start, end)
        last = -seam if end == corners[-1] and seam is not None else None
        last = -_tangent(samples, end, start, end) if last is None else last
        found += _thinned(samples, _split(samples, start, end, first, last))
    return found


def _seam(samples: _Samples) -> Floats | None:
    """Return the direction in which a closed stroke passes its first point, if smoothly."""
    if not samples.closed:
        return None
    arm = 3.0 * samples.tolerance
    ends = _at(samples, np.array([-arm, arm]))
    into, out = _unit(samples.points[0] - ends[0]), _unit(ends[1] - samples.points[0])
    return _unit(ends[1] - ends[0]) if float(into @ out) >= corner_cosine else None


def _tangent(samples: _Samples, index: int, low: int, high: int) -> Floats:
    """Return the direction at a sample: of the parabola that fits those around it best."""
    first, last = samples.reach(index, low, high)
    ways = samples.along[first : last + 1] - samples.along[index]
    scale = float(np.abs(ways).max()) or 1.0
    basis = np.stack([ways / scale, (ways / scale) ** 2], axis=1)
    offsets = samples.points[first : last + 1] - samples.points[index]
    direction = np.linalg.lstsq(basis, offsets, rcond=None)[0][0]
    if not np.any(direction):
        direction = samples.points[last] - samples.points[first]
    return _unit(direction)


def _split(samples: _Samples, start: int, end: int, first: Floats, last: Floats) -> list[_Piece]:
    """Return cubics from sample to sample, each within the tolerance. Tangents point inwards."""
    found, waiting = [], [(start, end, first, last)]
    while waiting:
        start, end, first, last = waiting.pop()
        control, errors = _cubic(samples, start, end, first, last)
        if end - start < 3 or errors.max() <= samples.tolerance:
            found.append(_Piece(start, end, control))
            continue
        middle = start + min(max(int(errors.argmax()), 1), end - start - 1)
        across = _tangent(samples, middle, start, end)
        waiting.append((middle, end, across, last))
        waiting.append((start, middle, first, -across))
    return found


def _thinned(samples: _Samples, pieces: list[_Piece]) -> list[_Piece]:
    """Join neighbours for which one cubic is enough."""
    found = pieces[:1]
    for piece in pieces[1:]:
        former = found[-1]
        tangents = former.control[1] - former.control[0], piece.control[2] - piece.control[3]
        control, errors = _cubic(samples, former.start, piece.end, *map(_unit, tangents))
        if errors.max() <= samples.tolerance:
            found[-1] = _Piece(former.start, piece.end, control)
        else:
            found.append(piece)
    return found


def _cubic(
    samples: _Samples, start: int, end: int, first: Floats, last: Floats
) -> tuple[Floats, Floats]:
    """Return the control points of the best cubic and how far each sample is from it."""
    points = samples.points[start : end + 1]
    along = samples.along[start : end + 1] - samples.along[start]
    length = float(along[-1])
    times = along / length
    best = control = _least_squares(points, times, first, last, length)
    errors = nearest = _lengths(_value(control, times) - points)
    for _ in range(refinements):
        if errors.max() <= 0.25 * samples.tolerance or errors.max() > 20 * samples.tolerance:
            break
        times = _better(control, points, times)
        control = _least_squares(points, times, first, last, length)
        errors = _lengths(_value(control, times) - points)
        if errors.max() < nearest.max():
            best, nearest = control, errors
    return best, nearest


def _least_squares(
    points: Floats, times: Floats, first: Floats, last: Floats, length: float
) -> Floats:
    """Return the cubic with given ends and tangents that fits best; only lengths are free."""
    t, s = times, 1.0 - times
    ahead, back = (3.0 * s * s * t)[:, None] * first, (3.0 * s * t * t)[:, None] * last
    ends = np.outer(s * s * (s + 3.0 * t), points[0]) + np.outer(t * t * (t + 3.0 * s), points[-1])
    rest = points - ends
    a, b, c = (float((u * v).sum()) for u, v in ((ahead, ahead), (ahead, back), (back, back)))
    x, y = float((ahead * rest).sum()), float((back * rest).sum())
    determinant = a * c - b * b
    lengths = np.full(2, length / 3.0)
    if determinant > 1e-9 * a * c:
        lengths = np.array([x * c - y * b, a * y - b * x]) / determinant
    if lengths.min() < 1e-3 * length or lengths.max() > length:
        lengths = np.full(2, length / 3.0)
    inner = points[0] + lengths[0] * first, points[-1] + lengths[1] * last
    return np.array([points[0], *inner, points[-1]])


def _better(control: Floats, points: Floats, times: Floats) -> Floats:
    """Return times at which the cubic is nearer to the points: one step of Newton's method."""
    velocity, change = np.diff(control, axis=0) * 3.0, np.diff(control, n=2, axis=0) * 6.0
    t, s = times[:, None], 1.0 - times[:, None]
    off = _value(control, times) - points
    first = s * s * velocity[0] + 2.0 * s * t * velocity[1] + t * t * velocity[2]
    second = s * change[0] + t * change[1]
    slope = _dots(first, first) + _dots(off, second)
    step = np.divide(_dots(off, first), slope, out=np.zeros_like(slope), where=slope > 1e-12)
    better = np.maximum.accumulate(np.clip(times - step, 0.0, 1.0))
    better[0], better[-1] = 0.0, 1.0
    return better


def _value(control: Floats, times: Floats) -> Floats:
    t, s = times, 1.0 - times
    return np.stack([s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t], axis=1) @ control


def _joined(samples: _Samples, pieces: list[_Piece], corners: list[int]) -> Bezier:
    knots = np.array([p.control[0] for p in pieces] + [pieces[-1].control[3]])
    right = np.array([p.control[1] for p in pieces] + [2.0 * knots[-1] - pieces[-1].control[2]])
    left = np.array([2.0 * knots[0] - right[0]] + [p.control[2] for p in pieces])
    inner = set(corners[1:-1])
    sharp = np.array([p.start in inner for p in pieces] + [False])
    if samples.closed:
        left[0] = left[-1]
        sharp[0] = _seam(samples) is None
        knots, left, right, sharp = knots[:-1], left[:-1], right[:-1], sharp[:-1]
    return Bezier(knots, left, right, sharp, samples.closed)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0.0, lengths, 1.0)


def _lengths(vectors: Floats) -> Floats:
    return np.linalg.norm(vectors, axis=1)


def _dots(a: Floats, b: Floats) -> Floats:
    return np.einsum("ij,ij->i", a, b)
