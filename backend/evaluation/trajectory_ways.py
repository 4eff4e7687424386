"""Ways whose every point and direction is known by formula, to measure motion against."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Generator = np.random.Generator
nodes, weights = np.polynomial.legendre.leggauss(8)
pieces = 4000
flat_kinds = ("line", "arc", "wave", "spline", "circle", "eight", "repeated", "corners", "cusp")
free_kinds = ("helix", "loop", "space", *flat_kinds)


@dataclass(frozen=True, eq=False)
class TrueWay:
    """A curve by formula: `points` (N, 3) are what the engine gets of it.

    `place` and `slope` give points and derivatives at parameters (N,) from 0 to 1. `corners`
    (C,) are lengths of way at which the direction jumps.
    """

    kind: str
    points: Floats
    closed: bool
    place: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    parameters: Floats
    along: Floats
    corners: Floats

    @property
    def length(self) -> float:
        return float(self.along[-1])

    def parameter(self, along: Floats) -> Floats:
        """The parameter at lengths of way, by Newton's method on the integral of the speed."""
        along = np.clip(along, 0.0, self.length)
        k = np.clip(np.searchsorted(self.along, along, side="right") - 1, 0, pieces - 1)
        low, step = self.parameters[k], self.parameters[1] - self.parameters[0]
        whole = np.maximum(self.along[k + 1] - self.along[k], 1e-300)
        u = low + step * (along - self.along[k]) / whole
        for _ in range(3):
            gone = _integral(self.slope, low, u)
            speed = np.linalg.norm(self.slope(u), axis=1)
            u = u - (self.along[k] + gone - along) / np.maximum(speed, 1e-9 * self.length)
            u = np.clip(u, low, low + step)
        return u

    def at(self, along: Floats) -> Floats:
        return self.place(self.parameter(along))

    def direction(self, along: Floats) -> Floats:
        slope = self.slope(self.parameter(along))
        return slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-300)


def way(kind: str, rng: Generator, scale: float) -> TrueWay:
    """A way of a kind, of about `scale` units; samples are as dense as an add-on draws them."""
    place, slope, closed, corners = _makers[kind](rng, scale)
    turn = rng.uniform(0.0, math.tau)
    matrix = np.array(
        [[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [0, 0, 1.0]]
    )

    def turned(u: Floats) -> Floats:
        return place(u) @ matrix.T

    def turned_slope(u: Floats) -> Floats:
        return slope(u) @ matrix.T

    count = int(rng.integers(160, 400))
    u = np.linspace(0.0, 1.0, count + 1)
    if corners:
        u = np.unique(np.concatenate([u, corners]))
    points = turned(u[:-1] if closed else u)
    if kind == "repeated":
        points = np.repeat(points, rng.integers(1, 4, len(points)), axis=0)
    parameters = np.linspace(0.0, 1.0, pieces + 1)
    lengths = _integral(turned_slope, parameters[:-1], parameters[1:])
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    found = np.interp(corners, parameters, along) if corners else np.zeros(0)
    return TrueWay(kind, points, closed, turned, turned_slope, parameters, along, found)


def radius(found: TrueWay) -> float:
    """The smallest radius of a way's bends."""
    u = np.linspace(0.0, 1.0, 4001)[1:-1]
    first = found.slope(u)
    second = (found.slope(u + 1e-5) - found.slope(u - 1e-5)) / 2e-5
    speed = np.linalg.norm(first, axis=1)
    bend = np.linalg.norm(np.cross(first, second), axis=1) / np.maximum(speed, 1e-9) ** 3
    return float(1.0 / max(bend.max(), 1e-9))


def _integral(slope: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    half, middle = 0.5 * (high - low), 0.5 * (high + low)
    total = np.zeros(len(low))
    for node, weight in zip(nodes, weights, strict=True):
        total += weight * np.linalg.norm(slope(middle + half * node), axis=1)
    return total * half


def _columns(*columns: Floats) -> Floats:
    return np.stack(np.broadcast_arrays(*columns), axis=1).astype(float)


def _line(rng: Generator, scale: float):
    return (
        lambda u: _columns(scale * u, 0.0 * u, 0.0 * u),
        lambda u: _columns(scale + 0.0 * u, 0.0 * u, 0.0 * u),
        False,
        [],
    )


def _arc(rng: Generator, scale: float):
    angle = rng.uniform(0.5, 5.0)
    r = scale / 3.0
    return (
        lambda u: _columns(r * np.sin(angle * u), r - r * np.cos(angle * u), 0.0 * u),
        lambda u: _columns(r * angle * np.cos(angle * u), r * angle * np.sin(angle * u), 0.0 * u),
        False,
        [],
    )


def _circle(rng: Generator, scale: float):
    a, b = scale / 3.0, scale / 3.0 * rng.uniform(0.7, 1.0)
    w = math.tau
    return (
        lambda u: _columns(a * np.cos(w * u), b * np.sin(w * u), 0.0 * u),
        lambda u: _columns(-a * w * np.sin(w * u), b * w * np.cos(w * u), 0.0 * u),
        True,
        [],
    )


def _eight(rng: Generator, scale: float):
    a, b, w = 0.5 * scale, 0.3 * scale, math.tau
    return (
        lambda u: _columns(a * np.sin(w * u), b * np.sin(2 * w * u), 0.0 * u),
        lambda u: _columns(a * w * np.cos(w * u), 2 * b * w * np.cos(2 * w * u), 0.0 * u),
        True,
        [],
    )


def _wave(rng: Generator, scale: float):
    w, h = math.tau * rng.uniform(0.5, 1.5), 0.1 * scale
    return (
        lambda u: _columns(scale * u, h * np.sin(w * u), 0.0 * u),
        lambda u: _columns(scale + 0.0 * u, h * w * np.cos(w * u), 0.0 * u),
        False,
        [],
    )


def _spline(rng: Generator, scale: float):
    """A cubic Bezier as artists draw them."""
    p = np.zeros((4, 3))
    p[1, :2] = scale * np.array([0.4, rng.uniform(-0.4, 0.4)])
    p[2, :2] = scale * np.array([0.5, rng.uniform(-0.5, 0.5)])
    p[3, :2] = scale * np.array([1.0, rng.uniform(-0.4, 0.4)])
    return (*_bezier(p), False, [])


def _space(rng: Generator, scale: float):
    p = scale * np.array([[0, 0, 0], [0.4, 0, 0], [0.6, 0, 0], [1.0, 0, 0]]) * 1.0
    p[1:, 1:] += scale * rng.uniform(-0.3, 0.3, (3, 2))
    return (*_bezier(p), False, [])


def _bezier(p: Floats):
    def place(u: Floats) -> Floats:
        v = 1.0 - u
        w = np.stack([v**3, 3 * v * v * u, 3 * v * u * u, u**3], axis=1)
        return w @ p

    def slope(u: Floats) -> Floats:
        v = 1.0 - u
        w = np.stack([v * v, 2 * v * u, u * u], axis=1)
        return 3.0 * w @ np.diff(p, axis=0)

    return place, slope


def _helix(rng: Generator, scale: float):
    r, w, h = 0.3 * scale, math.tau * rng.uniform(1.0, 2.5), scale * rng.uniform(0.2, 0.6)
    return (
        lambda u: _columns(r * np.cos(w * u), r * np.sin(w * u), h * u),
        lambda u: _columns(-r * w * np.sin(w * u), r * w * np.cos(w * u), h + 0.0 * u),
        False,
        [],
    )


def _loop(rng: Generator, scale: float):
    """A vertical loop on a straight run (a prolate trochoid)."""
    w, r, run = math.tau * 1.5, 0.3 * scale, 0.6 * scale
    return (
        lambda u: _columns(run * u - r * np.sin(w * u), 0.08 * scale * u, r - r * np.cos(w * u)),
        lambda u: _columns(
            run - r * w * np.cos(w * u), 0.08 * scale + 0.0 * u, r * w * np.sin(w * u)
        ),
        False,
        [],
    )


def _cusp(rng: Generator, scale: float):
    """A semicubical parabola: it comes to a point and goes back."""
    h = 0.4 * scale
    return (
        lambda u: _columns(scale * (2 * u - 1) ** 2, h * (2 * u - 1) ** 3, 0.0 * u),
        lambda u: _columns(4 * scale * (2 * u - 1), 6 * h * (2 * u - 1) ** 2, 0.0 * u),
        False,
        [0.5],
    )


def _corners(rng: Generator, scale: float):
    """Straight runs with corners of 40 to 110 degrees."""
    angles = np.cumsum([0.0, *(rng.choice([-1, 1], 3) * np.radians(rng.uniform(40, 110, 3)))])
    ways = 0.3 * scale * np.stack([np.cos(angles), np.sin(angles), 0.0 * angles], axis=1)
    starts = np.concatenate([np.zeros((1, 3)), np.cumsum(ways, axis=0)])

    def place(u: Floats) -> Floats:
        k = np.minimum((4 * u).astype(int), 3)
        return starts[k] + (4 * u - k)[:, None] * ways[k]

    def slope(u: Floats) -> Floats:
        return 4.0 * ways[np.minimum((4 * u).astype(int), 3)]

    return place, slope, False, [0.25, 0.5, 0.75]


_makers = {
    "line": _line,
    "arc": _arc,
    "circle": _circle,
    "eight": _eight,
    "wave": _wave,
    "spline": _spline,
    "repeated": _spline,
    "space": _space,
    "helix": _helix,
    "loop": _loop,
    "cusp": _cusp,
    "corners": _corners,
}
