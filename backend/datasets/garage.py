"""Garage doors: panels that tilt up on pivots, and sections that slide up behind the lintel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.hardware import hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.shapes import Shape, box, disc, merged, rod, rounded_path, tube

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the frame fills y from 0 to `depth`, its opening begins at z = 0."""

    width: float
    height: float
    jamb: float
    depth: float
    thick: float
    gap: float
    ribs: int
    upright: bool  # ribs stand
    wall: Material
    skin: Material
    metal: Material


def garage(rng: np.random.Generator) -> list[Part]:
    """Return a closed garage door in its frame."""
    design = _design(rng)
    body = _frame(design)
    tilts = rng.random() < 0.6
    parts = _tilting(rng, design, body) if tilts else [_sliding(rng, design, body)]
    return [Part("frame", body), *parts]


def _design(rng: np.random.Generator) -> Design:
    return Design(
        width=rng.uniform(2.2, 2.7),
        height=rng.uniform(1.9, 2.2),
        jamb=rng.uniform(0.1, 0.18),
        depth=rng.uniform(0.12, 0.2),
        thick=rng.uniform(0.03, 0.045),
        gap=rng.uniform(0.008, 0.014),
        ribs=int(rng.integers(3, 7)),
        upright=bool(rng.random() < 0.5),
        wall=materials.paint(rng, str(rng.choice(["white", "cream", "sage"]))),
        skin=materials.paint(rng) if rng.random() < 0.6 else materials.wood(rng),
        metal=materials.metal(rng, "steel"),
    )


def _frame(design: Design) -> list[Piece]:
    w, h, j, d = design.width / 2, design.height, design.jamb, design.depth
    shapes = [
        box((-w - j, 0, 0), (-w, d, h + 1.5 * j), 0.003),
        box((w, 0, 0), (w + j, d, h + 1.5 * j), 0.003),
        box((-w, 0, h), (w, d, h + 1.5 * j), 0.003),
    ]
    return [Piece(shape, design.wall, bare=(0, 1, 0)) for shape in shapes]


def _tilting(rng: np.random.Generator, design: Design, body: list[Piece]) -> list[Part]:
    """A panel on pivots behind it, somewhat above its middle; its foot swings out."""
    w, g, h = design.width / 2, design.gap, design.height
    x, y0, y1 = w - g, 0.01, 0.01 + design.thick
    axis_y, axis_z = y1 + rng.uniform(0.02, 0.06), rng.uniform(0.55, 0.72) * h
    outline = (-x, x, g, h - 1.5 * g)
    wicket = _wicket(rng, outline) if rng.random() < 0.3 else None
    pieces = _skin(design, outline, y0, wicket)
    for side in (-1, 1):
        hung, pin = _pivot(side * x, side * w, (y1, axis_y, axis_z))
        pieces.append(Piece(merged(hung), design.metal))
        body.append(Piece(pin, design.metal))
    pull, grip = _bow((0.0 if wicket is None else 0.8, y0, 0.25))
    pieces.append(Piece(pull, design.metal))
    door = Part(
        name="door",
        pieces=pieces,
        parent="frame",
        joint=hinge((-1, 0, 0), (0, axis_y, axis_z), rng.uniform(75, 90)),
        prompt=str(rng.choice(["open the garage door", "swing up the garage door"])),
        grip=grip,
        opening=float(np.radians(rng.uniform(45, 70))),
    )
    if wicket is not None:
        return [door, _wicket_door(rng, design, wicket, y0, pieces)]
    return [door, _lock(rng, design, (0.0, y0, 0.95))] if rng.random() < 0.6 else [door]


def _sliding(rng: np.random.Generator, design: Design, body: list[Piece]) -> Part:
    """Sections with rollers in two rails behind the frame, as high again as the opening."""
    w, h, t, y0 = design.width / 2, design.height, design.thick, design.depth + design.gap
    half, travel = w + 0.05, rng.uniform(0.8, 0.9) * h
    top = h + travel + 0.1
    for side in (-1, 1):
        body += [Piece(s, design.metal) for s in _rail(side, half, y0, t, design.depth, top)]
    shaft = rod((-half, y0 + t + 0.04, top), (half, y0 + t + 0.04, top), 0.02)
    ends = [
        box((x - 0.005, design.depth, top - 0.03), (x + 0.005, y0 + t + 0.06, top + 0.03))
        for x in (-half, half)
    ]
    body.append(Piece(merged([shaft, *ends]), design.metal))
    bounds = np.linspace(design.gap, h + 0.03, design.ribs + 1)
    shapes = [
        box((-half, y0, low), (half, y0 + t, high - 0.004), 0.003) for low, high in pairwise(bounds)
    ]
    straps = [
        box((x - 0.02, y0 + t - 0.001, z - 0.05), (x + 0.02, y0 + t + 0.004, z + 0.05))
        for x in (-0.5 * half, 0.5 * half)
        for z in bounds[1:-1]
    ]
    wheels = [
        rod((side * (half - 0.01), y0 + t / 2, z), (side * (half + 0.018), y0 + t / 2, z), 0.011)
        for side in (-1, 1)
        for z in (bounds[:-1] + 0.08)
    ]
    pull, grip = _bow((0.0, y0, 0.08))
    pieces = [Piece(shape, design.skin, bare=(0, 1, 0)) for shape in shapes]
    pieces += [Piece(merged([*straps, *wheels, pull]), design.metal)]
    verbs = ["open the garage door", "push up the garage door", "raise the garage door"]
    opening = rng.uniform(0.4, 0.8) * travel
    joint = slide((0, 0, 1), travel)
    return Part("door", pieces, "frame", joint, str(rng.choice(verbs)), grip, opening)


def _rail(
    side: int, half: float, y0: float, thick: float, behind: float, top: float
) -> list[Shape]:
    """A channel that the rollers run in; it is fixed to the frame and stands on the ground."""
    near, far = half + 0.005, half + 0.024
    y1, y2 = y0 + thick / 2 - 0.0125, y0 + thick / 2 + 0.0125
    spans = [
        ((near, y1 - 0.004), (far, y1)),
        ((near, y2), (far, y2 + 0.004)),
        ((far, y1 - 0.004), (far + 0.004, y2 + 0.004)),
        ((far, behind - 0.001), (far + 0.02, y1)),
    ]
    shapes = []
    for (x0, low), (x1, high) in spans:
        a, b = sorted((side * x0, side * x1))
        shapes.append(box((a, low, 0.0), (b, high, top)))
    return shapes


def _skin(design: Design, outline: Rectangle, y: float, hole: Rectangle | None) -> list[Piece]:
    """A sheet, around a hole if there is one, with ribs on its front."""
    x0, x1, z0, z1 = outline
    t = design.thick
    sheets = [outline]
    if hole is not None:
        a, b, c, d = hole
        sheets = [(x0, a, z0, z1), (b, x1, z0, z1), (a, b, z0, c), (a, b, d, z1)]
    shapes = [box((a, y, c), (b, y + t, d), 0.003) for a, b, c, d in sheets]
    pieces = [Piece(shape, design.skin, bare=(0, 1, 0)) for shape in shapes]
    if hole is None:
        return pieces + [
            Piece(rib, design.skin, bare=(0, 1, 0)) for rib in _ribs(design, outline, y)
        ]
    return pieces


def _ribs(design: Design, outline: Rectangle, y: float) -> list[Shape]:
    x0, x1, z0, z1 = outline
    if design.upright:
        return [
            box((x - 0.02, y - 0.006, z0 + 0.05), (x + 0.02, y, z1 - 0.05), 0.002)
            for x in np.linspace(x0, x1, 2 * design.ribs)[1:-1]
        ]
    return [
        box((x0 + 0.05, y - 0.006, z - 0.02), (x1 - 0.05, y, z + 0.02), 0.002)
        for z in np.linspace(z0, z1, design.ribs + 2)[1:-1]
    ]


def _pivot(edge: float, jamb: float, at: tuple[float, float, float]) -> tuple[list[Shape], Shape]:
    """An arm on the panel's back with an eye, and the pin in the jamb that ends before it."""
    back, y, z = at
    inwards = -1.0 if edge > 0 else 1.0
    a, b = edge + inwards * 0.012, edge + inwards * 0.028
    low, high = sorted((a, b))
    arm = box((low, back - 0.004, z - 0.05), (high, y, z + 0.05))
    eye = rod((low, y, z), (high, y, z), 0.03, 24)
    pin = rod((jamb - inwards * 0.03, y, z), (a - inwards * 0.001, y, z), 0.012)
    return [arm, eye], pin


def _bow(at: tuple[float, float, float]) -> tuple[Shape, tuple[float, float, float]]:
    x, y, z = at
    corners = [(x - 0.08, y, z), (x - 0.08, y - 0.04, z), (x + 0.08, y - 0.04, z), (x + 0.08, y, z)]
    return tube(rounded_path(corners, 0.02), 0.008), (x, y - 0.048, z)


def _lock(rng: np.random.Generator, design: Design, at: tuple[float, float, float]) -> Part:
    """A T-shaped handle that turns a quarter."""
    stem = disc(0.012, 0.0006, 0.045, 0.001, 20)
    bar = rod((-0.05, 0, 0.045), (0.05, 0, 0.045), 0.008)
    rose = disc(0.03, 0.0006, 0.006, 0.001, 28)
    placed = merged([stem, bar, rose]).transformed(facing_front)
    # Ribs are 6 mm high; the handle stands on the sheet or on one of them.
    lifted = placed.moved((at[0], at[1] - 0.006, at[2]))
    noun = str(rng.choice(["handle", "lock", "handle of the garage door"]))
    return Part(
        name="handle",
        pieces=[Piece(lifted, design.metal)],
        parent="door",
        joint=hinge((0, (-1, 1)[rng.integers(2)], 0), at, 90),
        prompt=f"{rng.choice(['turn', 'rotate'])} the {noun}",
        grip=(at[0] + 0.048, at[1] - 0.059, at[2]),
        opening=float(np.radians(rng.uniform(45, 80))),
    )


def _wicket(rng: np.random.Generator, outline: Rectangle) -> Rectangle:
    """The hole of a small door within the panel."""
    x = rng.uniform(-0.35, 0.1)
    return (x, x + rng.uniform(0.6, 0.68), outline[2] + 0.1, outline[3] - 0.12)


def _wicket_door(
    rng: np.random.Generator,
    design: Design,
    hole: Rectangle,
    y: float,
    pieces: list[Piece],
) -> Part:
    """A door for people in the panel, on butts or concealed hinges."""
    s, play = (-1, 1)[rng.integers(2)], 0.004
    x0, x1, z0, z1 = hole[0] + play, hole[1] - play, hole[2] + play, hole[3] - play
    style = hinge_style(rng, ("butts", "concealed"))
    edge = x0 if s < 0 else x1
    at = (edge + s * play / 2 if style.kind == "butts" else edge, y - style.ahead)
    ends = (*at, z0), (*at, z1)
    made = hardware(style, *ends, (-s * 0.03, 0, 0), (s * 0.03, 0, 0), (0, 1, 0))
    pieces += [Piece(shape, design.metal) for shape in made.body]
    free = x1 if s < 0 else x0
    knob, grip = _bow((free + s * 0.12, y, (z0 + z1) / 2))
    return Part(
        name="wicket_door",
        pieces=[
            Piece(box((x0, y, z0), (x1, y + design.thick, z1), 0.002), design.skin, bare=(0, 1, 0)),
            Piece(merged([knob, *made.part]), design.metal),
        ],
        parent="door",
        joint=hinge((0, 0, s), (*at, z0), rng.uniform(90, 115)),
        prompt=str(rng.choice(["open the small door", "open the wicket door"])),
        grip=grip,
        opening=float(np.radians(rng.uniform(45, 80))),
        ajar=False,
    )
