"""Wardrobes: tall doors on hinges, or doors that slide past each other, drawers below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import HandleStyle, handle, handle_style
from backend.datasets.hardware import HingeStyle, hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.shapes import box, rod, tray
from backend.datasets.words import place_words

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the carcass fills y from 0 to `depth`.

    Hinged doors stand before it, sliding ones in two tracks within its front.
    """

    width: float
    height: float
    depth: float
    board: float
    front: float
    gap: float
    foot: float
    split: float  # where the doors begin, above the drawers if there are any
    doors: int
    drawers: int
    sliding: bool
    hinges: HingeStyle
    style: HandleStyle
    case: Material
    face: Material
    metal: Material
    inner: Material


def wardrobe(rng: np.random.Generator) -> list[Part]:
    """Return a closed wardrobe."""
    design = _design(rng)
    body = _carcass(design)
    doors = _sliding_doors if design.sliding else _hinged_doors
    parts = doors(rng, design, body)
    if design.drawers:
        parts += _drawers(rng, design)
    return [Part("body", body), *parts]


def _design(rng: np.random.Generator) -> Design:
    sliding, doors = bool(rng.random() < 0.45), int(rng.integers(2, 4))
    foot, drawers = rng.uniform(0.03, 0.1), int(rng.choice([0, 1, 2]))
    case = materials.wood(rng) if rng.random() < 0.6 else materials.paint(rng)
    style = handle_style(rng)
    return Design(
        width=doors * rng.uniform(0.42, 0.55) + (0.3 if sliding else 0.0),
        height=rng.uniform(1.75, 2.2),
        depth=rng.uniform(0.52, 0.62),
        board=rng.uniform(0.018, 0.025),
        front=rng.uniform(0.018, 0.024),
        gap=rng.uniform(0.003, 0.005),
        foot=foot,
        split=foot + (rng.uniform(0.22, 0.32) if drawers else 0.0),
        doors=doors,
        drawers=drawers,
        sliding=sliding,
        hinges=hinge_style(rng, ("butts", "concealed", "concealed")),
        style=HandleStyle(style.kind, rng.uniform(0.12, 0.5), style.standoff, style.thickness),
        case=case,
        face=case if rng.random() < 0.4 else materials.paint(rng),
        metal=materials.metal(rng),
        inner=materials.wood(rng, "birch"),
    )


def _carcass(design: Design) -> list[Piece]:
    w, d, b, low, high = design.width / 2, design.depth, design.board, design.foot, design.height
    wood = design.case
    pieces = [
        Piece(box((-w, 0, 0), (-w + b, d, high), 0.0015), wood, bare=(1, 0, 0)),
        Piece(box((w - b, 0, 0), (w, d, high), 0.0015), wood, bare=(-1, 0, 0)),
        Piece(box((-w + b, 0, low), (w - b, d, low + b), 0.001), wood),
        Piece(box((-w + b, 0, high - b), (w - b, d, high), 0.001), wood, bare=(0, 0, -1)),
        Piece(box((-w + b, d - 0.008, low + b), (w - b, d, high - b)), wood, hidden=True),
        Piece(box((-w + b, 0.03, 0), (w - b, 0.045, low)), wood),
    ]
    if design.drawers:
        shelf = box((-w + b, 0.0, design.split), (w - b, d - 0.008, design.split + b), 0.001)
        pieces.append(Piece(shelf, wood))
    start = _inside(design)
    rail = rod((-w + b, (start + d) / 2, high - 0.12), (w - b, (start + d) / 2, high - 0.12), 0.014)
    middle = box((-b / 2, start, design.split + b), (b / 2, d - 0.008, high - b), 0.001)
    return [*pieces, Piece(rail, design.metal, hidden=True), Piece(middle, wood, hidden=True)]


def _inside(design: Design) -> float:
    """Where the room behind the doors begins."""
    return 2 * design.front + 3 * design.gap + 0.01 if design.sliding else 0.01


def _sliding_doors(rng: np.random.Generator, design: Design, body: list[Piece]) -> list[Part]:
    """Panels in two tracks, each a little wider than its share of the width."""
    w, b, t, g = design.width / 2 - design.board, design.board, design.front, design.gap
    z0, z1 = design.split + b + g, design.height - b - g
    overlap = rng.uniform(0.02, 0.05)
    share = (2 * w + (design.doors - 1) * overlap) / design.doors
    starts = [-w + i * (share - overlap) for i in range(design.doors)]
    words = place_words([(x, z0) for x in starts])
    for y in (-0.004, 2 * t + 3 * g + 0.001):
        for low, high in ((z0 - g, z0 + 0.012), (z1 - 0.012, z1 + g)):
            body.append(Piece(box((-w, y, low), (w, y + 0.003, high)), design.metal))
    parts = []
    for i, (x, word) in enumerate(zip(starts, words, strict=True)):
        y = g + (i % 2) * (t + g)
        front = (x + g, x + share - g, z0, z1)
        way = 1.0 if i == 0 else -1.0 if i == design.doors - 1 else float(rng.choice([-1, 1]))
        # As far as over its neighbour, or up to the next door in its own track.
        room = share - (2 if design.doors > 2 and i != 1 else 1) * overlap
        travel = rng.uniform(0.85, 0.98) * room
        edge = front[0] if way > 0 else front[1]
        pull = (edge + way * 0.05, y, z0 + 0.45 * (z1 - z0))
        parts.append(_slider(rng, design, front, y, way, travel, pull, word))
    return parts


def _slider(
    rng: np.random.Generator,
    design: Design,
    front: Rectangle,
    y: float,
    way: float,
    travel: float,
    grip: tuple[float, float, float],
    word: str,
) -> Part:
    """A panel with a low strip to push at, lower than the gap to the other track."""
    x0, x1, z0, z1 = front
    panel = box((x0, y, z0), (x1, y + design.front, z1), 0.0015)
    strip = box(
        (grip[0] - 0.012, y - 0.4 * design.gap, grip[2] - 0.1), (grip[0] + 0.012, y, grip[2] + 0.1)
    )
    towards = "right" if way > 0 else "left"
    said = [
        f"slide the {word} door", f"slide open the {word} door",
        f"slide the {word} door to the {towards}",
    ]  # fmt: skip
    return Part(
        name="_".join([*word.split(), "door"]),
        pieces=[Piece(panel, design.face, bare=(0, 1, 0)), Piece(strip, design.metal)],
        parent="body",
        joint=slide((way, 0, 0), travel),
        prompt=str(rng.choice(said)),
        grip=(grip[0], y - 0.4 * design.gap, grip[2]),
        opening=rng.uniform(0.5, 0.9) * travel,
        ajar=False,
    )


def _hinged_doors(rng: np.random.Generator, design: Design, body: list[Piece]) -> list[Part]:
    """Doors over the whole front; the middle one of three hangs on its neighbour's side."""
    w, n = design.width / 2, design.doors
    bounds = np.linspace(-w, w, n + 1)
    fronts = [
        (float(a) + design.gap / 2, float(b) - design.gap / 2, design.split + 0.002, design.height)
        for a, b in pairwise(bounds)
    ]
    words = place_words([(front[0], 0.0) for front in fronts])
    sides = [-1, *[(-1, 1)[rng.integers(2)] for _ in range(n - 2)], 1]
    for x in bounds[1:-1]:
        post = (x - design.board / 2, 0.0, design.split + design.board)
        end = (x + design.board / 2, design.depth - 0.008, design.height - design.board)
        body.append(Piece(box(post, end, 0.001), design.case))
    return [
        _hinged(rng, design, front, side, word, body, outer=i in (0, n - 1))
        for i, (front, side, word) in enumerate(zip(fronts, sides, words, strict=True))
    ]


def _hinged(
    rng: np.random.Generator,
    design: Design,
    front: Rectangle,
    side: int,
    word: str,
    body: list[Piece],
    *,
    outer: bool,
) -> Part:
    x0, x1, z0, z1 = front
    y1 = -design.gap
    y0 = y1 - design.front
    edge, free = (x0, x1) if side < 0 else (x1, x0)
    x, y, style = edge, y0, design.hinges
    pieces = [Piece(box((x0, y0, z0), (x1, y1, z1), 0.002), design.face, bare=(0, 1, 0))]
    if style.kind == "butts" and outer:
        # On the outer sides: their barrels stand beside the wardrobe.
        x, y = side * (design.width / 2 + style.radius), -design.gap / 2
        leaf, reach = (0, -0.9 * design.front, 0), (0, 0.03, 0)
        made = hardware(style, (x, y, z0), (x, y, z1), leaf, reach, (-side, 0, 0))
        pieces += [Piece(shape, design.metal) for shape in made.part]
        body += [Piece(shape, design.metal) for shape in made.body]
    at = (free + side * 0.04, y0, z0 + rng.uniform(0.4, 0.55) * (z1 - z0))
    pull, grip = handle(design.style, at, z1 - z0, vertical=True)
    pieces.append(Piece(pull, design.metal))
    upper = rng.uniform(90, 110) if outer and style.kind == "butts" else rng.uniform(84, 90)
    return Part(
        name="_".join([*word.split(), "door"]),
        pieces=pieces,
        parent="body",
        joint=hinge((0, 0, side), (x, y, z0), upper),
        prompt=" ".join(f"{rng.choice(['open', 'swing open'])} the {word} door".split()),
        grip=grip,
        opening=float(np.radians(rng.uniform(50, 80))),
    )


def _drawers(rng: np.random.Generator, design: Design) -> list[Part]:
    """Side by side under the doors."""
    w, g, n = design.width / 2, design.gap, design.drawers
    y1 = -g
    bounds = np.linspace(-w, w, n + 1)
    words = place_words([(float(x), 0.0) for x in bounds[:-1]])
    parts = []
    for x0, x1, word in zip(bounds[:-1] + g / 2, bounds[1:] - g / 2, words, strict=True):
        z0, z1 = design.foot + 0.002, design.split - 0.002
        inner = design.board + 0.014
        back = design.depth - 0.03
        low = (x0 + inner, y1, design.foot + design.board + 0.01)
        room = tray(low, (x1 - inner, back, z1 - 0.05), 0.009)
        front = box((x0, y1 - design.front, z0), (x1, y1, z1), 0.002)
        at = ((x0 + x1) / 2, y1 - design.front, (z0 + z1) / 2)
        pull, grip = handle(design.style, at, 0.5 * (x1 - x0))
        travel = rng.uniform(0.6, 0.8) * back
        parts.append(
            Part(
                name="_".join([*word.split(), "drawer"]),
                pieces=[
                    Piece(front, design.face, bare=(0, 1, 0)),
                    Piece(room, design.inner, hidden=True),
                    Piece(pull, design.metal),
                ],
                parent="body",
                joint=slide((0, -1, 0), travel),
                prompt=" ".join(f"{rng.choice(['pull out', 'open'])} the {word} drawer".split()),
                grip=grip,
                opening=rng.uniform(0.6, 0.9) * travel,
            )
        )
    return parts
