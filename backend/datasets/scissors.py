"""Scissors lying on a table: two blades on a pivot."""

from __future__ import annotations

import numpy as np

from backend.datasets import materials
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.shapes import Points, Shape, disc, loft, tube


def scissors(rng: np.random.Generator) -> list[Part]:
    """Return closed scissors, tips towards +y; the blade above swings open.

    Each half is a flat blade in its own layer with a loop that is as thick as both layers.
    """
    length, width = rng.uniform(0.07, 0.14), rng.uniform(0.012, 0.018)
    thick, gap = rng.uniform(0.0018, 0.003), rng.uniform(0.0004, 0.001)
    loop = rng.uniform(0.018, 0.026)
    reach = rng.uniform(0.055, 0.085)
    steel = materials.metal(rng, "steel")
    grip_material = materials.plastic(rng) if rng.random() < 0.7 else steel
    middle = max(0.004, thick + gap / 2 + 0.0015)
    layers = [
        (middle - gap / 2 - thick, middle - gap / 2),
        (middle + gap / 2, middle + gap / 2 + thick),
    ]
    upper, turn = rng.uniform(60, 90), rng.uniform(0.0, 1.0)
    parts = []
    for (low, high), side, name in zip(
        layers, (1, -1), ("lower_blade", "upper_blade"), strict=True
    ):
        shapes = [
            _blade(length, width, side, low, high),
            _shank(loop, reach, width, side, low, high),
        ]
        pieces = [Piece(shape, steel, bare=(0, 0, -1)) for shape in shapes]
        pieces += [Piece(_loop(loop, reach, side, middle), grip_material)]
        parts.append((name, pieces))
    (below, below_pieces), (above, above_pieces) = parts
    below_pieces.append(Piece(_screw(width, layers[0][0], -0.0015), steel))
    above_pieces.append(Piece(_screw(width, layers[1][1], 0.0015), steel))
    at = _loop_centre(loop, reach, -1)
    grip = (at[0] - loop, at[1], middle)
    joint = hinge((0, 0, -1), (0.0, 0.0, 0.0), upper)
    prompt = str(rng.choice(["open the scissors", "open the blades", "spread the handles"]))
    opening = np.radians(35 + 20 * turn)
    return [
        Part(below, below_pieces),
        Part(above, above_pieces, below, joint, prompt, grip, float(opening)),
    ]


def _blade(length: float, width: float, side: int, low: float, high: float) -> Shape:
    """From behind the pivot to a point; the back is on the side of the other half's loop."""
    stations = np.array([-0.9 * width, -0.3 * width, 0.0, 0.35 * length, 0.75 * length, length])
    outer = np.array([0.35, 0.5, 0.5, 0.5, 0.36, 0.06]) * width
    inner = np.array([0.35, 0.5, 0.5, 0.28, 0.12, 0.02]) * width
    left, right = (outer, inner) if side > 0 else (inner, outer)
    return _plate(stations, -left, right, low, high)


def _shank(loop: float, reach: float, width: float, side: int, low: float, high: float) -> Shape:
    """From the pivot to the near edge of the loop, across to its own side."""
    centre = _loop_centre(loop, reach, side)
    start, end = np.array([0.0, -0.3 * width]), np.array([centre[0], centre[1] + 0.8 * loop])
    shares = np.linspace(0.0, 1.0, 5)
    middle = start + (end - start) * np.column_stack([shares**1.4, shares])
    half = np.linspace(0.42, 0.3, 5) * width
    return _plate(
        middle[::-1, 1], (middle[:, 0] - half)[::-1], (middle[:, 0] + half)[::-1], low, high
    )


def _plate(y: Points, left: Points, right: Points, low: float, high: float) -> Shape:
    """A flat strip along y between two edges."""
    rings = [
        [(x0, at, low), (x1, at, low), (x1, at, high), (x0, at, high)]
        for at, x0, x1 in zip(y, left, right, strict=True)
    ]
    return loft(rings)


def _loop(loop: float, reach: float, side: int, z: float) -> Shape:
    """An oval ring for the fingers."""
    angles = np.linspace(0.0, 2 * np.pi, 32, endpoint=False)
    x, y = _loop_centre(loop, reach, side)
    path = np.column_stack(
        [x + 0.85 * loop * np.cos(angles), y + 1.25 * loop * np.sin(angles), np.full(32, z)]
    )
    return tube(path, 0.004, 12, closed=True)


def _loop_centre(loop: float, reach: float, side: int) -> tuple[float, float]:
    return (side * (0.85 * loop + 0.006), -reach - 1.25 * loop)


def _screw(width: float, z: float, height: float) -> Shape:
    low, high = sorted((z, z + height))
    return disc(0.3 * width, low, high, 0.0004, 20)
