"""Microwave ovens: a door at the left or one that folds down, buttons, dials, a turntable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import HandleStyle, facing_front, handle
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    disc,
    lathe,
    merged,
    prism,
    rounded_rectangle,
)
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
    foot: float
    split: float  # x where the door ends and the panel begins
    shell: Material
    dark: Material
    trim: Material
    glass: Material


def microwave(rng: np.random.Generator) -> list[Part]:
    """Return a microwave oven with its door shut."""
    design = _design(rng)
    door = _drop_door(rng, design) if rng.random() < 0.3 else _side_door(rng, design)
    body = _housing(design)
    parts = [Part("body", body), door, *_controls(rng, design, body)]
    if rng.random() < 0.5:
        parts.append(_turntable(rng, design))
    return parts


def _design(rng: np.random.Generator) -> Design:
    width = rng.uniform(0.44, 0.54)
    return Design(
        width=width,
        height=rng.uniform(0.26, 0.32),
        depth=rng.uniform(0.32, 0.4),
        wall=rng.uniform(0.012, 0.02),
        door=rng.uniform(0.022, 0.035),
        gap=rng.uniform(0.002, 0.004),
        foot=rng.uniform(0.008, 0.014),
        split=width / 2 - rng.uniform(0.1, 0.13),
        shell=materials.metal(rng, "steel") if rng.random() < 0.4 else materials.paint(rng),
        dark=materials.paint(rng, "graphite"),
        trim=materials.metal(rng),
        glass=materials.glass(rng),
    )


def _housing(design: Design) -> list[Piece]:
    w, d, t, low, h = design.width / 2, design.depth, design.wall, design.foot, design.height
    shell, split = design.shell, design.split
    feet = [
        disc(0.012, 0.0, low).moved((x, y, 0))
        for x in (-w + 0.04, w - 0.04)
        for y in (0.04, d - 0.04)
    ]
    return [
        Piece(box((-w, 0, low), (-w + t, d, h), 0.003), shell, bare=(1, 0, 0)),
        Piece(box((-w + t, 0, low), (split, d, low + t)), shell),
        Piece(box((-w + t, 0, h - t), (split, d, h)), shell, bare=(0, 0, -1)),
        Piece(box((-w + t, d - t, low + t), (split, d, h - t)), shell, hidden=True),
        Piece(box((split, 0, low), (w, d, h), 0.003), shell, bare=(0, 1, 0)),
        Piece(box((split + design.gap, -design.door, low), (w, 0, h), 0.003), design.dark),
        Piece(merged(feet), design.dark),
    ]


def _side_door(rng: np.random.Generator, design: Design) -> Part:
    """On pivots as far inside its left side as its back corner allows, or on its back edge."""
    x0, x1, z0, z1 = _outline(design)
    y0, y1 = -design.gap - design.door, -design.gap
    behind = rng.uniform(0.3, 0.7) * design.door
    aside = 0.9 * float(np.sqrt(2 * behind * design.gap))
    if rng.random() < 0.4:
        aside, behind = 0.0, 0.0
    at = (x1 - 0.03, y0, (z0 + z1) / 2)
    style = HandleStyle(str(rng.choice(["bar", "bow"])), 0.2, rng.uniform(0.025, 0.035), 0.012)
    pull, grip = handle(style, at, z1 - z0, vertical=True)
    noun = str(rng.choice(["door", "microwave door", "microwave"]))
    return Part(
        name="door",
        pieces=[*_window(design), Piece(pull, design.trim)],
        parent="body",
        joint=hinge((0, 0, -1), (x0 + aside, y1 - behind, z0), rng.uniform(90, 115)),
        prompt=f"{rng.choice(['open', 'swing open'])} the {noun}",
        grip=grip,
        opening=float(np.radians(rng.uniform(50, 85))),
    )


def _drop_door(rng: np.random.Generator, design: Design) -> Part:
    x0, x1, z0, z1 = _outline(design)
    y0 = -design.gap - design.door
    lift = rng.uniform(0.3, 0.8) * np.sqrt(design.gap * design.door)
    origin = (x0, y0 + rng.uniform(0.3, 0.5) * design.door, z0 + lift)
    style = HandleStyle(str(rng.choice(["bar", "bow", "block"])), 0.3, 0.03, 0.012)
    pull, grip = handle(style, ((x0 + x1) / 2, y0, z1 - 0.025), x1 - x0)
    return Part(
        name="door",
        pieces=[*_window(design), Piece(pull, design.trim)],
        parent="body",
        joint=hinge((1, 0, 0), origin, rng.uniform(82, 90)),
        prompt=str(rng.choice(["open the door", "fold down the door", "open the microwave"])),
        grip=grip,
        opening=float(np.radians(rng.uniform(50, 75))),
    )


def _outline(design: Design) -> tuple[float, float, float, float]:
    return (-design.width / 2 + 0.001, design.split, design.foot + 0.001, design.height - 0.001)


def _window(design: Design) -> list[Piece]:
    """A frame around a pane."""
    x0, x1, z0, z1 = _outline(design)
    y0, y1, r = -design.gap - design.door, -design.gap, 0.045
    frame = [
        box((x0, y0, z0), (x0 + r, y1, z1), 0.003),
        box((x1 - 1.3 * r, y0, z0), (x1, y1, z1), 0.003),
        box((x0 + r, y0, z0), (x1 - 1.3 * r, y1, z0 + r), 0.003),
        box((x0 + r, y0, z1 - r), (x1 - 1.3 * r, y1, z1), 0.003),
    ]
    pane = box((x0 + r, y0 + 0.004, z0 + r), (x1 - 1.3 * r, y1 - 0.004, z1 - r))
    return [*(Piece(s, design.dark, bare=(0, 1, 0)) for s in frame), Piece(pane, design.glass)]


def _controls(rng: np.random.Generator, design: Design, body: list[Piece]) -> list[Part]:
    """Dials, buttons in one column or both, below a display."""
    x, y = (design.split + design.gap + design.width / 2) / 2, -design.door
    z = design.height - 0.035
    display = box((x - 0.035, y - 0.001, z - 0.01), (x + 0.035, y, z + 0.01))
    body.append(Piece(display, design.glass))
    dials, buttons = [(2, 0), (1, 0), (0, 3), (0, 1), (1, 1), (1, 2)][rng.integers(6)]
    heights = [z - 0.055 - 0.07 * i for i in range(dials)]
    words = place_words([(x, z) for z in heights])
    parts = [_dial(rng, design, (x, z), word) for z, word in zip(heights, words, strict=True)]
    start = z - 0.05 if not dials else heights[-1] - 0.055
    heights = [start - 0.036 * i for i in range(buttons)]
    words = place_words([(x, z) for z in heights])
    for z, word in zip(heights, words, strict=True):
        parts.append(_button(rng, design, (x, z), word, body))
    return parts


def _dial(rng: np.random.Generator, design: Design, at: tuple[float, float], word: str) -> Part:
    radius, height = rng.uniform(0.018, 0.026), rng.uniform(0.016, 0.024)
    bar = prism(rounded_rectangle(0.35 * radius, 1.8 * radius, 0.002), 0.6 * height, height, 0.001)
    shape = merged([disc(radius, 0.001, 0.7 * height, 0.002, 28), bar])
    centre = (at[0], -design.door, at[1])
    noun = str(rng.choice(["dial", "knob"]))
    name = "_".join([*word.split(), "dial"])
    prompt = " ".join(f"turn the {word} {noun}".split())
    grip = (centre[0], centre[1] - height, centre[2] + 0.8 * radius)
    placed = Piece(shape.transformed(facing_front).moved(centre), design.trim)
    opening = float(np.radians(rng.uniform(60, 110)))
    return Part(name, [placed], "body", swivel((0, 1, 0), centre), prompt, grip, opening)


def _button(
    rng: np.random.Generator,
    design: Design,
    at: tuple[float, float],
    word: str,
    body: list[Piece],
) -> Part:
    """A cap that floats in a bezel and is pushed in until it meets the panel."""
    travel, half = rng.uniform(0.005, 0.008), (rng.uniform(0.018, 0.028), 0.011)
    out, play = travel + 0.0045, 0.0006
    x, y, z = at[0], -design.door, at[1]
    low, high = np.array([x - half[0], z - half[1]]), np.array([x + half[0], z + half[1]])
    cap = box((low[0], y - out, low[1]), (high[0], y - travel - play, high[1]), 0.001)
    body += [Piece(bar, design.dark) for bar in _bezel(low - play, high + play, y, 0.6 * out)]
    return Part(
        name="_".join([*word.split(), "button"]),
        pieces=[Piece(cap, design.trim)],
        parent="body",
        joint=slide((0, 1, 0), travel),
        prompt=" ".join(f"{rng.choice(['press', 'push'])} the {word} button".split()),
        grip=(x, y - out, z),
        opening=travel,
        ajar=False,
    )


def _bezel(low: Points, high: Points, y: float, out: float) -> list[Shape]:
    """Four bars around the rectangle between `low` and `high` (x, z)."""
    rim = 0.003
    (x0, z0), (x1, z1) = low, high
    return [
        box((x0 - rim, y - out, z0 - rim), (x0, y, z1 + rim)),
        box((x1, y - out, z0 - rim), (x1 + rim, y, z1 + rim)),
        box((x0, y - out, z0 - rim), (x1, y, z0)),
        box((x0, y - out, z1), (x1, y, z1 + rim)),
    ]


def _turntable(rng: np.random.Generator, design: Design) -> Part:
    """A glass plate on the floor inside."""
    x, y = (-design.width / 2 + design.wall + design.split) / 2, design.depth / 2
    radius = 0.43 * min(design.split + design.width / 2, design.depth)
    z = design.foot + design.wall
    profile = [(0.03, 0.001), (0.03, 0.01), (0.9 * radius, 0.01), (radius, 0.022)]
    inner = [(radius - 0.004, 0.022), (0.9 * radius, 0.014), (0.005, 0.014)]
    plate = lathe(profile + inner, 40).moved((x, y, z))
    prompt = f"{rng.choice(['turn', 'spin', 'rotate'])} the {rng.choice(['turntable', 'plate'])}"
    grip = (x, y - 0.98 * radius, z + 0.022)
    joint = swivel((0, 0, 1), (x, y, z))
    opening = float(np.radians(rng.uniform(40, 80)))
    return Part("turntable", [Piece(plate, design.glass)], "body", joint, prompt, grip, opening)
