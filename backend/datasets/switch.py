"""Wall plates and control panels: rockers, toggles, sliders, push buttons and dials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.placing import frame, sideways, turn
from backend.datasets.shapes import (
    Shape,
    box,
    circle,
    disc,
    lathe,
    merged,
    prism,
    ring,
    rounded_rectangle,
    tube,
)
from backend.datasets.words import place_words


@dataclass(frozen=True, eq=False)
class Style:
    """Measures in metres of all controls of one object; `front` is the plate's y."""

    front: float
    size: float  # of the room for one control
    round: bool
    lift: float  # how far things stand before the plate
    travel: float  # of buttons
    tilt: float  # degrees that rockers and toggles lean from the middle
    cap: Material
    plate: Material
    metal: Material


def switch(rng: np.random.Generator) -> list[Part]:
    """Return a plate of equal switches in a row, or a panel of several kinds."""
    kinds = list(_makers)
    if rng.random() < 0.6:
        kind, count = str(rng.choice(kinds)), int(rng.integers(1, 5))
        rows = [[kind] * count]
    else:
        columns = int(rng.integers(2, 5))
        rows = [[str(rng.choice(kinds))] * columns for _ in range(int(rng.integers(2, 4)))]
    style, cell = _style(rng), rng.uniform(0.05, 0.075)
    pieces, high = _plate(rng, style, cell, rows)
    found: dict[str, list[tuple[float, float]]] = {}
    for row, kinds_of_row in enumerate(rows):
        for column, kind in enumerate(kinds_of_row):
            x = (column + 0.5) * cell - len(kinds_of_row) * cell / 2
            z = high / 2 + (len(rows) / 2 - row - 0.5) * cell * 1.2
            found.setdefault(kind, []).append((x, z))
    parts = [Part("plate", pieces)]
    for kind, places in found.items():
        for (x, z), word in zip(places, place_words(places), strict=True):
            made, part = _makers[kind](rng, style, word)
            pieces += [Piece(shape.moved((x, style.front, z)), stuff) for shape, stuff in made]
            parts.append(_placed(part, (x, style.front, z)))
    return parts


def _style(rng: np.random.Generator) -> Style:
    return Style(
        front=-rng.uniform(0.006, 0.04),
        size=rng.uniform(0.016, 0.021),
        round=bool(rng.random() < 0.4),
        lift=rng.uniform(0.005, 0.009),
        travel=rng.uniform(0.002, 0.004),
        tilt=rng.uniform(5, 8),
        cap=materials.plastic(rng) if rng.random() < 0.7 else materials.metal(rng),
        plate=materials.plastic(rng) if rng.random() < 0.7 else materials.metal(rng),
        metal=materials.metal(rng),
    )


def _plate(
    rng: np.random.Generator, style: Style, cell: float, rows: list[list[str]]
) -> tuple[list[Piece], float]:
    """A plate with screws, or a box whose front it is, standing on the floor, and its height."""
    wide = max(len(row) for row in rows) * cell + rng.uniform(0.015, 0.03)
    high = max(len(rows) * cell * 1.2 + rng.uniform(0.02, 0.05), 0.11)
    outline = rounded_rectangle(wide, high, rng.uniform(0.002, 0.012))
    slab = prism(outline, 0.0, -style.front, 0.0015).transformed(facing_front)
    pieces = [Piece(slab.moved((0, 0, high / 2)), style.plate, bare=(0, 1, 0))]
    if rng.random() < 0.6:
        head = disc(0.003, -0.0004, 0.0009, 0.0004, 16).transformed(facing_front)
        spots = [(0.0, s * (high / 2 - 0.008)) for s in (-1, 1)]
        heads = [head.moved((x, style.front, high / 2 + z)) for x, z in spots]
        pieces.append(Piece(merged(heads), style.metal))
    return pieces, high


Made = tuple[list[tuple[Shape, Material]], Part]


def _placed(part: Part, at: tuple[float, float, float]) -> Part:
    """A control that was made at the origin, with joint and grip."""
    assert part.joint is not None
    x, y, z = (float(a + b) for a, b in zip(part.joint.origin, at, strict=True))
    axis, joint = part.joint.axis, part.joint
    degrees = np.degrees([joint.upper, joint.lower])
    if joint.type == "revolute":
        joint = hinge(axis, (x, y, z), *degrees)
    elif joint.type == "continuous":
        joint = swivel(axis, (x, y, z))
    gx, gy, gz = (float(a + b) for a, b in zip(part.grip, at, strict=True))
    pieces = [Piece(p.shape.moved(at), p.material, bare=p.bare) for p in part.pieces]
    return Part(part.name, pieces, "plate", joint, part.prompt, (gx, gy, gz), part.opening)


def _named(word: str, noun: str) -> tuple[str, str]:
    """The part's name and what people call it."""
    called = f"{word} {noun}".strip()
    return called.replace(" ", "_"), called


def _rocker(rng: np.random.Generator, style: Style, word: str) -> Made:
    """A shallow V in a frame; it rests on its upper half, so its lower half is pressed."""
    half, tall = 0.55 * style.size, style.size
    lean, lift = np.tan(np.radians(style.tilt)), style.lift
    back = 0.0012 + tall * lean
    wedge = [(-lift - back, -tall), (-lift - 0.7 * back, 0.0), (-lift - back, tall)]
    wedge += [(-back, tall), (-0.0012, 0.0), (-back, -tall)]
    rest = turn((1, 0, 0), style.tilt, (0, -0.0012, 0))
    shape = sideways(wedge, -half, half, 0.0006).transformed(rest)
    outer, inner = (
        rounded_rectangle(2 * half + grow, 2.1 * tall + grow, 0.002) for grow in (0.006, 0.0016)
    )
    bezel = frame(outer, inner, -0.0005, 0.6 * lift).transformed(facing_front)
    name, called = _named(word, "switch")
    joint = hinge((-1, 0, 0), (0, -0.0012, 0), 2 * style.tilt)
    tip = (rest @ np.array([0.0, -lift - back, -0.85 * tall, 1.0]))[:3]
    prompt = f"{rng.choice(['press', 'push'])} the {called}"
    grip = (0.0, float(tip[1]), float(tip[2]))
    part = Part(
        name, [Piece(shape, style.cap, bare=(0, 1, 0))], "", joint, prompt, grip, joint.upper
    )
    return [(bezel, style.plate)], part


def _toggle(rng: np.random.Generator, style: Style, word: str) -> Made:
    """A lever in a collar that points up or down at rest."""
    length, swing = rng.uniform(0.9, 1.3) * style.size, rng.uniform(12, 20)
    flat = rng.random() < 0.4
    if flat:
        lever = box((-0.004, -length, -0.0025), (0.004, -0.002, 0.0025), 0.001)
    else:
        lever = tube(
            [(0, -0.002, 0), (0, -0.5 * length, 0), (0, -length, 0)], [0.0022, 0.003, 0.0042]
        )
    collar = ring(0.0075, 0.0105, -0.0005, 0.0035).transformed(facing_front)
    down = float(rng.choice([-1.0, 1.0]))
    rest = turn((1, 0, 0), down * swing, (0, -0.001, 0))
    # Positive about x lowers the tip of what points to the front.
    joint = hinge((-down, 0, 0), (0, -0.001, 0), 2 * swing)
    noun = str(rng.choice(["toggle", "lever"]))
    name, called = _named(word, noun)
    verb = ["flip up", "raise", "push up"] if down > 0 else ["flip down", "lower", "push down"]
    first, *rest_words = str(rng.choice(verb)).split()
    prompt = " ".join([first, "the", called, *rest_words])
    tip = (rest @ np.array([0.0, -length, 0.0, 1.0]))[:3]
    grip = (0.0, float(tip[1]), float(tip[2]))
    pieces = [Piece(lever.transformed(rest), style.metal, bare=(0, 1, 0))]
    return [(collar, style.metal)], Part(name, pieces, "", joint, prompt, grip, joint.upper)


def _button(rng: np.random.Generator, style: Style, word: str) -> Made:
    """A cap in a bezel that is pushed in."""
    r, low, gap = 0.6 * style.size, style.travel + 0.0008, 0.0006
    high = low + style.lift
    square = rounded_rectangle(2 * r, 2 * r, 0.2 * r, 7)
    outline = circle(r, 32) if style.round else square
    cap = prism(outline, low, high, 0.0008).transformed(facing_front)
    outer, inner = (
        circle(side, 32) if style.round else rounded_rectangle(2 * side, 2 * side, 0.2 * r, 7)
        for side in (r + 0.0035, r + gap)
    )
    bezel = frame(outer, inner, -0.0005, low + 0.3 * style.lift).transformed(facing_front)
    name, called = _named(word, "button")
    prompt = f"{rng.choice(['press', 'push'])} the {called}"
    pieces = [Piece(cap, style.cap, bare=(0, 1, 0))]
    joint = slide((0, 1, 0), style.travel)
    return [(bezel, style.metal)], Part(
        name, pieces, "", joint, prompt, (0, -high, 0), style.travel
    )


def _slider(rng: np.random.Generator, style: Style, word: str) -> Made:
    """A knob between two rails, at one end of its way."""
    tall, gap = 1.3 * style.size, 0.0006
    half, room = 0.28 * tall, 0.0045
    rails = []
    for side in (-1, 1):
        near, far = sorted((side * room, side * (room + 0.002)))
        rails.append(box((near, -0.0025, -tall), (far, 0.0005, tall), 0.0004))
    upwards = bool(rng.random() < 0.6)
    way = 1.0 if upwards else -1.0
    start = -way * (tall - half)
    foot = box((-room + gap, -0.004, start - 0.8 * half), (room - gap, -gap, start + 0.8 * half))
    head = box(
        (-2 * room, -0.004 - style.lift, start - half), (2 * room, -0.0035, start + half), 0.001
    )
    travel = 2 * (tall - half)
    name, called = _named(word, "slider")
    verbs = ["push up the {}", "slide the {} up", "raise the {}"]
    if not upwards:
        verbs = ["pull down the {}", "slide the {} down", "lower the {}"]
    prompt = str(rng.choice(verbs)).format(called)
    pieces = [Piece(merged([foot, head]), style.cap, bare=(0, 1, 0))]
    joint = slide((0, 0, way), travel)
    part = Part(name, pieces, "", joint, prompt, (0, -0.004 - style.lift, start), 0.8 * travel)
    return [(merged(rails), style.plate)], part


def _dial(rng: np.random.Generator, style: Style, word: str) -> Made:
    """A knob with a ridge; where marks tell its ends it turns between them."""
    r, high = 0.75 * style.size, style.lift + 0.008
    knob = lathe([(r, 0.0008), (r, 0.3 * high), (0.85 * r, high - 0.001), (0.8 * r, high)], 28)
    bar = box((-0.1 * r, 0.15 * r, high - 0.001), (0.1 * r, 0.8 * r, high + 0.0012))
    marked = bool(rng.random() < 0.5)
    sweep = float(rng.choice([180, 240, 270]))
    start = turn((0, 0, 1), sweep / 2 if marked else 0)
    knob, bar = (s.transformed(start).transformed(facing_front) for s in (knob, bar))
    tick = box((-0.0005, 1.15 * r, -0.0002), (0.0005, 1.4 * r, 0.0004))
    ticks = [tick.transformed(turn((0, 0, 1), a)) for a in np.linspace(-sweep / 2, sweep / 2, 7)]
    made = [(merged(ticks).transformed(facing_front), style.metal)] if marked else []
    name, called = _named(word, str(rng.choice(["dial", "knob"])))
    joint = hinge((0, 1, 0), (0, 0, 0), sweep) if marked else swivel((0, 1, 0), (0, 0, 0))
    prompt = f"{rng.choice(['turn', 'rotate'])} the {called}"
    if rng.random() < 0.4:
        prompt += " clockwise"
    angle = np.radians(90 + (sweep / 2 if marked else 0))
    grip = (0.7 * r * float(np.cos(angle)), -high, 0.7 * r * float(np.sin(angle)))
    opening = float(np.radians(rng.uniform(50, 100)))
    pieces = [Piece(merged([knob, bar]), style.cap, bare=(0, 1, 0))]
    return made, Part(name, pieces, "", joint, prompt, grip, opening)


_makers: dict[str, Callable[[np.random.Generator, Style, str], Made]] = {
    "rocker": _rocker,
    "toggle": _toggle,
    "button": _button,
    "slider": _slider,
    "dial": _dial,
}
