"""Stools whose seat turns: on a thread that lifts it, on a gas spring, or on a bearing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, screw, swivel, turn_and_slide
from backend.datasets.shapes import (
    Shape,
    box,
    disc,
    lathe,
    merged,
    ring,
    rod,
    rounded_path,
    tube,
)
from protocol.joint import Joint


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the seat turns about the z axis, its shaft in a sleeve below it."""

    kind: str
    height: float  # of the seat's underside
    radius: float
    cushion: float
    shaft: float
    sleeve: tuple[float, float]  # where the sleeve begins and ends
    travel: float
    back: bool
    foot: Material
    metal: Material
    cloth: Material


def stool(rng: np.random.Generator) -> list[Part]:
    """Return a stool with its seat at its lowest."""
    design = _design(rng)
    parts = [Part("base", _base(rng, design)), _seat(rng, design)]
    if design.kind == "spring" and rng.random() < 0.7:
        parts.append(_lever(rng, design))
    return parts


def _design(rng: np.random.Generator) -> Design:
    kind = str(rng.choice(["thread", "spring", "bearing"]))
    height = rng.uniform(0.6, 0.72) if kind == "spring" else rng.uniform(0.42, 0.52)
    travel = rng.uniform(0.1, 0.16)
    return Design(
        kind=kind,
        height=height,
        radius=rng.uniform(0.15, 0.19),
        cushion=rng.uniform(0.03, 0.07),
        shaft=rng.uniform(0.012, 0.018),
        sleeve=(height - travel - 0.11, height - 0.04),
        travel=travel,
        back=bool(rng.random() < 0.3),
        foot=materials.wood(rng) if kind == "thread" else materials.metal(rng),
        metal=materials.metal(rng),
        cloth=materials.fabric(rng) if rng.random() < 0.6 else materials.wood(rng),
    )


def _base(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A sleeve on a plate, or on legs that are splayed."""
    low, high = design.sleeve
    inner, outer = design.shaft + 0.0006, design.shaft + 0.012
    sleeve = Piece(ring(inner, outer, low, high), design.metal)
    floor = disc(outer, low - 0.01, low, sections=32)
    if design.kind == "spring":
        profile = [(0.21, 0.0), (0.21, 0.008), (0.06, 0.022), (outer, 0.05), (outer, low - 0.01)]
        return [sleeve, Piece(merged([lathe(profile, 40), floor]), design.metal, bare=(0, 0, -1))]
    count, reach = int(rng.choice([3, 4, 4])), rng.uniform(0.17, 0.22)
    legs: list[Shape] = [floor]
    for angle in np.arange(count) * 2 * np.pi / count + np.pi / 4:
        out = np.array([np.cos(angle), np.sin(angle)])
        top, knee = out * (outer - 0.003), out * 0.45 * reach
        path = [(*top, low + 0.02), (*knee, low + 0.01), (*(out * reach), 0.013)]
        legs.append(tube(rounded_path(path, 0.05), 0.012))
        legs.append(disc(0.017, 0.0, 0.02, 0.003, 20).moved((*(out * reach), 0)))
    braces = [
        rod((*(0.62 * reach * a), 0.18), (*(0.62 * reach * b), 0.18), 0.007)
        for a, b in _neighbours(count)
    ]
    return [sleeve, Piece(merged([*legs, *braces]), design.foot)]


def _neighbours(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    angles = np.arange(count + 1) * 2 * np.pi / count + np.pi / 4
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return list(pairwise(points))


def _joint(rng: np.random.Generator, design: Design) -> tuple[Joint, str, float]:
    """The joint, what one says and how far one turns."""
    at = (0.0, 0.0, design.height)
    noun = str(rng.choice(["seat", "stool"]))
    if design.kind == "thread":
        pitch = rng.uniform(0.012, 0.03)
        turns = design.travel / pitch
        prompt = str(
            rng.choice([f"turn up the {noun}", f"screw up the {noun}", f"turn the {noun}"])
        )
        return screw((0, 0, 1), at, turns, pitch), prompt, float(np.radians(rng.uniform(60, 110)))
    prompt = f"{rng.choice(['turn', 'spin', 'rotate'])} the {noun}"
    opening = float(np.radians(rng.uniform(40, 90)))
    if design.kind == "spring":
        return turn_and_slide((0, 0, 1), at, 360, (0.0, design.travel)), prompt, opening
    return swivel((0, 0, 1), at), prompt, opening


def _seat(rng: np.random.Generator, design: Design) -> Part:
    """A disc on a shaft that ends within the sleeve, and sometimes a low back."""
    z, r = design.height, design.radius
    profile = [(0.9 * r, 0.0), (r, 0.25), (r, 0.7), (0.95 * r, 0.95), (0.85 * r, 1.0)]
    disc_ = lathe([(radius, z + share * design.cushion) for radius, share in profile], 40)
    shaft = disc(design.shaft, design.sleeve[0] + 0.006, z, sections=28)
    plate = box((-0.07, -0.07, z - 0.008), (0.07, 0.07, z), 0.002)
    pieces = [
        Piece(disc_, design.cloth, bare=(0, 0, -1)),
        Piece(shaft, design.metal, hidden=design.kind == "bearing"),
        Piece(plate, design.metal, bare=(0, 0, 1)),
    ]
    if design.back:
        top = z + design.cushion + 0.2
        path = [(0, 0.06, z - 0.004), (0, r + 0.03, z - 0.004), (0, r + 0.03, top)]
        rest = tube([(-0.6 * r, r + 0.0, top), (0, r + 0.03, top), (0.6 * r, r + 0.0, top)], 0.018)
        pieces.append(Piece(tube(rounded_path(path, 0.04), 0.009), design.metal))
        pieces.append(Piece(rest, design.cloth))
    joint, prompt, opening = _joint(rng, design)
    grip = (0.0, -r, z + 0.5 * design.cushion)
    return Part("seat", pieces, "base", joint, prompt, grip, opening)


def _lever(rng: np.random.Generator, design: Design) -> Part:
    """The lever of the gas spring, under the seat at the right; it is pulled up a little."""
    z, length = design.height - 0.016, design.radius * 0.95
    path = [(0.075, 0, z), (length, 0, z), (length + 0.05, 0, z - 0.006)]
    stick = tube(rounded_path(path, 0.02), [0.004] * 8)
    hub = rod((0.078, -0.008, z), (0.078, 0.008, z), 0.0055)
    # Up to the seat's underside.
    room = np.degrees(0.012 / (0.92 * design.radius - 0.078))
    joint = hinge((0, -1, 0), (0.078, 0.0, z), rng.uniform(0.6, 0.85) * room)
    grip = (length + 0.045, 0.0, z)
    return Part(
        name="lever",
        pieces=[Piece(merged([stick, hub]), design.metal)],
        parent="seat",
        joint=joint,
        prompt=str(rng.choice(["pull up the lever", "lift the lever", "raise the lever"])),
        grip=grip,
        opening=joint.upper,
        ajar=False,
    )
