"""Bails: bent handles whose two feet turn on one axis, as of buckets, kettles and baskets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from backend.datasets.placing import turn
from backend.datasets.shapes import Points, Shape, box, merged, rod, tube

along_axis = (1.0, 0.0, 0.0)
play = 0.0004  # between a foot and its ear


def arch(half: float, rise: float, square: float = 2.0) -> Points:
    """Return the path (N, 3) of an upright bail between (-half, 0, 0) and (half, 0, 0).

    `square` is the power of the superellipse it is half of: 2 is round.
    """
    angles = np.linspace(np.pi, 0.0, 33)
    x, z = np.cos(angles), np.sin(angles).clip(0.0)
    power = 2 / square
    return np.column_stack([half * np.sign(x) * np.abs(x) ** power, 0 * x, rise * z**power])


def bail(path: ArrayLike, radius: float, grip: float = 0.0) -> Shape:
    """Return the wire along `path`, at the `grip` share of it as thick as a handle."""
    path = np.asarray(path, dtype=np.float64)
    foot = np.array([radius, 0.0, 0.0])
    wire = tube(np.vstack([path[:1] - foot, path, path[-1:] + foot]), radius)
    if not grip:
        return wire
    middle, reach = len(path) // 2, max(int(grip * len(path) / 2), 1)
    return merged([wire, tube(path[middle - reach : middle + reach + 1], 2.2 * radius, 16)])


def ears(half: float, radius: float, room: float, drop: float) -> Shape:
    """Return a pair of round eyes beside the feet of a bail at (±half, 0, 0).

    Each has a stalk that goes `room` metres inwards, `drop` metres below the axis.
    """
    eye, inner = 2.0 * radius, half + radius + play
    shapes = []
    for side in (-1, 1):
        near, far = side * inner, side * (inner + 0.004)
        shapes.append(rod((near, 0, 0), (far, 0, 0), eye))
        low, high = sorted((near, far))
        shapes.append(box((low, -eye, -drop - 2 * radius), (high, eye, 0)))
        low, high = sorted((far, side * (half - room)))
        shapes.append(box((low, -eye, -drop - 2 * radius), (high, eye, -drop)))
    return merged(shapes)


def swing(path: ArrayLike, at: ArrayLike, free: Callable[[Points], bool], most: float) -> float:
    """Return by how many degrees, up to `most`, the bail goes from upright to the front.

    `free` tells whether the path (N, 3), with its axis through `at` (3,), touches nothing.
    """
    path, at = np.asarray(path, dtype=np.float64), np.asarray(at, dtype=np.float64)
    angle = 0.0
    while angle + 1 <= most:
        turned = path @ turn(along_axis, angle + 1)[:3, :3].T
        if not free(turned + at):
            break
        angle += 1
    return angle
