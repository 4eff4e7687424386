"""Bins with a lid hinged behind the rim, round or square, sometimes with a pedal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    circle,
    loft,
    merged,
    prism,
    rod,
    rounded_rectangle,
    shrunk,
    vessel,
)


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the axis of the lid is `behind` the rim's back edge."""

    rim: Points
    height: float
    foot: float
    taper: float
    wall: float
    gap: float
    behind: float
    lift: float
    shell: Material
    cover: Material
    dark: Material

    @property
    def back(self) -> float:
        """Where the rim ends at the back."""
        return float(self.rim[:, 1].max())


def bin_with_lid(rng: np.random.Generator) -> list[Part]:
    """Return a bin with its lid closed."""
    design = _design(rng)
    parts = [Part("body", _container(design)), _lid(rng, design)]
    if rng.random() < 0.5:
        parts.append(_pedal(rng, design))
    return parts


def _design(rng: np.random.Generator) -> Design:
    if rng.random() < 0.5:
        rim = circle(rng.uniform(0.1, 0.19), 40)
    else:
        rim = rounded_rectangle(rng.uniform(0.22, 0.4), rng.uniform(0.2, 0.34), 0.05, 6)
    metallic = rng.random() < 0.5
    shell = materials.metal(rng) if metallic else materials.plastic(rng)
    return Design(
        rim=rim,
        height=rng.uniform(0.3, 0.7),
        foot=rng.uniform(0.02, 0.03),
        taper=0.06 * float(np.ptp(rim[:, 0])),
        wall=rng.uniform(0.003, 0.006),
        gap=rng.uniform(0.001, 0.003),
        behind=rng.uniform(0.008, 0.014),
        lift=rng.uniform(0.0, 0.006),
        shell=shell,
        cover=shell if rng.random() < 0.5 else materials.plastic(rng),
        dark=materials.rubber(rng),
    )


def _container(design: Design) -> list[Piece]:
    body = vessel(design.rim, design.foot, design.height, design.wall, design.taper)
    foot = prism(_foot_outline(design), 0.0, design.foot, 0.003)
    y, z = design.back + design.behind, design.height
    half = _ear_spacing(design)
    ears = [
        box((x - 0.006, design.back - 0.004, z - 0.03), (x + 0.006, y + 0.006, z - 0.0055), 0.001)
        for x in (-half, half)
    ]
    # The plates end below the axis; the pin between them belongs to the lid.
    return [
        Piece(body, design.shell, bare=(0, 0, -1)),
        Piece(foot, design.dark, bare=(0, 0, 1)),
        Piece(merged(ears), design.dark),
    ]


def _lid(rng: np.random.Generator, design: Design) -> Part:
    """A plate or a dome that ends where the bin does, with a plug that fits inside."""
    z, y = design.height + design.gap, design.back + design.behind
    dome = rng.uniform(0.015, 0.05) if rng.random() < 0.6 else 0.008
    shares = [(0.0, 0.0), (0.0, 0.3), (0.04, 0.55), (0.15, 0.8), (0.3, 0.93), (0.45, 1.0)]
    rim = design.rim
    rings = [
        np.column_stack([rim * (1 - inset), np.full(len(rim), z + share * dome)])
        for inset, share in shares
    ]
    pieces = [Piece(loft(rings), design.cover, bare=(0, 0, -1))]
    if rng.random() < 0.6:
        plug = prism(shrunk(rim, design.wall + 0.004), z - 0.008, z, 0.001)
        pieces.append(Piece(plug, design.cover, hidden=True))
    half, axis = _ear_spacing(design), design.height + design.lift
    pieces.append(Piece(merged(_hinge(design, half, axis)), design.dark))
    front = float(rim[:, 1].min())
    if rng.random() < 0.6:
        tab = box((-0.025, front - 0.016, z), (0.025, front + 0.01, z + 0.005), 0.002)
        pieces.append(Piece(tab, design.cover))
        front -= 0.016
    prompt = str(rng.choice(["open the lid", "lift the lid", "open the bin", "flip up the lid"]))
    joint = hinge((-1, 0, 0), (0.0, y, axis), rng.uniform(78, 95))
    opening = np.radians(rng.uniform(45, 75))
    grip = (0.0, front, z + 0.003)
    return Part("lid", pieces, "body", joint, prompt, grip, float(opening))


def _hinge(design: Design, half: float, axis: float) -> list[Shape]:
    """Arms from the lid back to a pin on the axis, above the body's ears."""
    y, radius, z = design.back + design.behind, 0.004, design.height + design.gap
    arms = [
        box((x - 0.005, design.back - 0.02, z), (x + 0.005, y, z + 0.004), 0.0005)
        for x in (-half, half)
    ]
    return [*arms, rod((-half - 0.008, y, axis), (half + 0.008, y, axis), radius)]


def _pedal(rng: np.random.Generator, design: Design) -> Part:
    """A plate that sticks out of the foot; one steps it down a few degrees."""
    front = float(_foot_outline(design)[:, 1].min()) - 0.0015
    z, reach = 0.013, rng.uniform(0.05, 0.07) + design.taper
    plate = box((-0.03, front - reach, z), (0.03, front, z + 0.006), 0.002)
    joint = hinge((1, 0, 0), (0.0, front, z + 0.003), np.degrees(0.01 / reach))
    grip = (0.0, front - reach + 0.008, z + 0.006)
    prompt = str(rng.choice(["press the pedal", "step on the pedal"]))
    return Part("pedal", [Piece(plate, design.dark)], "body", joint, prompt, grip, joint.upper)


def _foot_outline(design: Design) -> Points:
    return shrunk(design.rim, design.taper + 0.004)


def _ear_spacing(design: Design) -> float:
    return 0.3 * float(design.rim[:, 0].max())
