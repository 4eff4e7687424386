"""Toasters: levers that slide down, dials, buttons and a crumb tray."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.placing import along_x, frame
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    disc,
    loft,
    merged,
    rounded_rectangle,
    shrunk,
    tray,
    vessel,
)


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the levers are at the right end, x = `length` / 2."""

    length: float
    depth: float
    low: float  # underside of the housing
    height: float
    round: float
    slots: int
    levers: int
    shell: Material
    trim: Material
    dark: Material


def toaster(rng: np.random.Generator) -> list[Part]:
    """Return a toaster for two or four slices."""
    design = _design(rng)
    pieces = _housing(rng, design)
    parts, body = [], Part("body", pieces)
    spots = [0.0] if design.levers == 1 else [-0.25 * design.depth, 0.25 * design.depth]
    places = [""] if design.levers == 1 else ["left", "right"]
    # Seen from the levers' end, so the front one is on the left.
    for y, word in zip(spots, places, strict=True):
        pieces.append(Piece(_guide(design, y), design.dark))
        parts.append(_lever(rng, design, y, word))
        if rng.random() < 0.8:
            parts.append(_dial(rng, design, y, word))
    if design.levers == 1:
        parts += _buttons(rng, design, pieces)
    if rng.random() < 0.65:
        parts.append(_crumbs(rng, design))
    return [body, *parts]


def _design(rng: np.random.Generator) -> Design:
    slots = int(rng.choice([1, 2, 2, 4]))
    return Design(
        length=rng.uniform(0.24, 0.32) if slots < 4 else rng.uniform(0.26, 0.34),
        depth={1: rng.uniform(0.1, 0.14), 2: rng.uniform(0.15, 0.18)}.get(slots, 0.27),
        low=rng.uniform(0.022, 0.03),
        height=rng.uniform(0.17, 0.21),
        round=rng.uniform(0.015, 0.04),
        slots=slots,
        levers=2 if slots == 4 else 1,
        shell=materials.metal(rng) if rng.random() < 0.6 else materials.plastic(rng),
        trim=materials.metal(rng),
        dark=materials.rubber(rng),
    )


def _housing(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A shell with round shoulders whose top is made of bars between the slots."""
    w, d = design.length, design.depth
    outline = rounded_rectangle(w, d, design.round, 6)
    inner = rounded_rectangle(0.78 * w, 0.84 * d, 0.004, 6)
    wall = vessel(outline, design.low, design.height - 0.012, 0.003)
    crown = [(0.0, -0.012), (0.0, -0.008), (0.002, -0.003), (0.008, 0.0)]
    rings = [_lifted(shrunk(outline, inset), design.height + z) for inset, z in crown]
    rings += [_lifted(inner, design.height), _lifted(inner, design.height - 0.012)]
    pieces = [
        Piece(wall, design.shell, bare=(0, 0, -1)),
        Piece(loft(rings, closed=True), design.shell),
    ]
    # As many bars as there are edges of slots.
    count, room = design.slots, 0.84 * d
    bar = room * rng.uniform(0.3, 0.45) / (count + 1)
    step = (room - bar) / count
    for index in range(count + 1):
        y = -room / 2 + index * step
        low = (-0.395 * w, y, design.height - 0.011)
        strip = box(low, (0.395 * w, y + bar, design.height - 0.0005))
        pieces.append(Piece(strip, design.trim))
    grate = [
        box((-0.36 * w, y, design.low + 0.02), (0.36 * w, y + 0.002, design.height - 0.02))
        for y in -room / 2 + bar / 2 + step * np.arange(count + 1)
    ]
    pieces.append(Piece(merged(grate), design.trim, hidden=True))
    feet = [
        disc(0.012, 0.0, design.low + 0.001).moved((sx * 0.4 * w, sy * 0.38 * d, 0.0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return [*pieces, Piece(merged(feet), design.dark)]


def _lifted(outline: Points, z: float) -> Points:
    return np.column_stack([outline, np.full(len(outline), z)])


def _top(design: Design) -> float:
    """Where a lever rests."""
    return design.height - 0.035


def _guide(design: Design, y: float) -> Shape:
    """A dark strip with two rails that a lever runs between."""
    x, low = design.length / 2, design.low + 0.055
    rail = box((x - 0.001, -0.0015, low), (x + 0.004, 0.0015, _top(design) + 0.015))
    return merged([rail.moved((0, y + s * 0.007, 0)) for s in (-1, 1)])


def _lever(rng: np.random.Generator, design: Design, y: float, word: str) -> Part:
    """A stem between the rails with a knob for the finger."""
    x, z = design.length / 2 + 0.0008, _top(design)
    out, half = x + rng.uniform(0.02, 0.028), rng.uniform(0.012, 0.02)
    stem = box((x, y - 0.0047, z - 0.006), (out - 0.008, y + 0.0047, z + 0.006))
    knob = box((out - 0.012, y - half, z - 0.007), (out, y + half, z + 0.005), 0.003)
    travel = rng.uniform(0.6, 0.85) * (z - design.low - 0.066)
    called = f"{word} lever".strip()
    prompt = str(rng.choice(["push down the {}", "press down the {}", "push the {} down"]))
    joint, grip = slide((0, 0, -1), travel), (out - 0.006, y, z + 0.005)
    pieces = [Piece(merged([stem, knob]), design.dark, bare=(-1, 0, 0))]
    name = called.replace(" ", "_")
    return Part(name, pieces, "body", joint, prompt.format(called), grip, 0.9 * travel)


def _dial(rng: np.random.Generator, design: Design, y: float, word: str) -> Part:
    """A knob under the lever."""
    x, z = design.length / 2, design.low + 0.03
    r = rng.uniform(0.011, 0.016)
    knob = disc(r, 0.0008, 0.014, 0.002, 28)
    ridge = box((-0.95 * r, -0.0018, 0.0135), (-0.1 * r, 0.0018, 0.0155))
    shape = merged([knob, ridge]).transformed(along_x).moved((x, y, z))
    turns = rng.random() < 0.5
    joint = swivel((1, 0, 0), (x, y, z))
    if turns:
        joint = hinge((1, 0, 0), (x, y, z), 135, lower=-135)
    called = f"{word} dial".strip()
    prompt = f"{rng.choice(['turn', 'rotate'])} the {called}"
    grip = (x + 0.0155, y, z + 0.9 * r)
    opening = float(np.radians(rng.uniform(50, 100)))
    pieces = [Piece(shape, design.trim)]
    return Part(called.replace(" ", "_"), pieces, "body", joint, prompt, grip, opening)


def _buttons(rng: np.random.Generator, design: Design, fixed: list[Piece]) -> list[Part]:
    """Keys beside the lever, one over the other, on a strip."""
    names = ["cancel button", "defrost button", "reheat button"][: int(rng.integers(0, 4))]
    x, y = design.length / 2, -0.3 * design.depth
    travel, r = rng.uniform(0.002, 0.003), 0.007
    parts = []
    for index, called in enumerate(names):
        z = design.low + 0.075 + 0.022 * index
        cap = disc(r, travel + 0.0006, travel + 0.006, 0.001, 24).transformed(along_x)
        rim = frame(_circle(r + 0.003), _circle(r + 0.0005), -0.001, travel + 0.002)
        fixed.append(Piece(rim.transformed(along_x).moved((x, y, z)), design.trim))
        prompt, grip = f"{rng.choice(['press', 'push'])} the {called}", (x + travel + 0.006, y, z)
        pieces = [Piece(cap.moved((x, y, z)), design.dark)]
        joint = slide((-1, 0, 0), travel)
        parts.append(Part(called.replace(" ", "_"), pieces, "body", joint, prompt, grip, travel))
    return parts


def _circle(radius: float) -> Points:
    angles = np.arange(24) * 2 * np.pi / 24
    return radius * np.column_stack([np.cos(angles), np.sin(angles)])


def _crumbs(rng: np.random.Generator, design: Design) -> Part:
    """A tray under the housing, pulled out to the left."""
    w, d = 0.45 * design.length, min(0.28 * design.depth, 0.38 * design.depth - 0.014)
    high = design.low - 0.001
    pan = tray((-w, -d, high - 0.009), (0.8 * w, d, high), 0.0012)
    lip = box((-w - 0.012, -0.6 * d, high - 0.008), (-w + 0.001, 0.6 * d, high - 0.001), 0.002)
    travel = rng.uniform(0.6, 0.9) * 1.8 * w
    prompt = f"{rng.choice(['pull out', 'slide out', 'open'])} the crumb tray"
    grip = (-w - 0.012, 0.0, high - 0.004)
    pieces = [Piece(pan, design.trim, bare=(0, 0, -1)), Piece(lip, design.dark)]
    joint = slide((-1, 0, 0), travel)
    return Part("crumb_tray", pieces, "body", joint, prompt, grip, rng.uniform(0.5, 0.9) * travel)
