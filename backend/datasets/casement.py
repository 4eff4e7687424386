"""Windows on hinges: side-hung, top-hung, hung below or on pivots in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.hardware import HingeStyle, hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.shapes import Points, Shape, box, disc, merged, rod, rounded_path, tube
from backend.datasets.words import place_words
from protocol.joint import Vector

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; sashes fill y from 0 to `thick`, the frame's stops are behind them."""

    width: float
    height: float
    frame: float
    thick: float
    bar: float
    gap: float
    bars: tuple[int, int]  # glazing bars upright and across
    hinges: HingeStyle
    wood: Material
    metal: Material
    glass: Material


@dataclass(frozen=True)
class Sash:
    """An opening's outline x0, x1, z0, z1, how its sash hangs in it, and its word."""

    front: Rectangle
    way: str
    word: str


def casement(rng: np.random.Generator) -> list[Part]:
    """Return a closed window of one to three sashes, some of them fixed."""
    design = _design(rng)
    openings = _openings(rng, design)
    body = _frame(design, openings)
    parts = []
    for sash in openings:
        if sash.way == "fixed":
            body += _glazing(design, sash.front)
            continue
        parts.append(_sash(rng, design, sash, body))
        if rng.random() < 0.6:
            parts.append(_handle(rng, design, sash, parts[-1].pieces))
    return [Part("frame", body), *parts]


def _design(rng: np.random.Generator) -> Design:
    painted = rng.random() < 0.6
    return Design(
        width=rng.uniform(0.6, 1.5),
        height=rng.uniform(0.7, 1.4),
        frame=rng.uniform(0.04, 0.07),
        thick=rng.uniform(0.035, 0.05),
        bar=rng.uniform(0.045, 0.065),
        gap=rng.uniform(0.004, 0.006),
        bars=(int(rng.integers(0, 2)), int(rng.integers(0, 3))),
        hinges=hinge_style(rng, ("butts", "concealed")),
        wood=materials.paint(rng) if painted else materials.wood(rng),
        metal=materials.metal(rng),
        glass=materials.glass(rng),
    )


def _openings(rng: np.random.Generator, design: Design) -> list[Sash]:
    """One opening, or two or three side by side; at most the middle one is fixed."""
    w, f, h = design.width / 2, design.frame, design.height
    count = 1 + int(design.width > 0.8) + int(design.width > 1.25)
    bounds = np.linspace(-w + f / 2, w - f / 2, count + 1)
    fronts = [(a + f / 2, b - f / 2, f, h - f) for a, b in pairwise(bounds)]
    sides = {1: [("left", "right")[rng.integers(2)]], 2: ["left", "right"]}
    ways = sides.get(count, ["left", "fixed", "right"])
    if rng.random() < 0.5:
        other = str(rng.choice(["top", "bottom", "middle", "mullion"]))
        ways = [way if way == "fixed" else other for way in ways]
    places = [((a + b) / 2, h / 2) for (a, b, _, _), way in zip(fronts, ways, strict=True)]
    moving = [place for place, way in zip(places, ways, strict=True) if way != "fixed"]
    words = iter(place_words(moving))
    return [
        Sash(front, way, "" if way == "fixed" else next(words))
        for front, way in zip(fronts, ways, strict=True)
    ]


def _frame(design: Design, openings: list[Sash]) -> list[Piece]:
    """Jambs, posts between the openings and, where nothing passes it, a stop behind each sash."""
    w, h, f, d = design.width / 2, design.height, design.frame, design.thick + 0.03
    shapes = [
        box((-w, 0, 0), (-w + f, d, h), 0.002),
        box((w - f, 0, 0), (w, d, h), 0.002),
        box((-w + f, 0, 0), (w - f, d, f), 0.002),
        box((-w + f, 0, h - f), (w - f, d, h), 0.002),
    ]
    shapes += [
        box((left.front[1], 0, f), (right.front[0], d, h - f), 0.002)
        for left, right in pairwise(openings)
    ]
    y0 = design.thick + 0.004
    for sash in openings:
        if sash.way in ("left", "right", "top"):
            x0, x1, z0, z1 = sash.front
            shapes += [
                box((x0, y0, z0), (x0 + 0.015, d, z1)),
                box((x1 - 0.015, y0, z0), (x1, d, z1)),
                box((x0 + 0.015, y0, z0), (x1 - 0.015, d, z0 + 0.015)),
            ]
    sill = box((-w - 0.02, -0.05, 0), (w + 0.02, -0.001, 0.02), 0.003)
    return [Piece(s, design.wood, bare=(0, 1, 0)) for s in shapes] + [Piece(sill, design.wood)]


def _glazing(design: Design, outline: Rectangle) -> list[Piece]:
    """Stiles and rails around a pane, with thin bars across it."""
    x0, x1, z0, z1 = outline
    t, b = design.thick, design.bar
    shapes = [
        box((x0, 0, z0), (x0 + b, t, z1), 0.002),
        box((x1 - b, 0, z0), (x1, t, z1), 0.002),
        box((x0 + b, 0, z0), (x1 - b, t, z0 + b), 0.002),
        box((x0 + b, 0, z1 - b), (x1 - b, t, z1), 0.002),
    ]
    upright, across = design.bars
    for x in np.linspace(x0 + b, x1 - b, upright + 2)[1:-1]:
        shapes.append(box((x - 0.01, 0.2 * t, z0 + b), (x + 0.01, 0.8 * t, z1 - b)))
    for z in np.linspace(z0 + b, z1 - b, across + 2)[1:-1]:
        shapes.append(box((x0 + b, 0.25 * t, z - 0.01), (x1 - b, 0.75 * t, z + 0.01)))
    pane = box((x0 + b, t / 2 - 0.003, z0 + b), (x1 - b, t / 2 + 0.003, z1 - b))
    return [Piece(merged(shapes), design.wood, bare=(0, 1, 0)), Piece(pane, design.glass)]


def _sash(rng: np.random.Generator, design: Design, sash: Sash, body: list[Piece]) -> Part:
    outline = _inner(design, sash)
    axis, ends, grip, upper = _hanging(rng, design, sash.way, outline)
    pieces = _glazing(design, outline)
    for shape, owner in _hardware(design, sash.way, ends):
        (pieces if owner == "part" else body).append(Piece(shape, design.metal))
    verbs = {"left": ["open", "swing open"], "right": ["open", "swing open"]}
    tilting = ["open", "tilt"] if sash.way == "bottom" else ["open"]
    verb = str(rng.choice(verbs.get(sash.way, tilting)))
    noun = str(rng.choice(["window", "sash"]))
    return Part(
        name=f"{sash.word}_sash".strip("_"),
        pieces=pieces,
        parent="frame",
        joint=hinge(axis, ends[0], upper),
        prompt=" ".join(f"{verb} the {sash.word} {noun}".split()),
        grip=grip,
        opening=float(np.radians(rng.uniform(0.5, 0.85) * upper)),
    )


def _inner(design: Design, sash: Sash) -> Rectangle:
    x0, x1, z0, z1 = sash.front
    g = design.gap
    return (x0 + g, x1 - g, z0 + g, z1 - g)


def _hanging(
    rng: np.random.Generator, design: Design, way: str, outline: Rectangle
) -> tuple[Vector, tuple[Vector, Vector], Vector, float]:
    """The axis, its two ends, where one pulls, and how many degrees it opens.

    All but those hung below open outwards, towards -y; those tilt into the room, on the back edge.
    """
    x0, x1, z0, z1 = outline
    x, z, t = (x0 + x1) / 2, (z0 + z1) / 2, design.thick
    y, g = -design.hinges.ahead, design.gap / 2 if design.hinges.kind == "butts" else 0.0
    if way == "left":
        ends = (x0 - g, y, z0), (x0 - g, y, z1)
        return (0, 0, -1), ends, (x1 - 0.03, 0.0, z), rng.uniform(80, 115)
    if way == "right":
        ends = (x1 + g, y, z0), (x1 + g, y, z1)
        return (0, 0, 1), ends, (x0 + 0.03, 0.0, z), rng.uniform(80, 115)
    if way == "top":
        ends = (x0, y, z1 + g), (x1, y, z1 + g)
        return (-1, 0, 0), ends, (x, 0.0, z0 + 0.03), rng.uniform(35, 80)
    if way == "bottom":
        ends = (x0, t, z0), (x1, t, z0)
        return (-1, 0, 0), ends, (x, t, z1 - 0.03), rng.uniform(12, 35)
    # On pivots: its foot, or its right side, comes out and the other end goes in.
    if way == "middle":
        low = z0 + rng.uniform(0.5, 0.6) * (z1 - z0)
        return (
            (-1, 0, 0),
            ((x0, t / 2, low), (x1, t / 2, low)),
            (x, 0.0, z0 + 0.03),
            rng.uniform(60, 90),
        )
    side = x0 + rng.uniform(0.25, 0.5) * (x1 - x0)
    ends = (side, t / 2, z0), (side, t / 2, z1)
    return (0, 0, -1), ends, (x1 - 0.03, 0.0, z), rng.uniform(60, 90)


def _hardware(design: Design, way: str, ends: tuple[Vector, Vector]) -> list[tuple[Shape, str]]:
    """The hinges' shapes with their owner."""
    start, end = (np.array(point) for point in ends)
    if way in ("middle", "mullion"):
        along = (end - start) / np.linalg.norm(end - start)
        return [(shape, "body") for shape in _pins(design, start, end, along)]
    if way == "bottom":
        return []
    leaf = {"left": (1, 0, 0), "right": (-1, 0, 0), "top": (0, 0, -1)}[way]
    reach = 0.6 * min(design.bar, design.frame) * np.array(leaf)
    made = hardware(design.hinges, start, end, reach, -reach, (0, 1, 0))
    return [(s, "part") for s in made.part] + [(s, "body") for s in made.body]


def _pins(design: Design, start: Points, end: Points, along: Points) -> list[Shape]:
    """Pins in the frame that end just before the sash."""
    play, inside = 0.0005, design.gap + 0.02
    return [
        rod(start - play * along, start - inside * along, 0.007),
        rod(end + play * along, end + inside * along, 0.007),
    ]


def _handle(rng: np.random.Generator, design: Design, sash: Sash, pieces: list[Piece]) -> Part:
    """A lever on a plate, opposite the hinge, that turns a quarter."""
    x0, x1, z0, z1 = _inner(design, sash)
    b, x, z = design.bar / 2, (x0 + x1) / 2, (z0 + z1) / 2
    spots = {
        "left": (x1 - b, z), "right": (x0 + b, z), "mullion": (x1 - b, z),
        "top": (x, z0 + b), "middle": (x, z0 + b), "bottom": (x, z1 - b),
    }  # fmt: skip
    at = (spots[sash.way][0], 0.0, spots[sash.way][1])
    # Down where there is room on an upright stile, else along the rail.
    down = sash.way in ("left", "right", "mullion")
    tip = (0, -0.1, 0.03) if down else (0.1, 0, 0.03)
    stick = tube(rounded_path([(0, 0, 0.0045), (0, 0, 0.03), tip], 0.012), 0.006)
    plate = disc(0.016, 0.0, 0.004, 0.001, 24)
    pieces.append(Piece(plate.transformed(facing_front).moved(at), design.metal))
    placed = stick.transformed(facing_front).moved(at)
    # Along the sill there is room upwards only.
    turn = (-1, 1)[rng.integers(2)] if down else -1
    return Part(
        name=f"{sash.word}_handle".strip("_"),
        pieces=[Piece(placed, design.metal)],
        parent=f"{sash.word}_sash".strip("_"),
        joint=hinge((0, turn, 0), at, 90),
        prompt=" ".join(f"turn the {sash.word} handle".split()),
        grip=(at[0] + tip[0], at[1] - 0.036, at[2] + tip[1]),
        opening=float(np.radians(rng.uniform(45, 85))),
    )
