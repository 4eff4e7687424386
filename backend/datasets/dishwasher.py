"""Dishwashers: a door that folds down, shut, or open before the racks that slide out over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import HandleStyle, handle
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.shapes import Shape, box, disc, lathe, merged, rod

_right_angle = float(np.radians(90))


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the tub fills y from 0 to `depth`, the door stands before it."""

    width: float
    height: float
    depth: float
    wall: float
    door: float
    gap: float
    foot: float  # where the door begins
    floor: float  # of the tub
    panel: float  # where the door ends; a strip of the body is above, if it ends below the top
    racks: int
    shell: Material
    steel: Material
    dark: Material
    wire: Material


def dishwasher(rng: np.random.Generator) -> list[Part]:
    """Return a dishwasher, with its door shut, or open if there is something to pull out."""
    design = _design(rng)
    door = _door(rng, design)
    parts = [Part("body", [*_tub(rng, design), _ears(design, door)]), door]
    if design.racks:
        parts += _racks(rng, design)
        if rng.random() < 0.6:
            parts.append(_cup(rng, design))
    return parts


def _design(rng: np.random.Generator) -> Design:
    height, foot = rng.uniform(0.78, 0.88), rng.uniform(0.07, 0.12)
    return Design(
        width=rng.choice([0.45, 0.6]) + rng.uniform(-0.01, 0.01),
        height=height,
        depth=rng.uniform(0.52, 0.6),
        wall=rng.uniform(0.02, 0.03),
        door=rng.uniform(0.04, 0.055),
        gap=rng.uniform(0.003, 0.005),
        foot=foot,
        floor=foot + rng.uniform(0.1, 0.12),
        panel=height - (rng.uniform(0.09, 0.13) if rng.random() < 0.4 else 0.005),
        racks=int(rng.choice([0, 1, 2, 2])),
        shell=materials.metal(rng, "steel") if rng.random() < 0.5 else materials.paint(rng),
        steel=materials.metal(rng, "steel"),
        dark=materials.paint(rng, "graphite"),
        wire=materials.plastic(rng),
    )


def _tub(rng: np.random.Generator, design: Design) -> list[Piece]:
    w, d, t, h = design.width / 2, design.depth, design.wall, design.height
    shell, steel = design.shell, design.steel
    pieces = [
        Piece(box((-w, 0, 0.02), (-w + t, d, h), 0.003), shell, bare=(1, 0, 0)),
        Piece(box((w - t, 0, 0.02), (w, d, h), 0.003), shell, bare=(-1, 0, 0)),
        Piece(box((-w + t, 0, h - t), (w - t, d, h)), shell, bare=(0, 0, -1)),
        Piece(box((-w + t, 0.0, 0.04), (w - t, d - t, design.floor)), steel, bare=(0, 0, -1)),
        Piece(box((-w + t, d - t, 0.02), (w - t, d, h - t)), steel, hidden=True),
        Piece(box((-w + 0.02, 0.05, 0), (w - 0.02, d - 0.05, 0.02)), design.dark),
    ]
    arm = lathe([(0.03, 0), (0.02, 0.014)], 20).moved((0, d / 2, design.floor))
    pieces.append(Piece(arm, steel, hidden=True))
    if design.panel < h - 0.05:
        strip = box((-w, -design.door, design.panel + design.gap), (w, 0, h), 0.004)
        spots = np.linspace(-0.6 * w, 0.6 * w, int(rng.integers(3, 7)))
        z = (design.panel + h) / 2
        marks = [box((x - 0.008, -design.door - 0.001, z - 0.008),
                     (x + 0.008, -design.door, z + 0.008)) for x in spots]  # fmt: skip
        pieces += [Piece(strip, shell), Piece(merged(marks), design.dark)]
    return pieces


def _door(rng: np.random.Generator, design: Design) -> Part:
    """A hollow slab on pivots inside its foot."""
    w, g, t = design.width / 2 - 0.008, design.gap, design.door
    y0, y1, z0, z1 = -g - t, -g, design.foot, design.panel
    lift = rng.uniform(0.3, 0.8) * np.sqrt(g * t)
    origin = (0.0, y0 + rng.uniform(0.3, 0.5) * t, z0 + lift)
    style = HandleStyle(
        str(rng.choice(["bar", "bow", "block"])), 1.4 * w, rng.uniform(0.03, 0.045), 0.016
    )
    pull, grip = handle(style, (0.0, y0, z1 - 0.05), 4 * w)
    inner = _lining(design)
    pieces = [
        Piece(box((-w, y0, z0), (w, y1, z1), 0.004), design.shell, bare=(0, 1, 0)),
        Piece(inner, design.steel, bare=(0, -1, 0)),
        Piece(pull, design.steel),
    ]
    noun = str(rng.choice(["door", "dishwasher door", "dishwasher"]))
    return Part(
        name="door",
        pieces=pieces,
        parent="body",
        joint=hinge((1, 0, 0), origin, 90),
        prompt=f"{rng.choice(['open', 'fold down'])} the {noun}",
        grip=grip,
        opening=float(np.radians(rng.uniform(50, 80))),
        rest=_right_angle if design.racks else 0.0,
        closing=f"close the {noun}",
        ajar=not design.racks,
    )


def _ears(design: Design, door: Part) -> Piece:
    """Plates beside the door's foot with the pins it turns on."""
    w, (_, y, z) = design.width / 2, door.joint.origin if door.joint else (0, 0, 0)
    shapes = []
    for side in (-1, 1):
        low, high = sorted((side * w, side * (w - 0.005)))
        shapes.append(box((low, y - 0.012, z - 0.014), (high, 0.0, z + 0.014), 0.001))
        shapes.append(rod((side * (w - 0.005), y, z), (side * (w - 0.0076), y, z), 0.006))
    return Piece(merged(shapes), design.steel)


def _lining(design: Design) -> Shape:
    """The door's inner plate, which reaches into the tub by less than its gap to the walls."""
    half, top = design.width / 2 - design.wall - 0.012, min(design.panel, design.height - 0.05)
    low, high = (-half, -design.gap, design.floor + 0.015), (half, -design.gap + 0.006, top - 0.03)
    return box(low, high, 0.002)


def _racks(rng: np.random.Generator, design: Design) -> list[Part]:
    """Baskets on runners; the lower one stays above the open door."""
    names = ["lower rack", "upper rack"][: design.racks] if design.racks > 1 else ["rack"]
    low, top = design.floor + 0.018, design.panel - 0.05
    levels = [(low, low + 0.2), (low + 0.28, min(low + 0.42, top))]
    body = []
    for name, (z0, z1) in zip(names, levels, strict=False):
        shape = merged(_basket(design, z0, z1))
        front = 0.03
        travel = rng.uniform(0.65, 0.8) * (design.depth - design.wall - front)
        prompt = f"{rng.choice(['pull out', 'slide out'])} the {name}"
        grip = (0.0, front - 0.004, z1)
        body.append(
            Part(
                name.replace(" ", "_"),
                [Piece(shape, design.wire)],
                "body",
                slide((0, -1, 0), travel),
                prompt,
                grip,
                rng.uniform(0.6, 0.9) * travel,
                ajar=False,  # the door could not be shut
            )
        )
    return body


def _basket(design: Design, z0: float, z1: float) -> list[Shape]:
    """Bars along and across the bottom that turn up at its sides, and two rims."""
    half, radius = design.width / 2 - design.wall - 0.012, 0.003
    y0, y1, z = 0.03, design.depth - design.wall - 0.02, z0 + radius
    bars = []
    for x in np.linspace(-half, half, 9):
        bars.append(rod((x, y0, z), (x, y1, z), radius, 6))
        bars += [rod((x, y, z), (x, y, z1), radius, 6) for y in (y0, y1)]
    for y in np.linspace(y0, y1, 8):
        bars.append(rod((-half, y, z), (half, y, z), radius, 6))
        bars += [rod((x, y, z), (x, y, z1), radius, 6) for x in (-half, half)]
    for level in ((z0 + z1) / 2, z1 - radius):
        bars += [rod((-half, y, level), (half, y, level), 1.2 * radius, 6) for y in (y0, y1)]
        bars += [rod((x, y0, level), (x, y1, level), 1.2 * radius, 6) for x in (-half, half)]
    # Rollers between the rack and the walls.
    wheel = disc(0.016, 0.0, 0.008, 0.001, 16).transformed(
        np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
    )
    rollers = [
        wheel.moved((x, y, z0 + 0.017))
        for x in (-half - 0.0105, half + 0.0025)
        for y in (y0 + 0.08, y1 - 0.08)
    ]
    return [*bars, *rollers]


def _cup(rng: np.random.Generator, design: Design) -> Part:
    """The lid of the detergent cup on the door's inner face."""
    y, z = -design.gap + 0.0065, design.foot + rng.uniform(0.55, 0.7) * (design.panel - design.foot)
    x, half = rng.uniform(-0.08, 0.08), rng.uniform(0.03, 0.045)
    lid = box((x - half, y, z), (x + half, y + 0.008, z + 1.6 * half), 0.002)
    pin = rod((x - half, y + 0.004, z), (x + half, y + 0.004, z), 0.004)
    tab = box((x - 0.01, y + 0.008, z + 1.4 * half), (x + 0.01, y + 0.014, z + 1.55 * half))
    joint = hinge((-1, 0, 0), (x, y + 0.004, z), rng.uniform(80, 100))
    return Part(
        name="detergent_lid",
        pieces=[Piece(merged([lid, pin, tab]), design.dark)],
        parent="door",
        joint=joint,
        prompt=str(rng.choice(["open the detergent cup", "open the detergent lid"])),
        grip=(x, y + 0.014, z + 1.5 * half),
        opening=float(np.radians(rng.uniform(50, 75))),
        ajar=False,
    )
