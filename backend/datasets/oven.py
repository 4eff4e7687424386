"""Ovens: a door that folds down, knobs that turn, sometimes a drawer underneath."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import HandleStyle, facing_front, handle
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.shapes import box, disc, merged, prism, rod, rounded_rectangle, tray
from backend.datasets.words import place_words


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the housing fills y from 0 to `depth`, the fronts stand before it."""

    width: float
    height: float
    depth: float
    wall: float
    door: float
    gap: float
    shelf: float  # where the door begins; a drawer is below if there is one
    panel: float  # where the door ends and the control panel begins
    drawer: bool
    enamel: Material
    trim: Material
    dark: Material
    glass: Material


def oven(rng: np.random.Generator) -> list[Part]:
    """Return a free-standing cooker."""
    design = _design(rng)
    parts = [Part("body", _housing(rng, design)), _door(rng, design)]
    if design.drawer:
        parts.append(_drawer(rng, design))
    return parts + _knobs(rng, design)


def _design(rng: np.random.Generator) -> Design:
    height, drawer = rng.uniform(0.8, 0.92), bool(rng.random() < 0.5)
    return Design(
        width=rng.uniform(0.5, 0.75),
        height=height,
        depth=rng.uniform(0.5, 0.6),
        wall=rng.uniform(0.02, 0.035),
        door=rng.uniform(0.03, 0.045),
        gap=rng.uniform(0.002, 0.004),
        shelf=rng.uniform(0.22, 0.28) if drawer else rng.uniform(0.08, 0.12),
        panel=height - rng.uniform(0.11, 0.15),
        drawer=drawer,
        enamel=materials.paint(rng, str(rng.choice(["white", "graphite", "cream", "red"]))),
        trim=materials.metal(rng, str(rng.choice(["steel", "brass", "black_metal"]))),
        dark=materials.paint(rng, "graphite"),
        glass=materials.glass(rng),
    )


def _housing(rng: np.random.Generator, design: Design) -> list[Piece]:
    w, d, t, h = design.width / 2, design.depth, design.wall, design.height
    enamel, foot, top = design.enamel, 0.05, design.panel
    pieces = [
        Piece(box((-w, 0, foot), (-w + t, d, h), 0.003), enamel, bare=(1, 0, 0)),
        Piece(box((w - t, 0, foot), (w, d, h), 0.003), enamel, bare=(-1, 0, 0)),
        Piece(box((-w + t, 0, foot), (w - t, d, foot + t)), enamel),
        Piece(box((-w + t, d - t, foot + t), (w - t, d, h)), enamel, hidden=True),
        Piece(box((-w + t, 0, design.shelf - t / 2), (w - t, d - t, design.shelf + t / 2)), enamel),
        Piece(box((-w + t, 0, top), (w - t, d - t, h)), enamel, bare=(0, 0, -1)),
        Piece(box((-w, -design.door, top + design.gap), (w, 0, h), 0.004), design.trim),
        Piece(box((-w, -design.door, h), (w, d, h + 0.012), 0.003), design.dark),
    ]
    middle = (design.shelf + top) / 2
    for z in (middle - 0.06, middle + 0.08):
        bars = [rod((x, 0.04, z), (x, d - t, z), 0.003, 8) for x in np.linspace(-w + t, w - t, 9)]
        pieces.append(Piece(merged(bars[1:-1]), design.trim, hidden=True))
    feet = [
        disc(0.02, 0, foot).moved((x, y, 0))
        for x in (-w + 0.05, w - 0.05)
        for y in (0.05, d - 0.05)
    ]
    return [*pieces, Piece(merged(feet), design.dark), *_hob(rng, design)]


def _hob(rng: np.random.Generator, design: Design) -> list[Piece]:
    """Four plates of two sizes on top."""
    z, w, d = design.height + 0.012, design.width / 2, design.depth
    sizes = rng.permutation([0.06, 0.085, 0.075, 0.09]) * design.width / 0.6
    spots = [(sx * 0.48 * w, y) for sx in (-1, 1) for y in (0.25 * d, 0.72 * d)]
    plates = [
        disc(radius, z, z + 0.008, 0.002).moved((x, y, 0))
        for radius, (x, y) in zip(sizes, spots, strict=True)
    ]
    return [Piece(merged(plates), design.trim)]


def _door(rng: np.random.Generator, design: Design) -> Part:
    w, g, t = design.width / 2 - 0.002, design.gap, design.door
    z0, z1 = design.shelf + g, design.panel
    y0, y1 = -g - t, -g
    # The pivot is inside the door's foot, no higher than the gap behind the door allows.
    lift = rng.uniform(0.0, 0.8) * np.sqrt(g * t)
    origin = (0.0, y0 + rng.uniform(0.3, 0.5) * t, z0 + lift)
    side, rail = 0.22 * w, 0.16 * (z1 - z0)
    frame = [
        box((-w, y0, z0), (-w + side, y1, z1), 0.003),
        box((w - side, y0, z0), (w, y1, z1), 0.003),
        box((-w + side, y0, z0), (w - side, y1, z0 + rail), 0.003),
        box((-w + side, y0, z1 - 1.3 * rail), (w - side, y1, z1), 0.003),
    ]
    pane = box((-w + side, y0 + 0.004, z0 + rail), (w - side, y1 - 0.004, z1 - 1.3 * rail))
    style = HandleStyle("bar", 1.5 * w, rng.uniform(0.035, 0.05), rng.uniform(0.014, 0.02))
    pull, grip = handle(style, (0.0, y0, z1 - 0.5 * rail), 4 * w)
    pieces = [Piece(shape, design.enamel, bare=(0, 1, 0)) for shape in frame]
    pieces += [Piece(pane, design.glass), Piece(pull, design.trim)]
    prompt = str(rng.choice(["open the oven door", "open the door", "fold down the oven door"]))
    opening = np.radians(rng.uniform(50, 80))
    joint = hinge((1, 0, 0), origin, rng.uniform(84, 92))
    return Part("door", pieces, "body", joint, prompt, grip, float(opening))


def _drawer(rng: np.random.Generator, design: Design) -> Part:
    w, y1 = design.width / 2, -design.gap
    z0, z1 = 0.055, design.shelf - design.door / 2
    inner, back = w - design.wall - 0.004, 0.8 * design.depth
    room = tray((-inner, y1, 0.055 + design.wall), (inner, back, z1 - 0.04), 0.003)
    front = box((-w + 0.002, y1 - design.door, z0), (w - 0.002, y1, z1), 0.003)
    style = HandleStyle("block", 0.3, 0.025, 0.015)
    pull, grip = handle(style, (0.0, y1 - design.door, (z0 + z1) / 2), 2 * w)
    pieces = [
        Piece(front, design.enamel, bare=(0, 1, 0)),
        Piece(room, design.trim, hidden=True),
        Piece(pull, design.trim),
    ]
    travel = rng.uniform(0.55, 0.75) * back
    prompt = str(rng.choice(["pull out the drawer", "open the drawer under the oven"]))
    opening = rng.uniform(0.6, 0.9) * travel
    return Part("drawer", pieces, "body", slide((0, -1, 0), travel), prompt, grip, opening)


def _knobs(rng: np.random.Generator, design: Design) -> list[Part]:
    """A row of knobs; nothing on them says where they would stop."""
    count = int(rng.integers(2, 6))
    z = (design.panel + design.height) / 2
    spread = 0.36 * design.width
    xs = [float(x) for x in np.linspace(-spread, spread, count)]
    words = place_words([(x, z) for x in xs])
    radius = min(rng.uniform(0.018, 0.026), 0.42 * 2 * spread / count)
    return [_knob(rng, design, (x, z), word, radius) for x, word in zip(xs, words, strict=True)]


def _knob(
    rng: np.random.Generator,
    design: Design,
    at: tuple[float, float],
    word: str,
    radius: float,
) -> Part:
    height = 1.1 * radius
    grip_bar = prism(
        rounded_rectangle(0.4 * radius, 1.8 * radius, 0.1 * radius), 0.4 * height, height, 0.001
    )
    shape = merged([disc(radius, 0.0015, 0.6 * height, 0.002, 24), grip_bar])
    centre = (at[0], -design.door, at[1])
    placed = shape.transformed(facing_front).moved(centre)
    name = "_".join([*word.split(), "knob"])
    grip = (centre[0], centre[1] - height, centre[2] + 0.85 * radius)
    verb = str(rng.choice(["turn the {} knob", "turn the {} knob clockwise"]))
    opening = np.radians(rng.uniform(60, 100))
    joint = swivel((0, 1, 0), centre)
    return Part(
        name, [Piece(placed, design.dark)], "body", joint, verb.format(word), grip, float(opening)
    )
