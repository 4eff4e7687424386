"""Buckets and pails: a bail over the rim, sometimes a lid that is lifted off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.datasets import materials
from backend.datasets.bails import arch, bail, ears, swing
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.placing import turn
from backend.datasets.shapes import (
    Points,
    Shape,
    circle,
    disc,
    loft,
    prism,
    rounded_rectangle,
    shrunk,
    vessel,
)


def bucket(rng: np.random.Generator) -> list[Part]:
    """Return a bucket with its bail upright, or lying on the rim."""
    rim = _rim(rng)
    height, wall = rng.uniform(0.9, 1.3) * np.ptp(rim[:, 1]), rng.uniform(0.002, 0.004)
    taper = rng.uniform(0.02, 0.2) * float(rim[:, 1].max())
    kinds = [materials.metal, materials.plastic, materials.wood]
    shell = kinds[int(rng.integers(3))](rng)
    bead, steel = rng.uniform(0.003, 0.006), materials.metal(rng)
    pieces = [Piece(vessel(rim, 0.0, height, wall, taper), shell, bare=(0, 0, -1))]
    pieces.append(Piece(_bead(rim, height, bead), shell))
    for share in (0.3, 0.7) if rng.random() < 0.4 else ():
        hoop = shrunk(rim, taper * (1 - share))
        pieces.append(Piece(_bead(hoop, share * height, 0.5 * bead), shell))
    covered = bool(rng.random() < 0.3)
    handle, fixed = _bail(rng, rim, height, bead, covered)
    pieces.append(Piece(fixed, steel))
    parts = [Part("body", pieces), handle]
    return [*parts, _lid(rng, rim, height, bead, wall)] if covered else parts


def _rim(rng: np.random.Generator) -> Points:
    draw, radius = rng.random(), rng.uniform(0.09, 0.17)
    if draw < 0.6:
        return circle(radius, 48)
    if draw < 0.8:
        return circle(1.0, 48) * (radius, radius * rng.uniform(0.65, 0.9))
    return rounded_rectangle(2 * radius, radius * rng.uniform(1.2, 1.8), 0.4 * radius, 8)


def _bead(outline: Points, z: float, radius: float) -> Shape:
    """A rolled edge around an outline."""
    angles = np.arange(8) * 2 * np.pi / 8
    rings = [
        np.column_stack(
            [shrunk(outline, -radius * np.cos(a)), np.full(len(outline), z + radius * np.sin(a))]
        )
        for a in angles
    ]
    return loft(rings, closed=True)


def _bail(
    rng: np.random.Generator, rim: Points, height: float, bead: float, covered: bool
) -> tuple[Part, Shape]:
    """The bail ends outside the rim; it lies down until it meets it."""
    radius, half = rng.uniform(0.0022, 0.004), float(rim[:, 0].max()) + bead
    half += 3.2 * radius + rng.uniform(0.0, 0.004)
    drop = rng.uniform(bead + 3 * radius, 0.15 * height)
    rise = rng.uniform(0.85, 1.35) * max(float(rim[:, 1].max()), 0.75 * half) + drop
    path, at = arch(half, rise, rng.uniform(2.0, 3.0)), np.array([0.0, 0.0, height - drop])
    outline = shrunk(rim, -bead - radius - 0.001)
    top = height + bead + radius + (0.012 if covered else 0.001)

    def free(points: Points) -> bool:
        return not (_within(points[:, :2], outline) & (points[:, 2] < top)).any()

    most = swing(path, at, free, 92)
    upright = bool(rng.random() < 0.45)
    grip = rng.uniform(0.15, 0.3) if rng.random() < 0.5 else 0.0
    shape = bail(path, radius, grip)
    lying = turn((1, 0, 0), 0 if upright else most)
    thick = 2.2 * radius if grip else radius
    middle = np.array([0.0, -thick if upright else 0.0, rise + (0 if upright else thick)])
    middle = lying[:3, :3] @ middle + at
    if upright:
        joint = hinge((1, 0, 0), at, most, lower=-most)
        verb, opening = str(rng.choice(["fold down", "lower", "swing"])), 0.7 * most
    else:
        joint = hinge((-1, 0, 0), at, 2 * most)
        verb, opening = str(rng.choice(["lift", "raise", "lift up"])), rng.uniform(0.6, 1.0) * most
    noun = str(rng.choice(["handle", "handle", "bail"]))
    material = materials.metal(rng)
    wire = Piece(shape.transformed(lying).moved(at), material)
    spot = (float(middle[0]), float(middle[1]), float(middle[2]))
    opening = float(np.radians(opening))
    part = Part("handle", [wire], "body", joint, f"{verb} the {noun}", spot, opening)
    room = half - float(rim[:, 0].max()) + 0.002
    return part, ears(half, radius, room, bead + 2 * radius).moved(at)


def _lid(rng: np.random.Generator, rim: Points, height: float, bead: float, wall: float) -> Part:
    """A plate that lies on the rim with a plug inside it and a knob."""
    gap, stuff = 0.0008, materials.plastic(rng)
    low = height + bead + gap
    plate = prism(rim, low, low + 0.005, 0.0015)
    plug = prism(shrunk(rim, wall + bead + gap), height - 0.006, low + 0.001)
    radius = 0.14 * float(rim[:, 1].max())
    knob = disc(radius, low + 0.004, low + 0.004 + radius, 0.2 * radius, 24)
    pieces = [Piece(plate, stuff), Piece(plug, stuff, hidden=True), Piece(knob, stuff)]
    prompt = f"{rng.choice(['lift', 'raise', 'lift up'])} the lid"
    grip = (0.0, 0.0, low + 0.004 + radius)
    joint = slide((0, 0, 1), bead + 0.008)
    return Part("lid", pieces, "body", joint, prompt, grip, joint.upper, ajar=False)


def _within(points: Points, outline: Points) -> NDArray[np.bool_]:
    """Whether points (N, 2) lie in a convex counter-clockwise outline."""
    edges = np.roll(outline, -1, axis=0) - outline
    away = points[:, None] - outline
    left = edges[:, 0] * away[..., 1] - edges[:, 1] * away[..., 0] > 0
    return np.all(left, axis=1)
