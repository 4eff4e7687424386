"""Rooms and open ground to put things into and drive through: deterministic in the seed.

Metres, z up, the floor's top at z = 0 about the origin. Every part is made of closed convex
shells, so that a simulator which knows convex shapes only sees the same room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.datasets.shapes import Shape, box, disc, merged, prism
from backend.geometry.mesh import Mesh

Kind = Literal["floor", "wall", "table", "shelf", "ramp", "step", "clutter"]
Generator = np.random.Generator
salt = 0x7009  # so that rooms and objects of one seed have nothing in common
thickness = 0.1
tries = 40


@dataclass(frozen=True, eq=False)
class RoomPart:
    """A piece of a room: what it is called, its mesh in world, and what it is."""

    name: str
    mesh: Mesh
    kind: Kind


@dataclass(frozen=True, eq=False)
class Room:
    """A furnished room; `floor_size` is its width (x) and depth (y)."""

    seed: int
    parts: tuple[RoomPart, ...]
    floor_size: tuple[float, float]

    @property
    def mesh(self) -> Mesh:
        """All parts as one mesh."""
        whole = merged(Shape(part.mesh.vertices, part.mesh.faces) for part in self.parts)
        return Mesh(whole.vertices, whole.faces)


@dataclass(frozen=True)
class _Spot:
    """Where a piece of furniture stands: middle, half extents before turning, turn."""

    x: float
    y: float
    half: tuple[float, float]
    turn: float

    @property
    def reach(self) -> float:
        return math.hypot(*self.half)

    @property
    def matrix(self) -> NDArray[np.float64]:
        c, s = math.cos(self.turn), math.sin(self.turn)
        return np.array([[c, -s, 0, self.x], [s, c, 0, self.y], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def room(seed: int) -> Room:
    """Return a room with walls, tables, shelves, a ramp or steps, and clutter."""
    generator = np.random.default_rng([salt, seed])
    width, depth = generator.uniform(4.0, 7.0), generator.uniform(4.0, 7.0)
    parts = [_floor(width, depth), *_walls(generator, width, depth)]
    taken: list[_Spot] = []
    makers = [_table] * int(generator.integers(1, 4)) + [_shelf] * int(generator.integers(1, 3))
    makers += [_ramp] if generator.random() < 0.6 else []
    makers += [_steps] if generator.random() < 0.6 else []
    makers += [_crate] * int(generator.integers(0, 5))
    for make in makers:
        kind, half, shapes = make(generator)
        spot = _spot(generator, half, (width, depth), taken)
        if spot:
            taken.append(spot)
            parts.append(_part(kind, parts, merged(shapes).transformed(spot.matrix)))
    parts += _clutter(generator, parts)
    return Room(seed, tuple(parts), (width, depth))


def ground(seed: int, size: float = 20.0, cells: int = 100, steepest: float = 12.0) -> Mesh:
    """Return uneven open ground about the origin, nowhere steeper than `steepest` degrees.

    Waves of several lengths over a square of `size` metres, (cells + 1)^2 points.
    """
    generator = np.random.default_rng([salt, seed, 1])
    line = np.linspace(-0.5 * size, 0.5 * size, cells + 1)
    x, y = np.meshgrid(line, line, indexing="ij")
    height = np.zeros_like(x)
    for _ in range(8):
        length = generator.uniform(2.5, 0.8 * size)
        way, phase = generator.uniform(0.0, math.tau, 2)
        wave = np.sin(math.tau * (x * math.cos(way) + y * math.sin(way)) / length + phase)
        height += length * generator.uniform(0.3, 1.0) * wave
    slope = np.hypot(*np.gradient(height, line, line)).max()
    height *= math.tan(math.radians(steepest)) / (1.05 * slope)
    index = np.arange(x.size).reshape(x.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate([np.stack(f, -1).reshape(-1, 3) for f in ((a, b, c), (a, c, d))])
    return Mesh(np.stack([x, y, height], -1).reshape(-1, 3), faces.astype(np.int32))


def _part(kind: Kind, parts: list[RoomPart], shape: Shape) -> RoomPart:
    number = sum(part.kind == kind for part in parts) + 1
    name = kind if kind == "floor" else f"{kind} {number}"
    return RoomPart(name, Mesh(shape.vertices, shape.faces), kind)


def _floor(width: float, depth: float) -> RoomPart:
    half = np.array([0.5 * width, 0.5 * depth])
    return _part("floor", [], box([*-half, -thickness], [*half, 0.0]))


def _walls(generator: Generator, width: float, depth: float) -> list[RoomPart]:
    """Two to four walls that stand on the floor's edges."""
    x, y, high = 0.5 * width, 0.5 * depth, generator.uniform(2.2, 3.0)
    sides = [
        box([-x, y, 0.0], [x, y + thickness, high]),
        box([-x - thickness, -y, 0.0], [-x, y, high]),
        box([x, -y, 0.0], [x + thickness, y, high]),
        box([-x, -y - thickness, 0.0], [x, -y, high]),
    ]
    found: list[RoomPart] = []
    for side in sides[: int(generator.integers(2, 5))]:
        found.append(_part("wall", found, side))
    return found


def _spot(
    generator: Generator, half: tuple[float, float], size: tuple[float, float], taken: list[_Spot]
) -> _Spot | None:
    """A free place on the floor; mostly squared to the room, as people furnish."""
    for _ in range(tries):
        turn = 0.5 * math.pi * int(generator.integers(4))
        turn += generator.uniform(-math.pi, math.pi) if generator.random() < 0.3 else 0.0
        reach = math.hypot(*half)
        x, y = (generator.uniform(-1.0, 1.0) * max(0.5 * s - reach - 0.05, 0.0) for s in size)
        spot = _Spot(x, y, half, turn)
        if all(math.hypot(x - o.x, y - o.y) > reach + o.reach + 0.1 for o in taken):
            return spot
    return None


Furniture = tuple[Kind, tuple[float, float], list[Shape]]


def _table(generator: Generator) -> Furniture:
    x, y = generator.uniform(0.35, 0.9), generator.uniform(0.3, 0.5)
    high, top, leg = generator.uniform(0.4, 0.95), generator.uniform(0.02, 0.05), 0.05
    if generator.random() < 0.3:  # a round one on a column
        y = x = min(x, 0.6)
        shapes = [
            disc(x, high - top, high),
            disc(0.05, 0.03, high - top),
            disc(0.6 * x, 0.0, 0.03),
        ]
        return "table", (x, y), shapes
    legs = [
        box(
            [sx * x - (leg if sx > 0 else 0.0), sy * y - (leg if sy > 0 else 0.0), 0.0],
            [sx * x + (leg if sx < 0 else 0.0), sy * y + (leg if sy < 0 else 0.0), high - top],
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return "table", (x, y), [box([-x, -y, high - top], [x, y, high]), *legs]


def _shelf(generator: Generator) -> Furniture:
    """Boards between two sides, open to the front and back."""
    x, y, board = generator.uniform(0.35, 0.7), generator.uniform(0.15, 0.25), 0.02
    levels, space = int(generator.integers(2, 6)), generator.uniform(0.28, 0.45)
    high = levels * space
    shapes = [
        box([-x, -y, 0.0], [-x + board, y, high]),
        box([x - board, -y, 0.0], [x, y, high]),
    ]
    for level in range(levels + 1):
        z = level * space
        low = max(z - board, 0.0) if level else 0.0
        shapes.append(box([-x + board, -y, low], [x - board, y, low + board]))
    return "shelf", (x, y), shapes


def _ramp(generator: Generator) -> Furniture:
    """A wedge, 4 to 14 degrees steep, that begins with a low edge."""
    x, y = generator.uniform(0.5, 1.0), generator.uniform(0.35, 0.6)
    rise = 2.0 * x * math.tan(math.radians(generator.uniform(4.0, 14.0)))
    outline = [[-x, 0.0], [x, 0.0], [x, 0.01 + rise], [-x, 0.01]]
    lying = prism(outline, -y, y)  # in x, y, to be stood up
    upright = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
    return "ramp", (x, y), [lying.transformed(upright)]


def _steps(generator: Generator) -> Furniture:
    count, y = int(generator.integers(2, 5)), generator.uniform(0.35, 0.6)
    run, rise = generator.uniform(0.25, 0.35), generator.uniform(0.1, 0.18)
    x = 0.5 * count * run
    shapes = [
        box([-x + i * run, -y, 0.0], [-x + (i + 1) * run, y, (i + 1) * rise]) for i in range(count)
    ]
    return "step", (x, y), shapes


def _crate(generator: Generator) -> Furniture:
    half = generator.uniform(0.08, 0.3, 3)
    return (
        "clutter",
        (half[0], half[1]),
        [box([-half[0], -half[1], 0.0], [half[0], half[1], 2.0 * half[2]])],
    )


def _clutter(generator: Generator, parts: list[RoomPart]) -> list[RoomPart]:
    """Small things that stand on the tables."""
    found: list[RoomPart] = [part for part in parts if part.kind == "clutter"]
    before = len(found)
    for table in [part for part in parts if part.kind == "table"]:
        low, high = table.mesh.vertices.min(axis=0), table.mesh.vertices.max(axis=0)
        middle, room_left = 0.5 * (low + high)[:2], 0.25 * (high - low)[:2]
        if generator.random() < 0.6:
            x, y = middle + generator.uniform(-1.0, 1.0, 2) * room_left
            radius, tall = generator.uniform(0.03, 0.08), generator.uniform(0.05, 0.25)
            vase = disc(radius, 0.0, tall).moved([x, y, high[2]])
            found.append(_part("clutter", found, vase))
    return found[before:]
