"""Oriented boxes and the directions a shape is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from backend.geometry.mesh import Samples

fitting_points = 2000
direction_samples = 1200


@dataclass(frozen=True, eq=False)
class Box:
    """`centre` (3,), `axes` (3, 3) with unit rows, `half` (3,) half extents along them."""

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]
    half: NDArray[np.float64]

    @property
    def diagonal(self) -> float:
        """Length from corner to corner."""
        return float(2.0 * np.linalg.norm(self.half))

    def local(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (N, 3) in the box's frame: its centre is zero, its faces at +-`half`."""
        return (points - self.centre) @ self.axes.T

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance (N,) from each point to the box; zero inside."""
        outside = np.maximum(np.abs(self.local(points)) - self.half, 0.0)
        return np.linalg.norm(outside, axis=1)


def dominant_directions(
    normals: NDArray[np.float64], weight: NDArray[np.float64], count: int, *, share: float = 0.04
) -> NDArray[np.float64]:
    """Return up to `count` unit directions (K, 3) that most of the surface faces, sign ignored.

    The normals (N, 3) come in random order: the first ones speak for all of them.
    Each one gathers at least `share` of the weight within 8 degrees; the largest comes first.
    """
    close = np.cos(np.radians(8.0))
    normals, weight = normals[:direction_samples], weight[:direction_samples]
    remaining = weight / max(weight.sum(), 1e-300)
    found: list[NDArray[np.float64]] = []
    seeds = normals[np.linspace(0, len(normals) - 1, min(len(normals), 200)).astype(int)]
    near = np.abs(seeds @ normals.T) > close
    while len(found) < count:
        gathered = near @ remaining
        best = int(np.argmax(gathered))
        if gathered[best] < share:
            break
        members = near[best]
        scatter = (normals[members] * remaining[members, None]).T @ normals[members]
        direction = np.linalg.eigh(scatter)[1][:, -1]
        found.append(direction)
        remaining = np.where(np.abs(normals @ direction) > close, 0.0, remaining)
    return np.array(found).reshape(-1, 3)


def principal_axes(points: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the principal axes as rows (3, 3), the longest first."""
    centred = points - np.average(points, axis=0, weights=weight)
    scatter = (centred * weight[:, None]).T @ centred
    return np.linalg.eigh(scatter)[1].T[::-1]


def fit_box(samples: Samples, vertices: NDArray[np.float64]) -> Box:
    """Return a tight oriented box of `vertices`, squared to the surface's main directions.

    The frame is chosen among boxes standing on dominant normals and principal axes by its
    volume; flat sides that agree with the box win against a marginally smaller crooked one.
    """
    stride = max(1, len(vertices) // fitting_points)
    points = np.concatenate([vertices[::stride], samples.points[:fitting_points]])
    normals = dominant_directions(samples.normals, samples.area, 4)
    primary = np.concatenate([normals, principal_axes(samples.points, samples.area)])
    frames = [frame for axis in primary for frame in _frames_on(axis, points, normals)]
    best = min(frames, key=lambda frame: _cost(frame, points, samples))
    return enclosing(vertices, best)


def enclosing(points: NDArray[np.float64], axes: NDArray[np.float64]) -> Box:
    """Return the smallest box with these axes (3, 3 rows) around the points."""
    local = points @ axes.T
    low, high = local.min(axis=0), local.max(axis=0)
    return Box(0.5 * (low + high) @ axes, axes, 0.5 * (high - low))


def _frames_on(
    axis: NDArray[np.float64], points: NDArray[np.float64], directions: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Right-handed frames with `axis` first: tightest rectangle, and squared to a direction."""
    seconds = [_tight_direction(axis, points)]
    for direction in directions:
        flat = direction - axis * (direction @ axis)
        if np.linalg.norm(flat) > 0.5:
            seconds.append(flat / np.linalg.norm(flat))
    return [np.array([axis, second, np.cross(axis, second)]) for second in seconds]


def perpendicular(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return some unit vector at right angles to `axis`."""
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    across = helper - axis * (axis @ helper)
    return across / np.linalg.norm(across)


def _tight_direction(axis: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The side of the smallest rectangle around the points seen along `axis`."""
    u = perpendicular(axis)
    v = np.cross(axis, u)
    flat = np.stack([points @ u, points @ v], axis=1)
    try:
        outline = flat[ConvexHull(flat).vertices]
    except QhullError:  # all on a line
        span = flat[np.argmax(flat @ [1.0, 0.7])] - flat[np.argmin(flat @ [1.0, 0.7])]
        outline = np.array([[0.0, 0.0], span if np.linalg.norm(span) > 0 else [1.0, 0.0]])
    edges = np.roll(outline, -1, axis=0) - outline
    edges /= np.maximum(np.linalg.norm(edges, axis=1, keepdims=True), 1e-12)
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    size = np.ptp(outline @ edges.T, axis=0) * np.ptp(outline @ normals.T, axis=0)
    best = edges[int(np.argmin(size))]
    direction = u * best[0] + v * best[1]
    length = np.linalg.norm(direction)
    return direction / length if length > 0 else u


def _cost(axes: NDArray[np.float64], points: NDArray[np.float64], samples: Samples) -> float:
    extent = np.ptp(points @ axes.T, axis=0)
    volume = float(np.prod(extent + 0.02 * extent.max()))
    square = np.abs(samples.normals @ axes.T).max(axis=1) > 0.9994  # within 2 degrees
    return volume * (1.0 - 0.3 * float(samples.area[square].sum() / samples.area.sum()))
