"""How an object stands: what is drawn of it and what is said, from plain arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from ..protocol.placement import Placement
    from .jobs import Heat

Floats = NDArray[np.float64]
near = 0.08  # of the size: how far from the scene a point is still said to be near it
touching = 0.005  # of the size: what counts as contact
most_points = 2000
inside_color = (1.0, 0.12, 0.08)
contact_color = (0.15, 1.0, 0.25)
far_color = (0.15, 0.45, 1.0)
octahedron = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], float)
octants = np.array([(a, b, c) for a in (0, 1) for b in (2, 3) for c in (4, 5)])


@dataclass(frozen=True)
class Drawn:
    """A placement as drawn, float32: `spots` (N, 3, 3) triangles in `colors` (N, 3, 4), the
    support polygon and the drop of the centre of mass as segments (M, 2, 3)."""

    spots: NDArray[np.float32]
    colors: NDArray[np.float32]
    support: NDArray[np.float32]
    drop: NDArray[np.float32]


def heat(points: NDArray, distances: NDArray, contacts: NDArray) -> Heat:
    """Return what is kept of a placement: the points nearest to the scene and below, not all."""
    from .jobs import Heat

    order = np.argsort(distances, kind="stable")[:most_points]
    kept = points[order], distances[order], contacts
    return Heat(**dict(zip(Heat.__struct_fields__, map(_packed, kept), strict=True)))


def drawn(heat: Heat, size: float, mass: ArrayLike) -> Drawn:
    """Return how to draw a placement of an object of that `size` with its centre of `mass`."""
    points = _unpacked(heat.points).reshape(-1, 3)
    contacts = _unpacked(heat.contacts).reshape(-1, 3)
    colors = heat_colors(_unpacked(heat.distances), size)
    shown = colors[:, 3] > 0.0
    spots = _spots(points[shown], 0.012 * size)
    return Drawn(
        spots,
        np.repeat(colors[shown], 24, axis=0).reshape(-1, 3, 4),
        _loop(contacts),
        _drop(np.asarray(mass, float), contacts, 0.03 * size),
    )


def heat_colors(distances: NDArray, size: float) -> NDArray[np.float32]:
    """Return (N, 4) colours: red what is inside, green what touches, blue and fading beyond."""
    share = np.asarray(distances, float) / max(size, 1e-30)
    away = np.clip((share - touching) / (near - touching), 0.0, 1.0)[:, None]
    colors = np.array(contact_color) * (1.0 - away) + np.array(far_color) * away
    colors = np.where(share[:, None] < -touching, np.array(inside_color), colors)
    fading = np.clip((2.0 * near - share) / near, 0.0, 1.0)[:, None]
    return np.concatenate([colors, fading], axis=1).astype(np.float32)


def middle_of_mass(vertices: NDArray, faces: NDArray) -> Floats:
    """Return the middle (3,) of what a surface encloses; of one that is open, of its area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    areas = np.linalg.norm(across, axis=1)
    if not areas.sum() > 0.0:
        return vertices.mean(axis=0)
    middle = np.average((a + b + c) / 3.0, axis=0, weights=areas)
    volumes = np.einsum("ij,ij->i", a - middle, across) / 6.0
    total, all_of_them = volumes.sum(), np.abs(volumes).sum()
    if abs(total) < 0.5 * all_of_them or not all_of_them > 0.0:
        return middle  # open, or faces that look both ways
    return middle + np.average((a + b + c - 3.0 * middle) / 4.0, axis=0, weights=volumes)


def footprint(corners: NDArray, spot: ArrayLike, angle: float) -> Floats:
    """Return (4, 4): from where an object stands to a spot, turned about its upright middle.

    `corners` (N, 3) are of its box in the world; the middle of its underside comes to the spot.
    """
    low, high = corners.min(axis=0), corners.max(axis=0)
    middle = np.array([*(low + high)[:2] / 2.0, low[2]])
    cosine, sine = math.cos(angle), math.sin(angle)
    move = np.eye(4)
    move[:2, :2] = (cosine, -sine), (sine, cosine)
    move[:3, 3] = np.asarray(spot, float) - move[:3, :3] @ middle
    return move


def outline(corners: NDArray) -> Floats:
    """Return (12, 2, 3): the edges of the level box around points, its underside first."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    ring = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    levels = [[np.array([x, y, z]) for x, y in ring] for z in (low[2], high[2])]
    edges = [(level[i], level[(i + 1) % 4]) for level in levels for i in range(4)]
    return np.array(edges + list(zip(*levels, strict=True)))


def turn(angle: float) -> tuple[float, float, float, float]:
    """Return the rotation about z as a unit quaternion (w, x, y, z)."""
    return math.cos(angle / 2.0), 0.0, 0.0, math.sin(angle / 2.0)


def per_cent(value: float, placement: Placement) -> float:
    """Return a length as per cent of the size of what was placed."""
    return 100.0 * value / placement.size if placement.size > 0.0 else 0.0


def is_steady(placement: Placement) -> bool:
    """Return whether it stands where it is, neither in the scene nor above it."""
    return placement.stability >= 0.0 and not is_off(placement)


def is_off(placement: Placement) -> bool:
    """Return whether it is in the scene or off its support by more than half a per cent."""
    return max(placement.penetration, abs(placement.gap)) > touching * placement.size


def _spots(points: NDArray, radius: float) -> NDArray[np.float32]:
    """Return small octahedra about points, 8 triangles each."""
    corners = points[:, None, None, :] + radius * octahedron[octants]
    return corners.reshape(-1, 3, 3).astype(np.float32)


def _loop(points: NDArray) -> NDArray[np.float32]:
    if len(points) < 2:
        return np.zeros((0, 2, 3), np.float32)
    return np.stack([points, np.roll(points, -1, axis=0)], axis=1).astype(np.float32)


def _drop(mass: Floats, contacts: NDArray, size: float) -> NDArray[np.float32]:
    """Return the line from the centre of mass down to the support, with a cross at both ends."""
    if not len(contacts):
        return np.zeros((0, 2, 3), np.float32)
    foot = np.array([mass[0], mass[1], contacts[:, 2].mean()])
    flat = size * np.eye(3)[:2]
    crosses = [(end - arm, end + arm) for end in (mass, foot) for arm in flat]
    return np.array([(mass, foot), *crosses], np.float32)


def _packed(array: NDArray) -> bytes:
    return np.ascontiguousarray(array, "<f4").tobytes()


def _unpacked(data: bytes) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4")
