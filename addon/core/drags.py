"""Drags that suggest themselves from a part's shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Point = tuple[float, float, float]
flat_enough = 0.3  # of the mean normal's length; below, the part closes on itself
facing = 0.7
share_of_diagonal = 0.5


def outward_drag(vertices: Floats, faces: NDArray, body: Floats) -> tuple[Point, Point]:
    """Return (start, end) of a pull straight out of a part's surface, world.

    Parameters are the part's (V, 3) vertices, its (F, 3) triangles and (N, 3) points of the
    body. An open patch is pulled along its mean normal, a closed part to the side where it
    stands out most from the body. The start is the middle of a triangle that faces that way;
    the pull is half the part's diagonal long.
    """
    corners = vertices[faces]
    crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    middles = corners.mean(axis=1)
    direction = _direction(crossed, middles, body)
    start = middles[_front(crossed, middles, direction)]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    end = start + direction * share_of_diagonal * float(np.linalg.norm(high - low))
    return _point(start), _point(end)


def _direction(crossed: Floats, middles: Floats, body: Floats) -> Floats:
    total, areas = crossed.sum(axis=0), np.linalg.norm(crossed, axis=1)
    if np.linalg.norm(total) > flat_enough * areas.sum():
        return _unit(total)
    unit = crossed / np.where(areas > 0.0, areas, 1.0)[:, None]
    axes = np.linalg.eigh(unit.T @ crossed)[1].T  # the box that the part's sides suggest
    candidates = np.concatenate([axes, -axes])
    return candidates[np.argmax(_reach(middles, candidates) - _reach(body, candidates))]


def _reach(points: Floats, directions: Floats) -> Floats:
    """Return how far the points go in each direction; a door stands out where it opens."""
    return (points @ directions.T).max(axis=0) if len(points) else np.zeros(len(directions))


def _front(crossed: Floats, middles: Floats, direction: Floats) -> int:
    """Return the triangle that faces `direction` and lies nearest to the part's middle line."""
    areas = np.linalg.norm(crossed, axis=1)
    faces_it = crossed @ direction > facing * areas
    offsets = middles - middles.mean(axis=0)
    ahead = offsets @ direction
    aside = np.linalg.norm(offsets - np.outer(ahead, direction), axis=1)
    score = np.where(faces_it & (areas > 0.0), ahead - aside, -np.inf)
    return int(np.argmax(score if np.isfinite(score).any() else ahead))


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0.0 else np.array([0.0, 0.0, 1.0])


def _point(vector: Floats) -> Point:
    return float(vector[0]), float(vector[1]), float(vector[2])
