"""Where things go: turns, outlines in other planes, knuckles on a pin, objects on the floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.datasets.handles import facing_front
from backend.datasets.object import Part, hinge
from backend.datasets.shapes import Shape, box, loft, merged, prism, rod
from protocol.joint import Vector, motion

Matrix = NDArray[np.float64]

# They turn what was modelled along z to lie along x or y; y and x keep their side.
along_x = np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
along_y = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
_outline_in_yz = np.array([[0.0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]])


def turn(axis: ArrayLike, degrees: float, origin: ArrayLike = (0.0, 0.0, 0.0)) -> Matrix:
    """Return the (4, 4) rotation about the line through `origin` along `axis` (3,)."""
    return motion(hinge(axis, origin, 0.0), float(np.radians(degrees)))


def sideways(outline: ArrayLike, low: float, high: float, bevel: float = 0.0) -> Shape:
    """Return `outline` (N, 2) in y, z extruded from x `low` to `high`; see `prism`."""
    return prism(outline, low, high, bevel).transformed(_outline_in_yz)


def upright(outline: ArrayLike, front: float, back: float, bevel: float = 0.0) -> Shape:
    """Return `outline` (N, 2) in x, z extruded from y `front` to `back`; see `prism`."""
    return prism(outline, -back, -front, bevel).transformed(facing_front)


def frame(outer: ArrayLike, inner: ArrayLike, low: float, high: float) -> Shape:
    """Return a plate from z `low` to `high` between two outlines (N, 2) of equal length in x, y."""
    outer, inner = np.asarray(outer, dtype=np.float64), np.asarray(inner, dtype=np.float64)
    levels = (outer, low), (outer, high), (inner, high), (inner, low)
    rings = [np.column_stack([outline, np.full(len(outline), z)]) for outline, z in levels]
    return loft(rings, closed=True)


def band(path: ArrayLike, side: ArrayLike, width: float, thickness: float) -> Shape:
    """Return a flat bar along `path` (N, 3), `width` wide along the unit vector `side` (3,).

    The path lies in the plane perpendicular to `side`.
    """
    path, side = np.asarray(path, dtype=np.float64), np.asarray(side, dtype=np.float64)
    steps = np.diff(path, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    before, after = np.vstack([steps[:1], steps]), np.vstack([steps, steps[-1:]])
    ups = np.cross(side, before + after)
    # A mitre keeps the thickness in the bends.
    ups *= 2 / (np.linalg.norm(before + after, axis=1, keepdims=True) ** 2)
    across, up = side * width / 2, ups * thickness / 2
    return loft(
        np.stack(
            [path - across - up, path + across - up, path + across + up, path - across + up], 1
        )
    )


def knuckles(
    at: ArrayLike,
    axis: ArrayLike,
    span: float,
    radius: float,
    part_reach: ArrayLike,
    body_reach: ArrayLike,
) -> tuple[Shape, Shape]:
    """Return the part's and the body's knuckles of a small hinge `span` metres long.

    `at` (3,) is its middle; webs as thick as the pin join the knuckles to what lies at
    `part_reach` and `body_reach` (3,) from the axis, perpendicular to it.
    """
    at, axis = np.asarray(at, dtype=np.float64), np.asarray(axis, dtype=np.float64)
    third, play = span / 6, min(0.0003, 0.02 * span)
    part = _knuckle(at, axis, (-third + play, third - play), radius, part_reach)
    body = [
        _knuckle(at, axis, ends, radius, body_reach)
        for ends in ((-span / 2, -third), (third, span / 2))
    ]
    return part, merged(body)


def _knuckle(
    at: Matrix, axis: Matrix, ends: tuple[float, float], radius: float, reach: ArrayLike
) -> Shape:
    reach = np.asarray(reach, dtype=np.float64)
    length = float(np.linalg.norm(reach))
    low, high = ends
    turned = np.eye(4)
    turned[:3, :3] = np.stack([axis, reach / length, np.cross(axis, reach / length)], axis=1)
    turned[:3, 3] = at
    web = box((low, 0.0, -0.7 * radius), (high, length, 0.7 * radius)).transformed(turned)
    return merged([rod(at + low * axis, at + high * axis, radius, 16), web])


def grounded(parts: Sequence[Part]) -> list[Part]:
    """Return the parts moved together so that the lowest point is on the floor, z = 0."""
    floor = min(float(p.shape.vertices[:, 2].min()) for part in parts for p in part.pieces)
    return [_raised(part, -floor) for part in parts]


def _raised(part: Part, height: float) -> Part:
    pieces = [replace(piece, shape=piece.shape.moved((0, 0, height))) for piece in part.pieces]
    joint = part.joint
    if joint is not None:
        joint = msgspec.structs.replace(joint, origin=_lifted(joint.origin, height))
    return replace(part, pieces=pieces, joint=joint, grip=_lifted(part.grip, height))


def _lifted(point: Vector, height: float) -> Vector:
    x, y, z = (float(value) for value in point)
    return (x, y, z + height)
