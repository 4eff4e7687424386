"""Swivel chairs: a seat that turns on a gas lift, a back that leans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, swivel
from backend.datasets.shapes import (
    Shape,
    box,
    disc,
    lathe,
    loft,
    merged,
    prism,
    rod,
    rounded_path,
    rounded_rectangle,
    tube,
)


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the chair turns about the z axis."""

    seat: float  # height of the cushion's underside
    width: float
    depth: float
    cushion: float
    back: float  # height of the backrest
    arms: bool
    cloth: Material
    frame: Material
    dark: Material


def chair(rng: np.random.Generator) -> list[Part]:
    """Return an office chair: base, seat on it, sometimes a reclining back on the seat."""
    design = _design(rng)
    seat = _seat_pieces(design)
    hub = design.seat - 0.05
    grip = (0.0, -design.depth / 2, design.seat + design.cushion / 2)
    prompt = str(rng.choice(["turn the seat", "spin the chair", "rotate the seat"]))
    opening = np.radians(rng.uniform(40, 75))
    leaning = bool(rng.random() < 0.6)
    if not leaning:
        seat += _back_pieces(design)
    base = Part("base", _base(rng, design, hub))
    joint = swivel((0, 0, 1), (0.0, 0.0, hub))
    parts = [base, Part("seat", seat, "base", joint, prompt, grip, float(opening))]
    return [*parts, _back(rng, design)] if leaning else parts


def _design(rng: np.random.Generator) -> Design:
    return Design(
        seat=rng.uniform(0.4, 0.5),
        width=rng.uniform(0.44, 0.52),
        depth=rng.uniform(0.42, 0.5),
        cushion=rng.uniform(0.05, 0.08),
        back=rng.uniform(0.4, 0.65),
        arms=bool(rng.random() < 0.5),
        cloth=materials.fabric(rng),
        frame=materials.metal(rng, str(rng.choice(["steel", "black_metal"]))),
        dark=materials.rubber(rng),
    )


def _base(rng: np.random.Generator, design: Design, hub: float) -> list[Piece]:
    """A star of legs on castors with a telescope column."""
    count, reach = int(rng.choice([4, 5, 5])), rng.uniform(0.27, 0.33)
    legs, wheels = [], []
    for angle in np.arange(count) * 2 * np.pi / count + np.pi / 2:
        turn = _turned(angle)
        legs.append(_leg(reach).transformed(turn))
        wheels += [wheel.transformed(turn) for wheel in _castor(reach - 0.02)]
    sleeve = [(0.045, 0.07), (0.045, 0.13), (0.028, 0.14), (0.028, 0.6 * hub)]
    column = lathe([*sleeve, (0.014, 0.6 * hub + 0.005), (0.014, hub)], 24)
    return [
        Piece(merged(legs), design.frame),
        Piece(merged(wheels), design.dark),
        Piece(column, design.frame, bare=(0, 0, -1)),
    ]


def _leg(reach: float) -> Shape:
    """A bar along x that gets lower and thinner outwards."""
    rings = []
    for x, z, width, height in ((0.02, 0.1, 0.05, 0.045), (reach, 0.085, 0.03, 0.025)):
        outline = rounded_rectangle(width, height, 0.008)
        rings.append(np.column_stack([np.full(len(outline), x), outline[:, 0], outline[:, 1] + z]))
    return loft(rings)


def _castor(x: float) -> list[Shape]:
    """Twin wheels and a pin."""
    radius = 0.029
    wheels = [
        rod((x, y, radius), (x, y + s * 0.014, radius), radius, 20)
        for y, s in ((-0.004, -1), (0.004, 1))
    ]
    return [*wheels, rod((x, 0, radius), (x, 0, 0.075), 0.004, 8)]


def _seat_pieces(design: Design) -> list[Piece]:
    """A plate on the column, the cushion and, sometimes, armrests."""
    z, w, d = design.seat, design.width, design.depth
    gap = 0.0015
    plate = box((-0.1, -0.1, z - 0.05 + gap), (0.1, 0.12, z - 0.012), 0.004)
    pan = prism(rounded_rectangle(0.9 * w, 0.9 * d, 0.06), z - 0.012, z, 0.003)
    outline = rounded_rectangle(w, d, 0.08, 6)
    shares = [(0.03, 0.0), (0.005, 0.12), (0.0, 0.4), (0.004, 0.75), (0.03, 0.95), (0.09, 1.0)]
    rings = [
        np.column_stack([outline * (1 - inset), np.full(len(outline), z + share * design.cushion)])
        for inset, share in shares
    ]
    pieces = [
        Piece(plate, design.frame, bare=(0, 0, 1)),
        Piece(pan, design.dark, hidden=True),
        Piece(loft(rings), design.cloth, bare=(0, 0, -1)),
    ]
    return pieces + (_arms(design) if design.arms else [])


def _arms(design: Design) -> list[Piece]:
    pieces = []
    for side in (-1, 1):
        x, z = side * (design.width / 2 + 0.03), design.seat + 0.22
        corners = [
            (side * 0.3 * design.width, 0.04, design.seat - 0.006),
            (x, 0.04, design.seat - 0.006),
            (x, 0.04, z),
        ]
        post = tube(rounded_path(corners, 0.03), 0.012)
        pad = box((x - 0.03, -0.1, z), (x + 0.03, 0.14, z + 0.025), 0.01)
        pieces += [Piece(post, design.frame), Piece(pad, design.dark)]
    return pieces


def _back_pieces(design: Design) -> list[Piece]:
    """A curved cushion on a bracket that starts behind the seat plate."""
    y, z0 = design.depth / 2 + 0.025, design.seat + design.cushion + 0.08
    z1, w = z0 + design.back, 0.9 * design.width
    rings = []
    for share in np.linspace(0.0, 1.0, 9):
        ease = np.sin(np.pi * np.clip(share, 0.02, 0.98)) ** 0.3
        outline = rounded_rectangle(w * (0.8 + 0.2 * ease), 0.06 * (0.35 + 0.65 * ease), 0.025)
        lean = 0.05 * share**2 - 0.02 * np.sin(np.pi * share)
        z = z0 + share * (z1 - z0)
        rings.append(
            np.column_stack(
                [outline[:, 0], outline[:, 1] + y + 0.03 + lean, np.full(len(outline), z)]
            )
        )
    corners = [
        (0, 0.145, design.seat - 0.034),
        (0, y + 0.055, design.seat - 0.034),
        (0, y + 0.055, z0 + 0.3 * design.back),
    ]
    bracket = tube(rounded_path(corners, 0.05), 0.016)
    return [Piece(loft(rings), design.cloth), Piece(bracket, design.frame)]


def _back(rng: np.random.Generator, design: Design) -> Part:
    """The back on its own hinge, at the rear end of the plate."""
    origin = (0.0, 0.145, design.seat - 0.034)
    pieces = _back_pieces(design)
    pivot = disc(0.018, -0.03, 0.03, 0.003, 24).transformed(_along_x).moved(origin)
    pieces.append(Piece(pivot, design.frame))
    z = design.seat + design.cushion + 0.08 + 0.95 * design.back
    grip = (0.0, design.depth / 2, z)
    prompt = str(rng.choice(["lean the backrest back", "recline the back", "tilt the backrest"]))
    joint = hinge((-1, 0, 0), origin, rng.uniform(18, 28))
    opening = np.radians(rng.uniform(12, 17))
    return Part("back", pieces, "seat", joint, prompt, grip, float(opening))


_along_x = np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])


def _turned(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
