"""Triangles and boxes of meshes, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


def triangulate(positions: Floats, corners: Ints, triangle_polygons: Ints) -> Ints:
    """Split triangles and quads into triangles, (T, 3) int32 vertex indices in polygon order.

    `positions` (V, 3), `corners` (C,) the polygons' vertex indices one after another,
    `triangle_polygons` (T,) the polygon that each triangle will belong to; it tells how many
    corners a polygon has. A concave quad is cut along the diagonal that lies inside it.
    """
    if len(corners) == 3 * len(triangle_polygons):
        return corners.reshape(-1, 3)
    counts = np.bincount(triangle_polygons)
    if counts[0] == 2 and (counts == 2).all():
        return _split_quads(positions, corners.reshape(-1, 4)).reshape(-1, 3)
    starts = np.cumsum(counts + 2) - (counts + 2)
    triangles = np.empty((len(triangle_polygons), 3), np.int32)
    quad = counts == 2
    is_quad = quad[triangle_polygons]
    triangles[~is_quad] = corners[starts[~quad][:, None] + np.arange(3)]
    quads = corners[starts[quad][:, None] + np.arange(4)]
    triangles[is_quad] = _split_quads(positions, quads).reshape(-1, 3)
    return triangles


def _split_quads(positions: Floats, quads: Ints) -> Ints:
    """Return (Q, 2, 3) triangles, cut from corner 0 to 2 unless the quad is dented there."""
    triangles = quads[:, [0, 1, 2, 0, 2, 3]]
    dented = np.flatnonzero(_folds(positions, quads))
    triangles[dented] = quads[dented][:, [0, 1, 3, 1, 2, 3]]
    return triangles.reshape(-1, 2, 3)


def _folds(positions: Floats, quads: Ints) -> NDArray[np.bool_]:
    """Do the two triangles at the diagonal 0-2 face away from each other?

    (b x c) . (c x d) written with dot products, b, c, d being corners 1 to 3 seen from 0.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        first = positions.take(quads[:, 0], axis=0)
        b, c, d = (positions.take(quads[:, i], axis=0) - first for i in (1, 2, 3))
        return _dot(b, c) * _dot(c, d) < _dot(b, d) * _dot(c, c)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.einsum("ij,ij->i", a, b)


def transformed(matrix: NDArray[np.float64], points: NDArray) -> NDArray[np.float64]:
    """Return (..., 3) points moved by a 4x4 affine matrix (column vectors)."""
    return points @ matrix[:3, :3].T + matrix[:3, 3]


class Box:
    """An axis-aligned box, two (3,) corners, that grows by points; empty at first."""

    def __init__(self) -> None:
        self.low = np.full(3, np.inf)
        self.high = np.full(3, -np.inf)

    def add(self, points: NDArray) -> None:
        """Grow to hold (N, 3) points."""
        self.low = np.minimum(self.low, points.min(axis=0))
        self.high = np.maximum(self.high, points.max(axis=0))

    @property
    def diagonal(self) -> float:
        """Length from corner to corner, 0 when empty."""
        return float(np.linalg.norm(np.maximum(self.high - self.low, 0.0)))

    def gap(self, other: Box) -> float:
        """Return the distance between two boxes, 0 where they touch."""
        apart = np.maximum(self.low - other.high, other.low - self.high)
        return float(np.linalg.norm(np.maximum(apart, 0.0)))
