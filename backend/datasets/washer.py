"""Washing machines and dryers: a round door, a drum, a dial, a detergent drawer, buttons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.placing import frame
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    circle,
    disc,
    lathe,
    merged,
    prism,
    ring,
    rod,
    rounded_rectangle,
    tray,
)

_sections = 40


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the housing fills y from 0 to `depth`, fronts stand before it."""

    width: float
    height: float
    depth: float
    wall: float
    gap: float
    panel: float  # where the control panel begins
    middle: float  # height of the drum's axis
    hole: float  # its radius in the front
    door: float  # radius of the door
    thick: float
    side: int  # -1: the door hangs on the left, 1: on the right
    shell: Material
    ring: Material
    steel: Material
    dark: Material
    glass: Material


def washer(rng: np.random.Generator) -> list[Part]:
    """Return a front loader with its door shut."""
    design = _design(rng)
    body = _housing(design)
    parts = [_door(rng, design, body)]
    if rng.random() < 0.75:
        parts.append(_drawer(rng, design))
    else:
        body.append(Piece(_panel(design, -design.width / 2), design.shell))
    parts.append(_dial(rng, design))
    if rng.random() < 0.6:
        parts.append(_drum(rng, design))
    else:
        body.append(Piece(_drum_shape(design), design.steel, hidden=True))
    return [Part("body", body), *parts]


def _design(rng: np.random.Generator) -> Design:
    height, hole = rng.uniform(0.8, 0.87), rng.uniform(0.14, 0.17)
    panel = height - rng.uniform(0.11, 0.14)
    return Design(
        width=rng.uniform(0.56, 0.62),
        height=height,
        depth=rng.uniform(0.45, 0.6),
        wall=rng.uniform(0.015, 0.02),
        gap=rng.uniform(0.003, 0.005),
        panel=panel,
        middle=rng.uniform(0.46, 0.52) * panel + 0.02,
        hole=hole,
        door=hole + rng.uniform(0.03, 0.05),
        thick=rng.uniform(0.03, 0.045),
        side=(-1, 1)[rng.integers(2)],
        shell=materials.paint(rng, str(rng.choice(["white", "white", "graphite"]))),
        ring=materials.plastic(rng) if rng.random() < 0.5 else materials.metal(rng),
        steel=materials.metal(rng, "steel"),
        dark=materials.paint(rng, "graphite"),
        glass=materials.glass(rng),
    )


def _housing(design: Design) -> list[Piece]:
    w, d, t, h = design.width / 2, design.depth, design.wall, design.height
    shell = design.shell
    back = box((-w + t, d - t, 0.02 + t), (w - t, d, h - t))
    return [
        Piece(box((-w, t, 0.02), (-w + t, d, h - t), 0.002), shell, bare=(1, 0, 0)),
        Piece(box((w - t, t, 0.02), (w, d, h - t), 0.002), shell, bare=(-1, 0, 0)),
        Piece(box((-w + t, t, 0.02), (w - t, d, 0.02 + t)), shell),
        Piece(box((-w, 0, h - t), (w, d, h), 0.004), shell, bare=(0, 0, -1)),
        Piece(back, shell, hidden=True),
        Piece(_front(design), shell, bare=(0, 1, 0)),
        Piece(_panel(design, _drawer_end(design)), shell, bare=(0, 1, 0)),
        Piece(merged(_feet(design)), design.dark),
    ]


def _front(design: Design) -> Shape:
    """A plate with a round hole, below the panel."""
    w, low, high = design.width / 2, 0.02, design.panel - design.gap
    inner = circle(design.hole, _sections)
    # Corner meets corner: the square's directions are stretched to the plate's proportions.
    square = circle(1.0, _sections)
    square /= np.abs(square).max(axis=1, keepdims=True)
    outer = square * (w, (high - low) / 2) + (0, (low + high) / 2 - design.middle)
    plate = frame(outer, inner, -design.wall, 0.0).transformed(facing_front)
    return plate.moved((0, 0, design.middle))


def _panel(design: Design, start: float) -> Shape:
    """The part of the control panel from x `start` to the right side, or left of the drawer."""
    end = design.width / 2 if start > -design.width / 2 else _drawer_end(design) - 0.002
    return box((start, 0, design.panel), (end, design.wall, design.height - design.wall - 0.0005))


def _drawer_end(design: Design) -> float:
    return -design.width / 2 + 0.34 * design.width


def _feet(design: Design) -> list[Shape]:
    w, d = design.width / 2 - 0.05, design.depth
    return [disc(0.018, 0, 0.02).moved((x, y, 0)) for x in (-w, w) for y in (0.06, d - 0.06)]


def _door(rng: np.random.Generator, design: Design, body: list[Piece]) -> Part:
    """A ring around a bowl of glass, on a lug beside it that turns about an upright pin."""
    radius, thick, g, z = design.door, design.thick, design.gap, design.middle
    face = -g - thick
    x = design.side * (radius + rng.uniform(0.006, 0.012))
    y = face + rng.uniform(0.3, 0.6) * thick
    inner = 0.8 * design.hole
    rim = ring(inner, radius, g, g + thick)
    profile = [(inner + 0.004, g + 0.4 * thick), (inner, g), (0.8 * inner, -0.05)]
    profile += [(0.45 * inner, -0.07), (0.4 * inner, -0.066), (0.75 * inner, -0.046)]
    bowl = lathe([*profile, (inner - 0.006, g + 0.3 * thick)], _sections)
    made = [piece.transformed(facing_front).moved((0, 0, z)) for piece in (rim, bowl)]
    lugs = [_lug(design, x, y, z + dz) for dz in (-0.045, 0.045)]
    body.append(Piece(_block(design, x, y), design.ring))
    free = -design.side
    at = (free * (radius - 0.018), face, z)
    grip = box((at[0] - 0.009, face - 0.014, z - 0.05), (at[0] + 0.009, face, z + 0.05), 0.004)
    return Part(
        name="door",
        pieces=[
            Piece(made[0], design.ring),
            Piece(made[1], design.glass),
            Piece(merged(lugs), design.ring),
            Piece(grip, design.ring),
        ],
        parent="body",
        joint=hinge((0, 0, design.side), (x, y, z), rng.uniform(110, 160)),
        prompt=str(rng.choice(["open the door", "swing open the door", "open the washer door"])),
        grip=(at[0], face - 0.014, z),
        opening=float(np.radians(rng.uniform(50, 85))),
    )


def _lug(design: Design, x: float, y: float, z: float) -> Shape:
    """An arm of the door and its eye on the axis."""
    near = design.side * (0.93 * design.door)
    low, high = sorted((x, near))
    arm = box((low, y - 0.005, z - 0.014), (high, y + 0.005, z + 0.014))
    return merged([arm, rod((x, y, z - 0.014), (x, y, z + 0.014), 0.007)])


def _block(design: Design, x: float, y: float) -> Shape:
    """What the pin sits in, between the lugs and on the front."""
    z = design.middle
    pin = rod((x, y, z - 0.0305), (x, y, z + 0.0305), 0.007)
    web = box((x - 0.006, y, z - 0.03), (x + 0.006, 0.0, z + 0.03))
    return merged([pin, web])


def _drawer(rng: np.random.Generator, design: Design) -> Part:
    x0, x1 = -design.width / 2 + 0.002, _drawer_end(design) - 0.003
    z0, z1 = design.panel + 0.001, design.height - design.wall - 0.003
    front = box((x0, -0.008, z0), (x1, design.wall - 0.002, z1), 0.003)
    back = rng.uniform(0.25, 0.32)
    room = tray((x0 + 0.02, design.wall - 0.002, z0 + 0.01), (x1 - 0.02, back, z1 - 0.03), 0.003)
    lip = box((x0 + 0.03, -0.02, z1 - 0.03), (x1 - 0.03, -0.008, z1 - 0.018), 0.002)
    travel = rng.uniform(0.6, 0.8) * back
    noun = str(rng.choice(["detergent drawer", "drawer", "soap drawer"]))
    return Part(
        name="detergent_drawer",
        pieces=[
            Piece(front, design.ring, bare=(0, 1, 0)),
            Piece(room, design.ring, hidden=True),
            Piece(lip, design.ring),
        ],
        parent="body",
        joint=slide((0, -1, 0), travel),
        prompt=f"{rng.choice(['pull out', 'open', 'slide out'])} the {noun}",
        grip=((x0 + x1) / 2, -0.02, z1 - 0.024),
        opening=rng.uniform(0.6, 0.9) * travel,
    )


def _dial(rng: np.random.Generator, design: Design) -> Part:
    radius, height = rng.uniform(0.025, 0.036), rng.uniform(0.02, 0.028)
    z = (design.panel + design.height - design.wall) / 2
    x = rng.uniform(0.02, 0.3) * design.width
    ribs = [
        prism(rounded_rectangle(0.006, 0.012, 0.001) + np.array([0, 0.97 * radius]), 0.004, height)
        .transformed(_about_z(angle))
        for angle in np.arange(6) * np.pi / 3
    ]  # fmt: skip
    shape = merged([disc(radius, 0.0015, height, 0.003, 36), *ribs])
    placed = shape.transformed(facing_front).moved((x, 0, z))
    noun = str(rng.choice(["dial", "knob", "program dial"]))
    return Part(
        name="dial",
        pieces=[Piece(placed, design.ring)],
        parent="body",
        joint=swivel((0, 1, 0), (x, 0.0, z)),
        prompt=f"turn the {noun}",
        grip=(x, -height, z + 0.9 * radius),
        opening=float(np.radians(rng.uniform(60, 120))),
    )


def _drum(rng: np.random.Generator, design: Design) -> Part:
    x, z = 0.0, design.middle
    r = _drum_radius(design)
    return Part(
        name="drum",
        pieces=[Piece(_drum_shape(design), design.steel)],
        parent="body",
        joint=swivel((0, -1, 0), (x, 0.1, z)),
        prompt=str(rng.choice(["turn the drum", "spin the drum", "rotate the drum"])),
        grip=(0.0, 0.14, z - r + 0.004),
        opening=float(np.radians(rng.uniform(40, 80))),
    )


def _drum_shape(design: Design) -> Shape:
    """A tub that lies on its back, with three paddles; it keeps off the housing."""
    r, low, high = _drum_radius(design), 0.1, design.depth - design.wall - 0.02
    wall = 0.002
    profile = [(r, -low), (r, -high), (0.01, -high), (0.01, -high + wall), (r - wall, -high + wall)]
    tub = lathe([*profile, (r - wall, -low)], 48, closed=True)
    paddles = [
        box((-0.012, r - 0.03, -high + 0.02), (0.012, r - 0.001, -low - 0.02), 0.004).transformed(
            _about_z(angle)
        )
        for angle in np.arange(3) * 2 * np.pi / 3
    ]
    return merged([tub, *paddles]).transformed(facing_front).moved((0, 0, design.middle))


def _drum_radius(design: Design) -> float:
    w = design.width / 2 - design.wall
    return min(w, design.middle - 0.02 - design.wall, design.panel - design.middle) - 0.012


def _about_z(angle: float) -> Points:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
