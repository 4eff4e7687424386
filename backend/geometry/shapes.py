"""Fits of simple shapes to surface points: lines, planes, circles and slippable motions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fit:
    """A line, a plane or a circle's axis: `origin` on it, unit `direction`, RMS `error`.

    `direction` runs along the line, or is the normal of the plane or circle.
    """

    origin: Vectors
    direction: Vectors
    error: float
    radius: float = 0.0


@dataclass(frozen=True, eq=False)
class Slip:
    """A motion under which a surface stays in itself, with the RMS `error` of normal speed.

    `turning`: about the axis through `origin` along `axis`; otherwise straight along `axis`.
    """

    turning: bool
    origin: Vectors
    axis: Vectors
    error: float


def fit_line(points: Vectors) -> Fit:
    """Return the least-squares line through (N, 3) points, N >= 2."""
    centre, axes, spread = _scatter(points)
    return Fit(centre, axes[2], float(np.sqrt(max(spread[0] + spread[1], 0.0))))


def fit_plane(points: Vectors) -> Fit:
    """Return the least-squares plane through (N, 3) points, N >= 3."""
    centre, axes, spread = _scatter(points)
    return Fit(centre, axes[0], float(np.sqrt(max(spread[0], 0.0))))


def fit_circle(points: Vectors) -> Fit:
    """Return the circle in the points' own plane (algebraic least squares), N >= 4."""
    plane = fit_plane(points)
    _, axes, _ = _scatter(points)
    flat = (points - plane.origin) @ axes[1:].T
    system = np.concatenate([2.0 * flat, np.ones((len(flat), 1))], axis=1)
    u, v, constant = np.linalg.lstsq(system, (flat**2).sum(axis=1), rcond=None)[0]
    radius = float(np.sqrt(max(constant + u * u + v * v, 0.0)))
    off = np.hypot(flat[:, 0] - u, flat[:, 1] - v) - radius
    origin = plane.origin + axes[1] * u + axes[2] * v
    return Fit(origin, plane.direction, float(np.sqrt((off**2).mean())) + plane.error, radius)


def turning_slips(
    points: Vectors, normals: Vectors, weight: Vectors, *, error: float
) -> list[Slip]:
    """Return the axes about which the surface can turn in itself, best first.

    A rotation is slippable when its velocity field is tangent to the surface everywhere
    (Gelfand and Guibas 2004): the small eigenvalues of a 6 x 6 matrix. Normals may be
    inverted. `error` bounds `turning_error`.
    """
    centre = np.average(points, axis=0, weights=weight)
    local = points - centre
    size = float(np.sqrt(np.average((local**2).sum(axis=1), weights=weight)))
    if size == 0.0:
        return []
    rows = np.concatenate([np.cross(local / size, normals), normals], axis=1)
    matrix = (rows * (weight / weight.sum())[:, None]).T @ rows
    found = []
    for twist in np.linalg.eigh(matrix)[1].T[:4]:
        speed = np.linalg.norm(twist[:3])
        if speed < 0.3:
            continue
        axis = twist[:3] / speed
        shift = twist[3:] / speed
        origin = centre + size * np.cross(axis, shift - axis * (shift @ axis))
        off = turning_error(axis, origin, points, normals, weight)
        if off <= error:
            found.append(Slip(True, origin, axis, off))
    return sorted(found, key=lambda slip: slip.error)


def turning_error(
    axis: Vectors, origin: Vectors, points: Vectors, normals: Vectors, weight: Vectors
) -> float:
    """Return the RMS share of a turn's speed that goes through the surface; 0 = slips."""
    speed = np.cross(axis, points - origin)
    through = (speed * normals).sum(axis=1)
    total = float(np.average((speed**2).sum(axis=1), weights=weight))
    return float(np.sqrt(np.average(through**2, weights=weight) / max(total, 1e-300)))


def straight_slips(normals: Vectors, weight: Vectors, *, error: float) -> list[Slip]:
    """Return the directions along which the surface can slide in itself, best first."""
    matrix = (normals * (weight / weight.sum())[:, None]).T @ normals
    values, vectors = np.linalg.eigh(matrix)
    roots = np.sqrt(np.maximum(values, 0.0))
    return [
        Slip(False, np.zeros(3), vector, float(root))
        for root, vector in zip(roots, vectors.T, strict=True)
        if root <= error
    ]


def _scatter(points: Vectors) -> tuple[Vectors, Vectors, Vectors]:
    """Mean (3,), principal axes as rows and variances, both from the smallest."""
    centre = points.mean(axis=0)
    centred = points - centre
    values, vectors = np.linalg.eigh(centred.T @ centred / len(points))
    return centre, vectors.T, values
