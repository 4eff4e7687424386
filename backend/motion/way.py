"""The shape of a path by the length of way along it.

Between its points the way is a cubic spline through them, broken at corners: where the direction
turns by more than `sharp`, or far more than it does at both neighbours. There a mover goes
through the corner exactly and its heading turns within a few frames (see `orientation`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from protocol.errors import failure

Points = NDArray[np.float64]
sharp = math.radians(30.0)  # denser points than that make a curve
kink = math.radians(2.0)  # less is noise
outstanding = 4.0  # a kink is a corner when it turns that many times more than its neighbours
most_stretch = 4.0  # a longer piece than that beside a short one is a straight line
nodes, weights = np.polynomial.legendre.leggauss(7)
nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights


class Way:
    """Points (N, 3) as a curve by arc length, from 0 to `length`; closed ones come back.

    `corners` (C,) are where the direction jumps, `turns` (C,) by which angle. `tilt` (N,) is
    carried along.
    """

    def __init__(
        self, points: ArrayLike, *, closed: bool = False, tilt: ArrayLike | None = None
    ) -> None:
        given = _proper(points)
        kept = _distinct(given, closed)
        self.points, self.closed = given[kept], closed
        ring = np.concatenate([self.points, self.points[:1]]) if closed else self.points
        turns = _turns(ring, closed)
        cuts = _cuts(ring, turns, closed)
        rolled, first = _rolled(ring, cuts, closed)
        knots = sorted({*((cuts - first) % (len(ring) - 1)).tolist(), 0, len(ring) - 1})
        smooth = closed and not len(cuts)
        pieces = [_section(rolled[a : b + 1], smooth) for a, b in pairwise(knots)]
        self._steps = np.concatenate([piece.steps for piece in pieces])
        self._cubics = np.concatenate([piece.cubics for piece in pieces], axis=1)
        lengths = self._within(np.arange(len(self._steps)), self._steps)
        self._along = np.concatenate([[0.0], np.cumsum(lengths)])
        self.length = float(self._along[-1])
        counts = np.concatenate([piece.counts for piece in pieces])
        begins = np.concatenate([[0], np.cumsum(counts)])
        self._shift = float(self._along[begins[len(ring) - 1 - first]]) if first else 0.0
        ends = np.cumsum([len(piece.steps) for piece in pieces])
        self.corners, self.turns = self._corners(ends if closed and not smooth else ends[:-1])
        self._tilt = None if tilt is None else self._tilts(np.asarray(tilt, float)[kept])

    def at(self, along: ArrayLike) -> Points:
        """Return the points (N, 3) at lengths of way (N,)."""
        return self._value(*self._place(along), 0)

    def tangents(self, along: ArrayLike) -> Points:
        """Return the unit directions (N, 3); at a corner the one after it."""
        return _unit(self._value(*self._place(along), 1))

    def curvatures(self, along: ArrayLike) -> Points:
        """Return the curvature vectors (N, 3): to the centre of the bend, one over its radius."""
        index, u = self._place(along)
        first, second = self._value(index, u, 1), self._value(index, u, 2)
        speed = np.maximum((first * first).sum(axis=1, keepdims=True), 1e-300)
        return (second - first * (first * second).sum(axis=1, keepdims=True) / speed) / speed

    def tilt(self, along: ArrayLike) -> NDArray[np.float64]:
        """Return the roll (N,) about the way."""
        along = np.atleast_1d(np.asarray(along, np.float64))
        if self._tilt is None:
            return np.zeros(len(along))
        places, tilts = self._tilt
        return np.interp(along, places, tilts)

    def stations(self, most: int = 4000) -> NDArray[np.float64]:
        """Return lengths of way that are dense where the way bends, both ends included."""
        ends = (self._along - self._shift) % self.length if self._shift else self._along
        inner = np.sort(ends)
        halves = 0.5 * (inner[1:] + inner[:-1])
        even = np.linspace(0.0, self.length, 257)
        found = np.unique(np.concatenate([inner, halves, even, [0.0, self.length]]))
        return found if len(found) <= most else np.linspace(0.0, self.length, most)

    def _place(self, along: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The piece and the parameter in it at lengths of way."""
        asked = np.atleast_1d(np.asarray(along, np.float64))
        last = asked >= self.length
        wanted = np.clip(asked, 0.0, self.length) + self._shift
        wanted = np.where(wanted > self.length, wanted - self.length, wanted)
        index = np.searchsorted(self._along, wanted, side="right") - 1
        ending = np.searchsorted(self._along, wanted, side="left") - 1
        index = np.clip(np.where(last, ending, index), 0, len(self._steps) - 1)
        rest = wanted - self._along[index]
        whole = np.diff(self._along)[index]
        steps = self._steps[index]
        u = steps * rest / np.maximum(whole, 1e-300)
        for _ in range(4):
            speed = np.linalg.norm(self._value(index, u, 1), axis=1)
            u = np.clip(u - (self._within(index, u) - rest) / np.maximum(speed, 1e-12), 0.0, steps)
        return index, u

    def _value(self, index: NDArray[np.intp], u: NDArray[np.float64], order: int) -> Points:
        a, b, c, d = (self._cubics[k, index] for k in range(4))
        u = u[..., None]
        if order == 0:
            return ((a * u + b) * u + c) * u + d
        return (3.0 * a * u + 2.0 * b) * u + c if order == 1 else 6.0 * a * u + 2.0 * b

    def _within(self, index: NDArray, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The length of way in pieces up to parameters."""
        total = np.zeros(len(u))
        for node, weight in zip(nodes, weights, strict=True):
            total += weight * np.linalg.norm(self._value(index, u * node, 1), axis=1)
        return total * u

    def _corners(self, ends: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where sections meet, as lengths of way, and the angle there."""
        if not len(ends):
            return np.zeros(0), np.zeros(0)
        after = ends % len(self._steps)
        before = ends - 1
        incoming = _unit(self._value(before, self._steps[before], 1))
        outgoing = _unit(self._value(after, np.zeros(len(after)), 1))
        cosine = np.clip((incoming * outgoing).sum(axis=1), -1.0, 1.0)
        places = self._along[ends] - self._shift
        places = np.where(places < -1e-12, places + self.length, np.maximum(places, 0.0))
        order = np.argsort(places)
        return places[order], np.arccos(cosine)[order]

    def _tilts(self, tilts: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        if self.closed:
            steps = np.append(steps, np.linalg.norm(self.points[0] - self.points[-1]))
            tilts = np.append(tilts, tilts[0])
        along = np.concatenate([[0.0], np.cumsum(steps)])
        return along * self.length / along[-1], tilts


def _proper(points: ArrayLike) -> Points:
    given = np.array(points, np.float64)
    if given.ndim != 2 or given.shape[1] != 3 or len(given) < 2:
        raise failure("bad_input", "A way needs at least two points (N, 3).")
    if not np.isfinite(given).all():
        raise failure(
            "bad_input", "The way has points that are NaN or infinite: draw it once more."
        )
    return given


def _distinct(points: Points, closed: bool) -> NDArray[np.intp]:
    """Which points differ from the one before. Raises TugError where the way goes nowhere."""
    least = 1e-7 * float(np.linalg.norm(np.ptp(points, axis=0)))
    kept = [0]
    for i in range(1, len(points)):
        if np.linalg.norm(points[i] - points[kept[-1]]) > least:
            kept.append(i)
    if closed and len(kept) > 1 and np.linalg.norm(points[kept[-1]] - points[kept[0]]) <= least:
        kept.pop()
    if len(kept) < 2 or least == 0.0:
        raise failure("bad_input", "The way has no length: draw a longer one.")
    return np.array(kept)


def _turns(ring: Points, closed: bool) -> NDArray[np.float64]:
    """By how much the direction turns at each point (N,); 0 at open ends."""
    ways = _unit(np.diff(ring, axis=0))
    cosines = np.clip((ways[1:] * ways[:-1]).sum(axis=1), -1.0, 1.0)
    # arccos is inexact near 0
    chords = np.linalg.norm(ways[1:] - ways[:-1], axis=1)
    angles = np.where(
        cosines > 0.9, 2.0 * np.arcsin(np.clip(0.5 * chords, 0, 1)), np.arccos(cosines)
    )
    turns = np.zeros(len(ring))
    turns[1:-1] = angles
    if closed:
        turns[0] = turns[-1] = math.acos(float(np.clip(ways[-1] @ ways[0], -1.0, 1.0)))
    return turns


def _cuts(ring: Points, turns: NDArray[np.float64], closed: bool) -> NDArray[np.intp]:
    """The indices of corners."""
    if closed:
        core = turns[:-1]
        beside = np.maximum(np.roll(core, 1), np.roll(core, -1))
    else:
        core = turns
        beside = np.maximum(np.append(0.0, core[:-1]), np.append(core[1:], 0.0))
    if len(ring) <= 4:
        return np.flatnonzero(core > kink)
    return np.flatnonzero((core > sharp) | ((core > kink) & (core > outstanding * beside)))


def _rolled(ring: Points, cuts: NDArray[np.intp], closed: bool) -> tuple[Points, int]:
    """A closed ring from its first corner on, and which point that is."""
    if not closed or not len(cuts) or cuts[0] == 0:
        return ring, 0
    first = int(cuts[0])
    core = np.roll(ring[:-1], -first, axis=0)
    return np.concatenate([core, core[:1]]), first


@dataclass(frozen=True, eq=False)
class _Section:
    """A smooth piece of a way: `steps` (K,) of its parameter, the cubic of each (4, K, 3), and in
    how many pieces each of its points but the last is cut up to the next one (P,).
    """

    steps: NDArray[np.float64]
    cubics: NDArray[np.float64]
    counts: NDArray[np.intp]


def _section(points: Points, periodic: bool) -> _Section:
    counts = _counts(points)
    points = _filled(points, counts)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if len(points) == 2:
        slope = (points[1] - points[0]) / steps[0]
        cubics = np.stack([np.zeros(3), np.zeros(3), slope, points[0]])[:, None, :]
    else:
        along = np.concatenate([[0.0], np.cumsum(steps)])
        kind = "periodic" if periodic else "not-a-knot"
        cubics = np.asarray(CubicSpline(along, points, bc_type=kind).c)
    return _Section(steps, cubics, counts)


def _counts(points: Points) -> NDArray[np.intp]:
    """Into how many pieces each step is cut: a straight one far longer than its neighbours."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    beside = np.minimum(np.append(steps[1:], np.inf), np.append(np.inf, steps[:-1]))
    ratio = steps / beside
    return np.where(ratio > most_stretch, np.minimum(np.ceil(ratio), 64), 1).astype(np.intp)


def _filled(points: Points, counts: NDArray[np.intp]) -> Points:
    """The points with those in between that keep long straight pieces straight."""
    if (counts == 1).all():
        return points.copy()
    parts = [
        points[i]
        + np.linspace(0.0, 1.0, count, endpoint=False)[:, None] * (points[i + 1] - points[i])
        for i, count in enumerate(counts)
    ]
    return np.concatenate([*parts, points[-1:]])


def _unit(vectors: Points) -> Points:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-300)
