"""Kettles: for the stove with a bail, electric ones that lift off their base, tea pots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.bails import arch, bail, ears, swing
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.placing import band, knuckles, turn
from backend.datasets.shapes import (
    Points,
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

socket = 0.014  # depth of the plug of an electric kettle


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the pot stands about the z axis, its spout points to the left.

    `profile` (K, 2) are radius and height of its outside, up to the mouth.
    """

    profile: Points
    wall: float
    gap: float
    shell: Material
    trim: Material

    @property
    def mouth(self) -> tuple[float, float]:
        """Radius and height of the rim."""
        radius, height = self.profile[-1]
        return float(radius), float(height)

    @property
    def widest(self) -> float:
        """Radius at the belly."""
        return float(self.profile[:, 0].max())

    def radius_at(self, height: float) -> float:
        """Radius of the outside at a height."""
        return float(np.interp(height, self.profile[:, 1], self.profile[:, 0]))


def kettle(rng: np.random.Generator) -> list[Part]:
    """Return a kettle, its lid on."""
    return [_stove, _electric, _pot][int(rng.choice([0, 0, 1, 1, 2]))](rng)


def _stove(rng: np.random.Generator) -> list[Part]:
    design = _design(rng, 0.0, rng.uniform(0.45, 0.6))
    lid = _lifted_lid(rng, design, "body")
    top = design.profile[0, 1] + 0.75 * (design.mouth[1] - design.profile[0, 1])
    spout = _spout(rng, design, rng.uniform(0.25, 0.4), float(top))
    handle, eyes = _bail(rng, design, spout)
    pieces = [*_body(design, spout), Piece(eyes, design.trim)]
    return [Part("body", pieces), lid, handle]


def _pot(rng: np.random.Generator) -> list[Part]:
    design = _design(rng, 0.0, rng.uniform(0.35, 0.5))
    spout = _spout(rng, design, rng.uniform(0.35, 0.6), design.mouth[1])
    pieces = [*_body(design, spout), Piece(_back_handle(design), design.trim)]
    return [Part("body", pieces), _lifted_lid(rng, design, "body")]


def _electric(rng: np.random.Generator) -> list[Part]:
    """A jug on a base; the jug carries a hinged lid and a switch."""
    floor = rng.uniform(0.018, 0.026)
    design = _design(rng, floor + socket, rng.uniform(0.65, 0.85))
    radius, peg = float(design.profile[0, 0]), rng.uniform(0.009, 0.016)
    plate = disc(radius + rng.uniform(0.0, 0.012), 0.0, floor, 0.004, 40)
    plug = disc(peg, floor - 0.001, floor + socket - 0.002, 0.0005)
    base = Piece(plate, design.trim, bare=(0, 0, -1)), Piece(plug, design.trim)
    low, high = floor + design.gap, floor + socket + 0.0005
    skirt = [ring(radius - 0.003, radius, low, high), ring(peg + 0.0005, peg + 0.004, low, high)]
    spout = _spout(rng, design, rng.uniform(0.35, 0.6), design.mouth[1])
    pieces = [*_body(design, spout), Piece(_back_handle(design), design.trim)]
    pieces.append(Piece(merged(skirt), design.shell, bare=(0, 0, 1)))
    joint = slide((0, 0, 1), socket - rng.uniform(0.0025, 0.004))
    noun = str(rng.choice(["kettle", "jug"]))
    prompt = f"{rng.choice(['lift', 'lift up', 'raise'])} the {noun}"
    x = _grip_reach(design)
    grip = (x, 0.0, 0.5 * (floor + design.mouth[1]))
    jug = Part("jug", pieces, "base", joint, prompt, grip, joint.upper)
    lid, fixed = _hinged_lid(rng, design)
    pieces.append(Piece(fixed, design.trim))
    parts = [Part("base", list(base)), jug, lid]
    return [*parts, _switch(rng, design, x)] if rng.random() < 0.7 else parts


def _design(rng: np.random.Generator, floor: float, mouth: float) -> Design:
    """`mouth` is the share of the belly's radius that is left at the rim."""
    radius, tall = rng.uniform(0.075, 0.1), rng.uniform(0.13, 0.2)
    belly, bulge = rng.uniform(0.25, 0.5), rng.uniform(1.6, 3.0)
    low = np.linspace(0.0, belly, 4, endpoint=False)
    high = np.linspace(belly, 1.0, 9)
    radii = [0.8 + 0.2 * np.sin(0.5 * np.pi * s / belly) for s in low]
    radii += [1.0 - (1.0 - mouth) * ((s - belly) / (1 - belly)) ** bulge for s in high]
    heights = floor + tall * np.concatenate([low, high])
    kinds = [materials.metal, materials.paint, materials.plastic]
    return Design(
        profile=np.column_stack([radius * np.array(radii), heights]),
        wall=rng.uniform(0.0015, 0.003),
        gap=rng.uniform(0.0006, 0.0015),
        shell=kinds[int(rng.integers(3))](rng),
        trim=materials.plastic(rng) if rng.random() < 0.6 else materials.metal(rng),
    )


def _body(design: Design, spout: Points) -> list[Piece]:
    """A thin pot with a spout along a path (N, 3)."""
    inner = design.profile[::-1] - (design.wall, 0.0)
    inner[-1, 1] += design.wall
    pot = lathe(np.vstack([design.profile, inner]), 48)
    pipe = tube(spout, np.linspace(0.015, 0.008, len(spout)), 16)
    return [Piece(pot, design.shell, bare=(0, 0, -1)), Piece(pipe, design.shell)]


def _spout(rng: np.random.Generator, design: Design, share: float, top: float) -> Points:
    """From a share of the pot's height out and up to `top`."""
    low, high = float(design.profile[0, 1]), design.mouth[1]
    z = low + share * (high - low)
    start, out = design.radius_at(z), rng.uniform(0.035, 0.06)
    path = [(-start + 0.006, 0, z), (-start - 0.6 * out, 0, z + 0.3 * out), (-start - out, 0, top)]
    return rounded_path(path, 0.04)


def _cover(rng: np.random.Generator, design: Design) -> tuple[Shape, float]:
    """A slightly domed plate that ends where the mouth does, and its height."""
    radius, z = design.mouth
    rise = rng.uniform(0.1, 0.3) * radius
    shares = np.linspace(0.0, 1.0, 6)
    dome = [(radius * (1 - 0.8 * s), z + design.gap + 0.003 + rise * np.sqrt(s)) for s in shares]
    return lathe([(radius, z + design.gap), *dome], 40), z + design.gap + 0.003 + rise


def _lifted_lid(rng: np.random.Generator, design: Design, parent: str) -> Part:
    plate, top = _cover(rng, design)
    radius, z = design.mouth
    inner = radius - design.wall - design.gap
    plug = lathe([(inner - 0.001, z - 0.006), (inner, z - 0.004), (inner, z + 0.001)], 40)
    knob = lathe(
        [(0.006, top - 0.002), (0.005, top + 0.006), (0.012, top + 0.012), (0.006, top + 0.018)], 24
    )
    pieces = [
        Piece(plate, design.shell, bare=(0, 0, -1)),
        Piece(plug, design.shell, hidden=True),
        Piece(knob, design.trim),
    ]
    prompt = f"{rng.choice(['lift', 'raise', 'lift up'])} the lid"
    joint = slide((0, 0, 1), rng.uniform(0.007, 0.011))
    return Part("lid", pieces, parent, joint, prompt, (0, 0, top + 0.018), joint.upper, ajar=False)


def _hinged_lid(rng: np.random.Generator, design: Design) -> tuple[Part, Shape]:
    """A lid whose pin stands off the rim, over the handle."""
    plate, _ = _cover(rng, design)
    radius, z = design.mouth
    at = (radius + rng.uniform(0.003, 0.006), 0.0, z + design.gap + 0.0015)
    web = -(at[0] - radius) - 0.004
    span = rng.uniform(0.02, 0.035)
    moving, fixed = knuckles(at, (0, 1, 0), span, 0.002, (web, 0, 0.0022), (web, 0, -0.0045))
    tab = box(
        (-radius - 0.008, -0.008, z + design.gap + 0.0008),
        (-radius + 0.006, 0.008, z + design.gap + 0.003),
        0.0006,
    )
    pieces = [
        Piece(plate, design.shell, bare=(0, 0, -1)),
        Piece(merged([moving, tab]), design.trim),
    ]
    prompt = f"{rng.choice(['open', 'lift', 'raise', 'lift up'])} the lid"
    grip = (-radius - 0.008, 0.0, z + design.gap + 0.002)
    opening = float(np.radians(rng.uniform(45, 70)))
    joint = hinge((0, 1, 0), at, rng.uniform(75, 100))
    return Part("lid", pieces, "jug", joint, prompt, grip, opening), fixed


def _grip_reach(design: Design) -> float:
    return design.widest + 0.045


def _back_handle(design: Design) -> Shape:
    """A flat ear on the right, from below the rim to above the foot."""
    low, top = float(design.profile[0, 1]), design.mouth[1]
    high, deep, x = low + 0.82 * (top - low), low + 0.2 * (top - low), _grip_reach(design)
    path = [
        (design.radius_at(high) - 0.004, 0, high),
        (x, 0, high + 0.004),
        (x, 0, deep + 0.02),
        (design.radius_at(deep) - 0.004, 0, deep),
    ]
    return band(rounded_path(path, 0.025), (0, 1, 0), 0.02, 0.01)


def _switch(rng: np.random.Generator, design: Design, x: float) -> Part:
    """A flag at the foot of the handle that is pressed down."""
    low, top = float(design.profile[0, 1]), design.mouth[1]
    z = low + 0.2 * (top - low) - 0.012
    start = design.radius_at(z) + 0.004
    flag = box((start, -0.009, z - 0.003), (start + 0.025, 0.009, z + 0.003), 0.001)
    pin = rod((start + 0.002, -0.009, z), (start + 0.002, 0.009, z), 0.0035)
    at, upper = (start + 0.002, 0.0, z), rng.uniform(10, 18)
    prompt = str(rng.choice(["press down the switch", "press the switch", "push the switch down"]))
    material = materials.paint(rng, "red") if rng.random() < 0.5 else materials.plastic(rng)
    joint = hinge((0, 1, 0), at, upper)
    grip, opening = (start + 0.022, 0.0, z + 0.003), float(np.radians(upper))
    return Part(
        "switch", [Piece(merged([flag, pin]), material)], "jug", joint, prompt, grip, opening
    )


def _bail(rng: np.random.Generator, design: Design, spout: Points) -> tuple[Part, Shape]:
    """The bail turns about the x axis on eyes at the shoulder."""
    low, top = float(design.profile[0, 1]), design.mouth[1]
    z, radius = low + rng.uniform(0.75, 0.85) * (top - low), rng.uniform(0.003, 0.004)
    drop = 2.5 * radius
    half = design.radius_at(z - drop) + 4.0 * radius
    half = max(half, design.widest + 0.5 * radius) if rng.random() < 0.5 else half
    # So high that a hand fits over the knob, which the bail may pass.
    rise = max(top - z + rng.uniform(0.06, 0.1), rng.uniform(0.9, 1.2) * design.widest)
    path, at = arch(half, rise, rng.uniform(2.2, 3.5)), np.array([0.0, 0.0, z])

    def free(points: Points) -> bool:
        radii, heights = [*design.profile[:, 0], 0.0], [*design.profile[:, 1], top + 0.04]
        reach = np.interp(points[:, 2], heights, radii, right=-1.0)
        away = np.linalg.norm(points[:, None] - spout, axis=2).min()
        outside = np.hypot(points[:, 0], points[:, 1]) > reach + 2.4 * radius
        return bool(outside.all() and away > 0.017 + radius)

    most = swing(path, at, free, 90)
    shape = bail(path, radius, rng.uniform(0.2, 0.35))
    lies = bool(rng.random() < 0.4)
    lying = turn((1, 0, 0), most if lies else 0)
    spot = lying[:3, :3] @ np.array([0.0, -2.2 * radius, rise]) + at
    if lies:
        joint, verb = hinge((-1, 0, 0), at, 2 * most), str(rng.choice(["lift", "raise"]))
        opening = rng.uniform(0.6, 1.0) * most
    else:
        joint = hinge((1, 0, 0), at, most, lower=-most)
        verb, opening = str(rng.choice(["fold down", "lower", "swing"])), 0.7 * most
    wire = Piece(shape.transformed(lying).moved(at), design.trim)
    grip = (float(spot[0]), float(spot[1]), float(spot[2]))
    opening = float(np.radians(opening))
    part = Part("handle", [wire], "body", joint, f"{verb} the handle", grip, opening)
    room = half - design.radius_at(z - drop) + 0.003
    return part, ears(half, radius, room, drop).moved(at)
