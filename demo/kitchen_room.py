"""A kitchen to drive a trolley through: metres, z up, the floor at z = 0.

Its two walls are single sheets, one of them above the counter only, so that cameras from all
sides can be made to look in.
"""

from __future__ import annotations

import math

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import ArticulatedObject, Part, Piece, build
from backend.datasets.shapes import Shape, box, disc, lathe, merged, rod

half_width, half_depth, height = 2.6, 2.3, 2.3
table = (0.1, -0.15, 0.62, 0.42, 0.75)  # middle, half extents, height
counter_left, counter_front, counter_top = -1.7, 1.65, 0.9


def kitchen() -> ArticulatedObject:
    """Return the room: floor, walls, counter, table, stools and what stands on them."""
    rng = np.random.default_rng(5)
    wood, light = materials.wood(rng, "oak"), materials.wood(rng, "birch")
    white, sage = materials.paint(rng, "white"), materials.paint(rng, "sage")
    cream, steel = materials.paint(rng, "cream"), materials.metal(rng, "steel")
    x, y = half_width, half_depth
    parts = [
        Part("floor", [Piece(box([-x, -y, -0.05], [x, y, 0.0]), light)]),
        Part("wall_back", [Piece(_wall((x, y), (counter_left, y), counter_top), cream)], "floor"),
        Part("wall_left", [Piece(_wall((-x, y), (-x, -y)), cream)], "floor"),
        Part("counter", _counter(sage, wood, steel), "floor"),
        Part("fridge", _fridge(white, steel), "floor"),
        Part("table", _table(wood), "floor"),
        Part("bowl", [Piece(_bowl(), white)], "floor"),
    ]
    for number, (angle, far) in enumerate(((0.35, 0.86), (3.3, 0.84), (4.9, 0.62)), 1):
        at = (table[0] + far * math.cos(angle), table[1] + far * math.sin(angle))
        parts.append(Part(f"stool_{number}", [Piece(_stool(at), wood)], "floor"))
    return build("kitchen", 5, parts, solid=True)


def way() -> list[tuple[float, float, float]]:
    """Return points of the trolley's way round the table, on the floor, the first one at home."""
    angles = np.radians(np.linspace(160.0, 380.0, 9))
    return [(0.1 + 1.75 * math.cos(a), -0.1 + 1.3 * math.sin(a), 0.0) for a in angles]


def _wall(right: tuple[float, float], left: tuple[float, float], bottom: float = 0.0) -> Shape:
    """A sheet between two corners, named as they are seen from its front."""
    low = [[*left, bottom], [*right, bottom]]
    high = [[*right, height], [*left, height]]
    return Shape(np.array([*low, *high]), np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def _counter(front: Material, top: Material, metal: Material) -> list[Piece]:
    """A row of cupboards along the back wall under one worktop."""
    x0, x1 = counter_left, half_width
    pieces = [
        Piece(box([x0, counter_front + 0.03, 0.0], [x1, half_depth, 0.1]), metal),
        Piece(box([x0, counter_front, 0.1], [x1, half_depth, counter_top - 0.03]), front),
        Piece(
            box([x0, counter_front - 0.03, counter_top - 0.03], [x1, half_depth, counter_top]), top
        ),
    ]
    count = 7
    width = (x1 - x0) / count
    for i in range(count):
        a, b = x0 + i * width + 0.006, x0 + (i + 1) * width - 0.006
        door = box([a, counter_front - 0.02, 0.12], [b, counter_front, counter_top - 0.05], 0.004)
        handle = rod(
            [a + 0.1, counter_front - 0.045, 0.76], [b - 0.1, counter_front - 0.045, 0.76], 0.006
        )
        pieces += [Piece(door, front), Piece(handle, metal)]
    return pieces


def _fridge(paint: Material, metal: Material) -> list[Piece]:
    x0, x1, y0 = -half_width + 0.02, -1.75, 1.6
    doors = [
        box([x0, y0 - 0.05, low], [x1, y0 - 0.003, high], 0.008)
        for low, high in ((0.06, 1.15), (1.16, 1.78))
    ]
    bars = [
        rod([x1 - 0.06, y0 - 0.08, low], [x1 - 0.06, y0 - 0.08, high], 0.01)
        for low, high in ((0.7, 1.05), (1.25, 1.55))
    ]
    return [
        Piece(box([x0, y0, 0.0], [x1, half_depth - 0.02, 1.8], 0.01), paint),
        Piece(merged(doors), paint),
        Piece(merged(bars), metal),
    ]


def _table(wood: Material) -> list[Piece]:
    cx, cy, hx, hy, high = table
    top = box([cx - hx, cy - hy, high - 0.035], [cx + hx, cy + hy, high], 0.006)
    legs = [
        rod(
            [cx + sx * (hx - 0.06), cy + sy * (hy - 0.06), 0.0],
            [cx + sx * (hx - 0.1), cy + sy * (hy - 0.1), high - 0.03],
            0.024,
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return [Piece(top, wood), Piece(merged(legs), wood)]


def _bowl() -> Shape:
    profile = [
        [0.001, 0.0],
        [0.06, 0.0],
        [0.13, 0.07],
        [0.125, 0.072],
        [0.055, 0.01],
        [0.001, 0.01],
    ]
    return lathe(profile).moved([table[0] + 0.15, table[1] + 0.05, table[4]])


def _stool(at: tuple[float, float]) -> Shape:
    seat = disc(0.17, 0.43, 0.46, 0.008)
    angles = 0.6 + math.tau / 3.0 * np.arange(3)
    legs = [
        rod(
            [0.17 * math.cos(a), 0.17 * math.sin(a), 0.0],
            [0.09 * math.cos(a), 0.09 * math.sin(a), 0.435],
            0.014,
        )
        for a in angles
    ]
    return merged([seat, *legs]).moved([*at, 0.0])
