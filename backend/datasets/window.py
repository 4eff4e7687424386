"""Windows whose sashes slide past each other, sideways or up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, slide
from backend.datasets.shapes import Shape, box, merged
from protocol.joint import Vector

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres. Two tracks of `sash` thickness with `gap` all around them."""

    width: float
    height: float
    frame: float
    sash: float
    bar: float
    gap: float
    overlap: float
    panes: int
    wood: Material
    metal: Material
    glass: Material


def window(rng: np.random.Generator) -> list[Part]:
    """Return a window with two sashes; one or both slide."""
    upright = bool(rng.random() < 0.4)
    design = _design(rng, upright)
    front, back = _openings(design, upright)
    both = bool(rng.random() < 0.4)
    frame = [Piece(shape, design.wood, bare=(0, 1, 0)) for shape in _frame(design)]
    if not both:
        frame += _sash(design, back, 1)
    parts = [Part("frame", frame), _slider(rng, design, front, 0, upright)]
    if both:
        parts.append(_slider(rng, design, back, 1, upright))
    return parts


def _design(rng: np.random.Generator, upright: bool) -> Design:
    width, height = rng.uniform(0.9, 1.5), rng.uniform(0.7, 1.2)
    if upright:
        width, height = rng.uniform(0.6, 0.9), rng.uniform(1.1, 1.6)
    painted = rng.random() < 0.6
    return Design(
        width=width,
        height=height,
        frame=rng.uniform(0.035, 0.06),
        sash=rng.uniform(0.022, 0.035),
        bar=rng.uniform(0.035, 0.05),
        gap=rng.uniform(0.0015, 0.003),
        overlap=rng.uniform(0.8, 1.0),
        panes=int(rng.integers(1, 4)),
        wood=materials.paint(rng, str(rng.choice(["white", "sage", "graphite"])))
        if painted
        else materials.wood(rng),
        metal=materials.metal(rng),
        glass=materials.glass(rng),
    )


def _openings(design: Design, upright: bool) -> tuple[Rectangle, Rectangle]:
    """Outlines of the front and the back sash; they overlap by a bar in the middle."""
    x, z0, z1 = design.width / 2 - design.frame, design.frame, design.height - design.frame
    x0, x1, z0, z1 = -x + design.gap, x - design.gap, z0 + design.gap, z1 - design.gap
    half = design.overlap * design.bar / 2
    if upright:
        middle = (z0 + z1) / 2
        return (x0, x1, z0, middle + half), (x0, x1, middle - half, z1)
    return (x0, half, z0, z1), (-half, x1, z0, z1)


def _frame(design: Design) -> list[Shape]:
    """Four jambs with a lip before and behind the tracks."""
    w, h, t = design.width / 2, design.height, design.frame
    depth = 2 * design.sash + 3 * design.gap
    shapes = []
    for y0, y1, inset in ((-0.012, 0.0, 0.008), (0.0, depth, 0.0), (depth, depth + 0.012, 0.008)):
        bar = t + inset
        shapes += [
            box((-w, y0, 0), (-w + bar, y1, h), 0.001),
            box((w - bar, y0, 0), (w, y1, h), 0.001),
            box((-w + bar, y0, 0), (w - bar, y1, bar), 0.001),
            box((-w + bar, y0, h - bar), (w - bar, y1, h), 0.001),
        ]
    sill = box((-w - 0.03, -0.06, 0.0), (w + 0.03, -0.0125, 0.025), 0.004)
    return [*shapes, sill]


def _sash(design: Design, outline: Rectangle, track: int) -> list[Piece]:
    """A frame around one to three panes, in the front (0) or the back (1) track."""
    x0, x1, z0, z1 = outline
    y0 = design.gap + track * (design.sash + design.gap)
    y1, b = y0 + design.sash, design.bar
    bars = [
        box((x0, y0, z0), (x0 + b, y1, z1), 0.002),
        box((x1 - b, y0, z0), (x1, y1, z1), 0.002),
        box((x0 + b, y0, z0), (x1 - b, y1, z0 + b), 0.002),
        box((x0 + b, y0, z1 - b), (x1 - b, y1, z1), 0.002),
    ]
    middle = (y0 + y1) / 2
    for i in range(1, design.panes):
        z = z0 + b + i / design.panes * (z1 - z0 - 2 * b)
        bars.append(box((x0 + b, middle - 0.007, z - 0.009), (x1 - b, middle + 0.007, z + 0.009)))
    pane = box((x0 + b, middle - 0.002, z0 + b), (x1 - b, middle + 0.002, z1 - b))
    return [Piece(merged(bars), design.wood), Piece(pane, design.glass)]


def _slider(
    rng: np.random.Generator, design: Design, outline: Rectangle, track: int, upright: bool
) -> Part:
    """A sash that moves over the other; only the front one has room for a handle."""
    x0, x1, z0, z1 = outline
    y = design.gap + track * (design.sash + design.gap)
    span = design.height if upright else design.width
    travel = span - 2 * design.frame - 2 * design.gap - ((z1 - z0) if upright else (x1 - x0))
    axis, grip = _pull(design, outline, y, track, upright)
    pieces = _sash(design, outline, track)
    if track == 0:
        lift = 0.05 if upright else 0.008
        rise = 0.008 if upright else 0.05
        gx, gy, gz = grip
        knob = box((gx - lift, gy - 0.009, gz - rise), (gx + lift, gy, gz + rise), 0.002)
        pieces.append(Piece(knob, design.metal))
        grip = (gx, gy - 0.009, gz)
    joint = slide(axis, rng.uniform(0.9, 1.0) * travel)
    prompt, name = _words(rng, track, upright)
    return Part(name, pieces, "frame", joint, prompt, grip, rng.uniform(0.5, 0.8) * travel)


def _pull(
    design: Design, outline: Rectangle, y: float, track: int, upright: bool
) -> tuple[Vector, Vector]:
    x0, x1, z0, z1 = outline
    sign = 1.0 if track == 0 else -1.0
    if upright:
        z = z0 + design.bar / 2 if track == 0 else z1 - design.bar / 2
        return (0.0, 0.0, sign), ((x0 + x1) / 2, y, z)
    x = x0 + design.bar / 2 if track == 0 else x1 - design.bar / 2
    return (sign, 0.0, 0.0), (x, y, z0 + 0.45 * (z1 - z0))


def _words(rng: np.random.Generator, track: int, upright: bool) -> tuple[str, str]:
    if upright:
        word, verbs = (("lower", ["push up", "raise"]), ("upper", ["pull down", "lower"]))[track]
    else:
        word, verbs = (("left", ["slide open", "slide"]), ("right", ["slide open", "slide"]))[track]
    return f"{rng.choice(verbs)} the {word} sash", f"{word}_sash"
