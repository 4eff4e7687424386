"""Refrigerators: doors with shelves inside, freezer doors and drawers, crispers behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import HandleStyle, handle
from backend.datasets.hardware import HingeStyle, hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.shapes import box, tray
from backend.datasets.words import place_words

# Fronts from the floor upwards with their share of the height; two sides where there are two.
_layouts: list[list[tuple[str, float]]] = [
    [("door", 1.0)],
    [("door", 0.68), ("freezer door", 0.32)],
    [("freezer drawer", 0.36), ("door", 0.64)],
    [("freezer drawer", 0.2), ("freezer drawer", 0.2), ("door", 0.6)],
    [("freezer drawer", 0.36), ("doors", 0.64)],
    [("freezer drawer", 0.18), ("freezer drawer", 0.2), ("doors", 0.62)],
    [("doors", 1.0)],
    [("freezer door", 0.35), ("door", 0.65)],
]
_row_gap = 0.014  # room for a hinge bracket between two rows


@dataclass(frozen=True)
class Cell:
    """A front: its outline x0, x1, z0, z1 and the side it hangs on, if it does."""

    kind: str
    front: tuple[float, float, float, float]
    side: str = ""


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
    hinges: HingeStyle
    style: HandleStyle
    crispers: int  # drawers behind a door, which then rests open
    shell: Material
    inside: Material
    metal: Material
    glass: Material

    @property
    def front_y(self) -> float:
        """Where the outer face of the closed fronts is."""
        return -self.gap - self.door


def fridge(rng: np.random.Generator) -> list[Part]:
    """Return a fridge of a random layout."""
    layout = _layouts[rng.integers(len(_layouts))]
    design = _design(rng, layout)
    cells = _cells(rng, design, layout)
    body = _housing(design, cells)
    parts = []
    for kind in ("freezer drawer", "freezer door", "door"):
        group = [cell for cell in cells if cell.kind == kind]
        words = place_words([_centre(cell) for cell in group])
        for cell, word in zip(group, words, strict=True):
            make = _drawer if kind == "freezer drawer" else _door
            parts.append(make(rng, design, cell, word, body))
    crispers = _crispers(rng, design, cells[-1]) if design.crispers else []
    return [Part("body", body), *parts, *crispers]


def _design(rng: np.random.Generator, layout: list[tuple[str, float]]) -> Design:
    wide = any(kind == "doors" for kind, _ in layout)
    finish = rng.random() < 0.5
    return Design(
        width=rng.uniform(0.75, 0.95) if wide else rng.uniform(0.5, 0.7),
        height=rng.uniform(0.8, 1.2) if len(layout) == 1 and not wide else rng.uniform(1.5, 1.95),
        depth=rng.uniform(0.5, 0.62),
        wall=rng.uniform(0.035, 0.05),
        door=rng.uniform(0.045, 0.07),
        gap=rng.uniform(0.005, 0.008),
        foot=rng.uniform(0.03, 0.07),
        hinges=hinge_style(rng, ("pins", "pins", "concealed")),
        style=HandleStyle(
            str(rng.choice(["bar", "bow", "block"])),
            rng.uniform(0.25, 0.6),
            rng.uniform(0.035, 0.055),
            rng.uniform(0.014, 0.022),
        ),
        crispers=int(rng.integers(1, 3)) if layout[-1] == ("door", 1.0) else 0,
        shell=materials.metal(rng, "steel") if finish else materials.paint(rng),
        inside=materials.paint(rng, "white"),
        metal=materials.metal(rng),
        glass=materials.glass(rng),
    )


def _cells(rng: np.random.Generator, design: Design, layout: list[tuple[str, float]]) -> list[Cell]:
    w, z = design.width / 2, design.foot
    room = design.height - design.foot - _row_gap
    side = ("left", "right")[rng.integers(2)]
    cells = []
    for kind, share in layout:
        front = (-w, w, z, z + share * room - _row_gap)
        z += share * room
        if kind != "doors":
            cells.append(Cell(kind, front, "" if "drawer" in kind else side))
            continue
        middle = rng.uniform(-0.12, 0.12) * w if share == 1.0 else 0.0
        cells.append(Cell("door", (-w, middle - 0.004, *front[2:]), "left"))
        cells.append(Cell("door", (middle + 0.004, w, *front[2:]), "right"))
    return cells


def _housing(design: Design, cells: list[Cell]) -> list[Piece]:
    """Thick walls, a floor between the rows and what stands in the rooms behind doors."""
    w, d, t, low, high = design.width / 2, design.depth, design.wall, design.foot, design.height
    pieces = [
        Piece(box((-w, 0, low), (-w + t, d, high), 0.004), design.shell, bare=(1, 0, 0)),
        Piece(box((w - t, 0, low), (w, d, high), 0.004), design.shell, bare=(-1, 0, 0)),
        Piece(box((-w + t, 0, low), (w - t, d, low + t)), design.shell),
        Piece(box((-w + t, 0, high - t), (w - t, d, high)), design.shell, bare=(0, 0, -1)),
        Piece(box((-w + t, d - t, low + t), (w - t, d, high - t)), design.inside, hidden=True),
        Piece(box((-w + 0.03, 0.03, 0), (w - 0.03, d - 0.03, low)), design.metal),
    ]
    for z in sorted({cell.front[2] for cell in cells})[1:]:
        floor = box((-w + t, 0.001, z - t / 2), (w - t, d - t, z + t / 2))
        pieces.append(Piece(floor, design.inside, bare=(0, 0, 1)))
    halves = [cell for cell in cells if cell.side and cell.front[1] - cell.front[0] < 1.5 * w]
    for cell in halves[:1]:
        x = cell.front[1]
        z0, z1 = cell.front[2] + t, cell.front[3]
        pieces.append(Piece(box((x - 0.015, 0.14, z0), (x + 0.02, d - t, z1)), design.inside))
    return [*pieces, *[piece for cell in cells if cell.side for piece in _shelves(design, cell)]]


def _shelves(design: Design, cell: Cell) -> list[Piece]:
    """Glass plates behind a door, clear of what is on the door and of drawers below them."""
    w, t = design.width / 2, design.wall
    x0, x1, z0, z1 = cell.front
    x0, x1 = max(x0, -w + t), min(x1, w - t)
    low = z0 + t + 0.17 * design.crispers + 0.04
    count = max(1, int((z1 - low) / 0.3))
    return [
        Piece(box((x0, 0.17, z), (x1, design.depth - t, z + 0.005)), design.glass, hidden=True)
        for z in np.linspace(low, z1, count + 1)[:-1]
    ]


def _door(
    rng: np.random.Generator, design: Design, cell: Cell, word: str, body: list[Piece]
) -> Part:
    x0, x1, z0, z1 = cell.front
    left = cell.side == "left"
    edge, inwards, free = (x0, 1, x1) if left else (x1, -1, x0)
    y0, y1 = design.front_y, -design.gap
    aside, behind = _pivot(rng, design)
    x, y = edge + inwards * aside, y1 - behind
    made = hardware(
        design.hinges, (x, y, z0), (x, y, z1), (0.05, 0, 0), (0, behind + 0.03, 0), (0, 1, 0)
    )
    body += [Piece(shape, design.metal) for shape in made.body]
    pieces = [Piece(box((x0, y0, z0), (x1, y1, z1), 0.006), design.shell, bare=(0, 1, 0))]
    if not design.crispers and cell.kind == "door":
        pieces += _bins(design, cell, y1)
    at = (free - inwards * 0.05, y0, z0 + rng.uniform(0.4, 0.6) * (z1 - z0))
    pull, grip = handle(design.style, at, z1 - z0, vertical=True)
    pieces.append(Piece(pull, design.metal))
    upper = rng.uniform(112, 135) if design.crispers else rng.uniform(90, 135)
    noun = str(rng.choice(["door", "fridge door"])) if cell.kind == "door" else cell.kind
    return Part(
        name="_".join([*word.split(), *cell.kind.split()]),
        pieces=pieces,
        parent="body",
        joint=hinge((0, 0, -inwards), (x, y, z0), upper),
        prompt=" ".join(f"{rng.choice(['open', 'swing open'])} the {word} {noun}".split()),
        grip=grip,
        opening=float(np.radians(rng.uniform(50, 85))),
        rest=float(np.radians(upper - rng.uniform(2, 8))) if design.crispers else 0.0,
        closing=f"close the {noun}",
    )


def _pivot(rng: np.random.Generator, design: Design) -> tuple[float, float]:
    """How far the axis is inside the door's side and before its back.

    The back corner swings on an arc that must not reach the housing.
    """
    if design.hinges.kind == "concealed":
        return 0.0, 0.0
    behind = rng.uniform(0.55, 0.75) * design.door
    return 0.85 * float(np.sqrt(2 * behind * design.gap)), behind


def _bins(design: Design, cell: Cell, y: float) -> list[Piece]:
    """Trays for bottles on a door's back; far enough from the walls to swing out past them."""
    w, margin = design.width / 2, design.wall + 0.045
    x0, x1, z0, z1 = cell.front
    x0 = max(x0 + 0.05, -w + margin)
    x1 = min(x1 - 0.05, w - margin)
    heights = np.linspace(z0 + design.wall + 0.03, z1 - 0.06, max(2, int((z1 - z0) / 0.28)) + 1)
    return [
        Piece(tray((x0, y, z), (x1, y + 0.095, z + 0.09), 0.003), design.inside, hidden=True)
        for z in heights[:-1]
    ]


def _drawer(
    rng: np.random.Generator, design: Design, cell: Cell, word: str, body: list[Piece]
) -> Part:
    x0, x1, z0, z1 = cell.front
    y0, y1, t = design.front_y, -design.gap, design.wall
    low = (x0 + t + 0.012, y1, z0 + t + 0.012)
    back = design.depth - t - rng.uniform(0.02, 0.08)
    room = tray(low, (x1 - t - 0.012, back, z1 - t / 2 - 0.04), 0.004)
    z = (low[2] + z1) / 2
    for x, out in ((x0 + t, 1), (x1 - t, -1)):
        a, b = sorted((x, x + out * 0.01))
        body.append(Piece(box((a, 0.03, z - 0.02), (b, 0.9 * back, z + 0.02)), design.metal, True))
    pull, grip = handle(design.style, (0.0, y0, z1 - 0.06), x1 - x0)
    pieces = [
        Piece(box((x0, y0, z0), (x1, y1, z1), 0.006), design.shell, bare=(0, 1, 0)),
        Piece(room, design.inside, hidden=True),
        Piece(pull, design.metal),
    ]
    travel = rng.uniform(0.6, 0.8) * back
    name = "_".join([*word.split(), "freezer", "drawer"])
    prompt = " ".join(f"{rng.choice(['pull out', 'open'])} the {word} freezer drawer".split())
    opening = rng.uniform(0.6, 0.9) * travel
    return Part(name, pieces, "body", slide((0, -1, 0), travel), prompt, grip, opening)


def _crispers(rng: np.random.Generator, design: Design, cell: Cell) -> list[Part]:
    """Vegetable drawers above the floor; the open door stands beside them."""
    x0, x1, z0, _ = cell.front
    inset, height = design.door + 0.045, 0.15
    back = design.depth - design.wall - 0.04
    zs = [z0 + design.wall + 0.01 + i * 0.17 for i in range(design.crispers)]
    words = place_words([(0.0, z) for z in zs])
    parts = []
    for z, word in zip(zs, words, strict=True):
        low, high = (x0 + inset, 0.03, z), (x1 - inset, back, z + height)
        lip = box((low[0], 0.018, high[2] - 0.03), (high[0], 0.03, high[2]), 0.003)
        pieces = [Piece(tray(low, high, 0.003), design.glass), Piece(lip, design.inside)]
        travel = rng.uniform(0.5, 0.75) * back
        noun = str(rng.choice(["crisper", "vegetable drawer"]))
        prompt = " ".join(f"{rng.choice(['pull out', 'open'])} the {word} {noun}".split())
        grip = (0.0, 0.018, high[2] - 0.015)
        joint, opening = slide((0, -1, 0), travel), rng.uniform(0.6, 0.9) * travel
        name = "_".join([*word.split(), "crisper"])
        parts.append(Part(name, pieces, "body", joint, prompt, grip, opening))
    return parts


def _centre(cell: Cell) -> tuple[float, float]:
    x0, x1, z0, z1 = cell.front
    return ((x0 + x1) / 2, (z0 + z1) / 2)
