"""Glasses as one wears them: two temples that fold behind the lenses, one above the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.placing import band, frame, grounded, knuckles, turn
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    circle,
    merged,
    prism,
    rod,
    rounded_path,
    rounded_rectangle,
    shrunk,
    tube,
)

clear = 0.003  # from the pin to where the temple begins
pin = 0.0011


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the lenses stand in the plane y = 0, their middles at height 0."""

    outline: Points  # of a lens, x and z about its own middle
    apart: float  # of the middles of the lenses
    half: float  # from the middle to the pins
    level: float  # height of the temples
    rim: float  # thickness of the rims
    length: float
    thickness: float
    height: float  # of the temples
    offset: float  # of the temple's middle outwards from its pin
    wire: bool
    full: bool
    colour: Material
    metal: Material
    glass: Material


def eyeglasses(rng: np.random.Generator) -> list[Part]:
    """Return spectacles or sunglasses; at times one temple is folded already."""
    design = _design(rng)
    swing = float(np.hypot(clear, design.offset + design.thickness / 2)) + 0.0004
    near = design.rim + swing + rng.uniform(0.0, 0.002)
    below = int(rng.choice([-1, 1]))  # the side whose temple folds first
    depths = {below: near, -below: near + max(design.thickness, 0.0044) + rng.uniform(0.001, 0.002)}
    folded = below if rng.random() < 0.25 else 0
    # One lies flat on the other only where both fold square.
    upper, splay = (90.0, 0.0) if folded else (rng.uniform(84, 90), rng.uniform(-1.0, 3.0))
    noun, parts = str(rng.choice(["temple", "arm", "side"])), []
    fronts = _front(rng, design)
    for side, word in ((-1, "left"), (1, "right")):
        at = (side * design.half, depths[side], design.level)
        temple, fixed = _temple(rng, design, side, at, splay)
        fronts += [Piece(shape, design.colour) for shape in _end_piece(design, side, at, swing)]
        fronts.append(Piece(fixed, design.metal))
        joint = hinge((0, 0, side), at, upper)
        parts.append(
            Part(
                f"{word}_temple",
                temple,
                "front",
                joint,
                f"{rng.choice(['fold', 'fold in', 'close'])} the {word} {noun}",
                (at[0], at[1] + rng.uniform(0.5, 0.8) * design.length, at[2]),
                float(np.radians(rng.uniform(50, 80))),
                rest=joint.upper if side == folded else 0.0,
                closing=f"unfold the {word} {noun}",
                ajar=False,
            )
        )
    return grounded([Part("front", fronts), *parts])


def _design(rng: np.random.Generator) -> Design:
    wide, high = rng.uniform(0.044, 0.056), rng.uniform(0.03, 0.046)
    wire, bridge = bool(rng.random() < 0.45), rng.uniform(0.015, 0.022)
    thickness = rng.uniform(0.0016, 0.002) if wire else rng.uniform(0.0025, 0.0045)
    apart = wide + bridge
    metal = materials.metal(rng)
    return Design(
        outline=_outline(rng, wide, high),
        apart=apart,
        half=(apart + wide) / 2 + rng.uniform(0.003, 0.008),
        level=rng.uniform(0.0, 0.35) * high,
        rim=rng.uniform(0.0009, 0.0014) if wire else rng.uniform(0.0018, 0.003),
        length=rng.uniform(0.13, 0.15),
        thickness=thickness,
        height=thickness if wire else rng.uniform(0.004, 0.009),
        offset=0.0 if wire else rng.uniform(0.0, 0.4) * thickness,
        wire=wire,
        full=bool(rng.random() < 0.75),
        colour=metal if wire else materials.plastic(rng),
        metal=metal,
        glass=materials.glass(rng) if rng.random() < 0.7 else materials.paint(rng, "graphite"),
    )


def _outline(rng: np.random.Generator, wide: float, high: float) -> Points:
    """Round, oval, square, or narrower at its foot like an aviator's."""
    kind = str(rng.choice(["round", "oval", "square", "aviator"]))
    if kind == "square":
        return rounded_rectangle(wide, high, rng.uniform(0.2, 0.4) * high, 8)
    if kind == "round":
        return circle(wide / 2, 40)
    outline = circle(0.5, 40) * (wide, high)
    if kind == "aviator":
        outline[:, 0] *= 1 + 0.35 * outline[:, 1] / high
    return outline


def _front(rng: np.random.Generator, design: Design) -> list[Piece]:
    """Two lenses in their rims, the bridge and, with wire rims, pads for the nose."""
    pieces = []
    for side in (-1, 1):
        middle = (side * design.apart / 2, 0.0, 0.0)
        pane = prism(design.outline, -0.0009, 0.0009).transformed(facing_front)
        pieces.append(Piece(pane.moved(middle), design.glass, bare=(0, 1, 0)))
        pieces.append(Piece(_rim(design).moved(middle), design.colour))
        if design.wire:
            pieces.append(Piece(_pad(side, design), design.metal))
    inner = design.apart / 2 - float(design.outline[:, 0].max())
    z = rng.uniform(0.0, 0.3) * float(design.outline[:, 1].max())
    corners = [(-inner - 0.001, 0, z), (-0.4 * inner, 0, z + 0.004)]
    path = rounded_path([*corners, *[(-x, y, up) for x, y, up in reversed(corners)]], 0.004)
    return [*pieces, Piece(tube(path, max(design.rim, 0.0012)), design.colour)]


def _rim(design: Design) -> Shape:
    """A wire or a moulded frame around a lens, or over its upper half only."""
    outline = design.outline
    if not design.wire and design.full:
        outer = shrunk(outline, -0.0035)
        return frame(outer, outline, -design.rim, design.rim).transformed(facing_front)
    if not design.full:
        outline = np.roll(outline, -int(outline[:, 0].argmax()), axis=0)
        outline = outline[outline[:, 1] >= -0.001]
    path = np.column_stack([outline[:, 0], np.zeros(len(outline)), outline[:, 1]])
    return tube(path, design.rim, 8, closed=design.full)


def _pad(side: int, design: Design) -> Shape:
    x, z = side * 0.42 * (design.apart - np.ptp(design.outline[:, 0])), -0.004
    edge = side * (design.apart / 2 - 0.98 * float(design.outline[:, 0].max()))
    pad = box((x - 0.0012, 0.003, z - 0.006), (x + 0.0012, 0.006, z + 0.004), 0.0009)
    return merged([pad, tube([(edge, 0, z), (edge, 0.004, z), (x, 0.0045, z)], 0.0005, 8)])


def _end_piece(
    design: Design, side: int, at: tuple[float, float, float], swing: float
) -> list[Shape]:
    """From the rim out to before the pin, where the temple's corner passes."""
    inner = design.apart / 2 + 0.9 * float(design.outline[:, 0].max())
    outer = design.half + design.offset + design.thickness / 2
    tall, back = max(design.height, 0.004) / 2, at[1] - swing
    low, high = sorted((side * (outer - 0.004), side * outer))
    across = sorted((side * inner, side * outer))
    return [
        box(
            (across[0], -0.6 * design.rim, at[2] - tall),
            (across[1], 0.6 * design.rim, at[2] + tall),
        ),
        box((low, -0.6 * design.rim, at[2] - tall), (high, back, at[2] + tall), 0.0004),
    ]


def _temple(
    rng: np.random.Generator,
    design: Design,
    side: int,
    at: tuple[float, float, float],
    splay: float,
) -> tuple[list[Piece], Shape]:
    """A bar from behind its pin that bends down behind the ear, and the front's knuckles."""
    x, y, z = at[0] + side * design.offset, at[1] + clear, at[2]
    straight, drop = y + 0.66 * design.length, rng.uniform(0.02, 0.04)
    corners = [(x, y, z), (x, straight, z), (x, at[1] + design.length, z - drop)]
    path = rounded_path(corners, 0.025)
    if design.wire:
        bar = tube(path, design.thickness / 2)
        tip = [tube(path[-4:], 0.0022)]
    else:
        bar = band(path, (1, 0, 0), design.thickness, design.height)
        tip = []
    turned = turn((0, 0, 1), -side * splay, at)
    moving, fixed = knuckles(
        at, (0, 0, 1), max(design.height, 0.005), pin, (0, clear + 0.001, 0), (0, -0.0045, 0)
    )
    block = rod((x, y, z - 0.0017), (x, y, z + 0.0017), 0.5 * design.thickness)
    pieces = [Piece(bar.transformed(turned), design.colour, bare=(-side, 0, 0))]
    pieces += [Piece(shape.transformed(turned), design.colour) for shape in tip]
    if design.wire:
        pieces.append(Piece(block.moved((0, 0.001, 0)), design.metal))
    return [*pieces, Piece(moving, design.metal)], fixed
