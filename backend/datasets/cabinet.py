"""Cabinets: drawers, doors and flaps in one or more columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import HandleStyle, handle, handle_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.shapes import Shape, box, lathe, tray
from backend.datasets.words import place_words
from protocol.joint import Joint

# Columns of cells from the floor upwards, with their share of the height.
_layouts: list[list[list[tuple[str, float]]]] = [
    [[("door", 0.5), ("drawer", 0.25), ("drawer", 0.25)]],
    [[("drawer", 0.34), ("drawer", 0.33), ("drawer", 0.33)]],
    [[("drawer", 0.3), ("drawer", 0.25), ("drawer", 0.25), ("drawer", 0.2)]],
    [[("door", 1.0)], [("drawer", 0.36), ("drawer", 0.34), ("drawer", 0.3)]],
    [[("door", 0.72), ("drawer", 0.28)], [("door", 0.72), ("drawer", 0.28)]],
    [[("door", 1.0)], [("drawer", 0.4), ("drawer", 0.3), ("flap_down", 0.3)]],
    [[("flap_down", 0.5), ("flap_up", 0.5)]],
    [[("door", 1.0)], [("drawer", 0.5), ("drawer", 0.5)]],
    [[("drawer", 0.5), ("drawer", 0.5)], [("door", 1.0)]],
    [[("drawer", 0.3), ("flap_up", 0.7)], [("door", 1.0)]],
    [[("doors", 0.7), ("drawer", 0.3)]],
    [[("doors", 1.0)]],
    [[("door", 1.0)], [("open", 0.4), ("drawer", 0.3), ("drawer", 0.3)], [("door", 1.0)]],
]


@dataclass(frozen=True)
class Cell:
    """One opening in the front: its kind, the front's outline and the clear room behind it."""

    kind: str
    front: tuple[float, float, float, float]  # x0, x1, z0, z1
    clear: tuple[float, float, float, float]
    hinge_side: str = ""
    free_side: bool = True  # nothing stands beside the hinge


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres and looks that all parts of one cabinet share.

    The carcass fills y from 0 to `depth`; overlaid fronts stand before it, inset ones in it.
    """

    width: float
    height: float
    depth: float
    board: float
    front: float
    gap: float
    inset: bool
    foot: float
    overhang: float
    frame: bool
    pane: bool
    style: HandleStyle
    case_material: Material
    front_material: Material
    inner_material: Material
    metal: Material
    glass: Material

    @property
    def front_y(self) -> float:
        """Where the outer face of the closed fronts is."""
        return self.gap if self.inset else -self.gap - self.front


def cabinet(rng: np.random.Generator) -> list[Part]:
    """Return a carcass with the fronts of a random layout."""
    columns = _layouts[rng.integers(len(_layouts))]
    design = _design(rng, columns)
    cells = _cells(rng, design, columns)
    parts = [Part("body", _carcass(rng, design, columns, cells))]
    for kind in ("drawer", "door", "flap"):
        group = [cell for cell in cells if cell.kind.startswith(kind)]
        words = place_words([_centre(cell.front) for cell in group])
        for cell, word in zip(group, words, strict=True):
            name = "_".join([*word.split(), kind])
            parts.append(_makers[cell.kind](rng, design, cell, name, word))
    return parts


def _design(rng: np.random.Generator, columns: list[list[tuple[str, float]]]) -> Design:
    width = sum(_column_width(rng, column) for column in columns)
    height = rng.uniform(0.16, 0.26) * max(len(c) for c in columns) + rng.uniform(0.15, 0.4)
    board = rng.uniform(0.016, 0.022)
    front = rng.uniform(0.016, 0.022)
    case, fronts = materials.wood(rng), materials.wood(rng)
    if rng.random() < 0.4:
        case = materials.paint(rng)
    if rng.random() < 0.5:
        fronts = case
    inset = bool(rng.random() < 0.25)
    return Design(
        width=width,
        height=height,
        depth=rng.uniform(0.34, 0.55),
        board=board,
        front=front,
        gap=rng.uniform(0.002, 0.004),
        inset=inset,
        foot=rng.uniform(0.05, 0.18),
        overhang=0.0 if inset else front + rng.uniform(0.004, 0.02),
        frame=bool(rng.random() < 0.4),
        pane=bool(rng.random() < 0.2),
        style=handle_style(rng),
        case_material=case,
        front_material=fronts,
        inner_material=materials.wood(rng, "birch"),
        metal=materials.metal(rng),
        glass=materials.glass(rng),
    )


def _column_width(rng: np.random.Generator, column: list[tuple[str, float]]) -> float:
    pair = any(kind == "doors" for kind, _ in column)
    return rng.uniform(0.6, 0.9) if pair else rng.uniform(0.36, 0.55)


def _cells(
    rng: np.random.Generator, design: Design, columns: list[list[tuple[str, float]]]
) -> list[Cell]:
    """Openings between the centre lines of the boards; fronts leave a gap all around."""
    xs = np.linspace(-design.width / 2, design.width / 2, len(columns) + 1)
    bottom, top = design.foot, design.height - design.board
    cells = []
    for column, (cells_here, x0, x1) in enumerate(zip(columns, xs, xs[1:], strict=False)):
        z0 = bottom
        for kind, share in cells_here:
            z1 = z0 + share * (top - bottom)
            bounds = (x0, x1, z0, max(z1, z0))
            cells += _cell(rng, design, kind, bounds, column, len(columns))
            z0 = z1
    return cells


def _cell(
    rng: np.random.Generator,
    design: Design,
    kind: str,
    bounds: tuple[float, float, float, float],
    column: int,
    columns: int,
) -> list[Cell]:
    clear = _clear(design, bounds)
    outline = clear if design.inset else bounds
    front = _shrunk(outline, design.gap if design.inset else design.gap / 2)
    if kind == "doors":
        x0, x1, z0, z1 = front
        middle, half = (x0 + x1) / 2, design.gap / 2
        return [
            Cell("door", (x0, middle - half, z0, z1), clear, "left"),
            Cell("door", (middle + half, x1, z0, z1), clear, "right"),
        ]
    side = ("left", "right")[rng.integers(2)]
    if columns > 1:
        # Outer doors hang on the outer wall more often than not.
        outer = "left" if column == 0 else "right"
        side = outer if rng.random() < 0.75 else side
    free = (side == "left" and column == 0) or (side == "right" and column == columns - 1)
    return [Cell(kind, front, clear, side, free)]


def _clear(
    design: Design, bounds: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """The room between the boards around a cell; outer boards are whole, inner ones shared."""
    x0, x1, z0, z1 = bounds
    edge, board = design.width / 2, design.board
    return (
        x0 + (board if x0 <= -edge + 1e-9 else board / 2),
        x1 - (board if x1 >= edge - 1e-9 else board / 2),
        z0 + (board if z0 <= design.foot + 1e-9 else board / 2),
        z1 - (0.0 if z1 >= design.height - board - 1e-9 else board / 2),
    )


def _carcass(
    rng: np.random.Generator,
    design: Design,
    columns: list[list[tuple[str, float]]],
    cells: list[Cell],
) -> list[Piece]:
    """Walls, bottom, top, back, dividers and what the whole stands on."""
    w, d, b = design.width / 2, design.depth, design.board
    low, high, wood = design.foot, design.height - b, design.case_material
    bevel, over = 0.0015, design.overhang
    pieces = [
        Piece(box((-w, 0, low), (-w + b, d, high), bevel), wood, bare=(1, 0, 0)),
        Piece(box((w - b, 0, low), (w, d, high), bevel), wood, bare=(-1, 0, 0)),
        Piece(box((-w + b, 0, low), (w - b, d, low + b), bevel), wood),
        Piece(box((-w - over / 2, -over, high), (w + over / 2, d, high + b), 0.003), wood),
        Piece(box((-w + b, d - 0.008, low + b), (w - b, d, high)), wood, hidden=True),
    ]
    for x in np.linspace(-w, w, len(columns) + 1)[1:-1]:
        divider = box((x - b / 2, 0.001, low + b), (x + b / 2, d - 0.008, high), bevel)
        pieces.append(Piece(divider, wood))
    pieces += [piece for cell in cells for piece in _cell_boards(rng, design, cell)]
    return pieces + _foot(rng, design)


def _cell_boards(rng: np.random.Generator, design: Design, cell: Cell) -> list[Piece]:
    """The board above a cell, runners of a drawer, a shelf behind a door."""
    x0, x1, z0, z1 = cell.clear
    back, wood = design.depth - 0.008, design.case_material
    pieces = []
    if z1 < design.height - design.board - 1e-6:
        shelf = box((x0, 0.001, z1), (x1, back, z1 + design.board), 0.001)
        pieces.append(Piece(shelf, wood, bare=(0, 1, 0)))
    if cell.kind == "drawer":
        start, z = _tray_front(design) + 0.03, (z0 + z1) / 2
        for x, side in ((x0, 1), (x1, -1)):
            ends = sorted((x, x + side * 0.009))
            runner = box((ends[0], start, z - 0.016), (ends[1], 0.9 * back, z + 0.016))
            pieces.append(Piece(runner, design.metal, hidden=True))
    elif cell.kind == "door" and z1 - z0 > 0.45:
        z = z0 + rng.uniform(0.4, 0.6) * (z1 - z0)
        shelf = box((x0, 0.06, z), (x1, back, z + 0.8 * design.board), 0.001)
        pieces.append(Piece(shelf, wood, hidden=True))
    return pieces


def _foot(rng: np.random.Generator, design: Design) -> list[Piece]:
    w, d, h = design.width / 2, design.depth, design.foot
    if rng.random() < 0.35:
        plinth = box((-w + 0.01, 0.03, 0), (w - 0.01, d - 0.01, h))
        return [Piece(plinth, design.case_material, bare=(0, 0, 1))]
    if rng.random() < 0.5:
        leg: Shape = lathe([(0.009, 0), (0.011, 0.003), (0.019, h)], 16)
        spread, material = 0.035, design.inner_material
    else:
        leg, spread = box((-0.016, -0.016, 0), (0.016, 0.016, h), 0.002), 0.03
        material = design.metal
    corners = [(sx * (w - spread), y, 0) for sx in (-1, 1) for y in (spread, d - spread)]
    return [Piece(leg.moved(corner), material) for corner in corners]


def _drawer(rng: np.random.Generator, design: Design, cell: Cell, name: str, word: str) -> Part:
    x0, x1, z0, z1 = cell.clear
    start, back = _tray_front(design), design.depth - 0.008 - rng.uniform(0.01, 0.03)
    room = tray(
        (x0 + 0.012, start, z0 + 0.012), (x1 - 0.012, back, z1 - 0.25 * (z1 - z0) - 0.01), 0.009
    )
    pieces = _front(design, cell, pane=False)
    pieces.append(Piece(room, design.inner_material, hidden=True))
    x, z = _centre(cell.front)
    pull, grip = handle(design.style, (x, design.front_y, z), x1 - x0)
    pieces.append(Piece(pull, design.metal))
    travel = rng.uniform(0.62, 0.8) * (back - start)
    verb = rng.choice(["pull out the", "open the", "slide out the"])
    prompt = _sentence(str(verb), word, "drawer")
    opening = rng.uniform(0.6, 0.9) * travel
    return Part(name, pieces, "body", slide((0, -1, 0), travel), prompt, grip, opening)


def _door(rng: np.random.Generator, design: Design, cell: Cell, name: str, word: str) -> Part:
    x0, x1, z0, z1 = cell.front
    left = cell.hinge_side == "left"
    edge, inwards, free = (x0, 1, x1) if left else (x1, -1, x0)
    aside, ahead = _hinge_line(rng, design, x1 - x0)
    origin = (edge + inwards * aside, design.front_y - ahead, z0)
    upper = rng.uniform(95, 118) if cell.free_side and not design.inset else rng.uniform(84, 90)
    joint = hinge((0, 0, -inwards), origin, upper)
    pieces = _front(design, cell, pane=design.pane)
    at = (free - inwards * 0.045, design.front_y, z0 + rng.uniform(0.45, 0.7) * (z1 - z0))
    pull, grip = handle(design.style, at, z1 - z0, vertical=True)
    pieces.append(Piece(pull, design.metal))
    pieces += _barrels(design, joint, ahead, z0, z1)
    prompt = _sentence(str(rng.choice(["open the", "swing open the"])), word, "door")
    opening = np.radians(rng.uniform(55, 85))
    return Part(name, pieces, "body", joint, prompt, grip, float(opening))


def _flap(rng: np.random.Generator, design: Design, cell: Cell, name: str, word: str) -> Part:
    x0, x1, z0, z1 = cell.front
    up = cell.kind == "flap_up"
    edge, inwards, free = (z1, -1, z0) if up else (z0, 1, z1)
    aside, ahead = _hinge_line(rng, design, z1 - z0)
    origin = (x0, design.front_y - ahead, edge + inwards * aside)
    joint = hinge((inwards, 0, 0), origin, rng.uniform(80, 90))
    pieces = _front(design, cell, pane=design.pane and z1 - z0 > 0.25)
    at = ((x0 + x1) / 2, design.front_y, free - inwards * 0.04)
    pull, grip = handle(design.style, at, x1 - x0)
    pieces.append(Piece(pull, design.metal))
    verb = rng.choice(["lift the", "open the"] if up else ["fold down the", "open the"])
    prompt = _sentence(str(verb), word, "flap")
    opening = np.radians(rng.uniform(50, 75))
    return Part(name, pieces, "body", joint, prompt, grip, float(opening))


_makers = {"drawer": _drawer, "door": _door, "flap_up": _flap, "flap_down": _flap}


def _front(design: Design, cell: Cell, *, pane: bool) -> list[Piece]:
    """A slab, or a frame around a thinner panel or a pane of glass."""
    x0, x1, z0, z1 = cell.front
    y0, y1, wood = design.front_y, design.front_y + design.front, design.front_material
    rail = min(0.055, 0.22 * (z1 - z0))
    if not (design.frame or pane):
        return [Piece(box((x0, y0, z0), (x1, y1, z1), 0.002), wood, bare=(0, 1, 0))]
    frame = [
        box((x0, y0, z0), (x0 + rail, y1, z1), 0.0015),
        box((x1 - rail, y0, z0), (x1, y1, z1), 0.0015),
        box((x0 + rail, y0, z0), (x1 - rail, y1, z0 + rail), 0.0015),
        box((x0 + rail, y0, z1 - rail), (x1 - rail, y1, z1), 0.0015),
    ]
    sunk, back = (y0 + 0.009, y1 - 0.005) if pane else (y0 + 0.006, y1 - 0.002)
    panel = box((x0 + rail, sunk, z0 + rail), (x1 - rail, back, z1 - rail))
    pieces = [Piece(shape, wood, bare=(0, 1, 0)) for shape in frame]
    return [*pieces, Piece(panel, design.glass if pane else wood, bare=(0, 1, 0))]


def _hinge_line(rng: np.random.Generator, design: Design, span: float) -> tuple[float, float]:
    """How far the axis is inside the front's edge and ahead of its face.

    Half of them lie on the edge. The back edge beside the hinge swings towards the carcass
    and the free edge grows past its gap, so both offsets stay within what the gaps allow.
    """
    if rng.random() < 0.5:
        return 0.0, 0.0
    ahead = rng.uniform(0.0, 0.006)
    reach = design.front + ahead
    aside = rng.uniform(0.3, 0.9) * np.sqrt(2 * reach * 0.5 * design.gap)
    grows = reach**2 / (2 * (span - aside))
    return (float(aside), float(ahead)) if grows < 0.8 * design.gap else (0.0, 0.0)


def _barrels(design: Design, joint: Joint, ahead: float, z0: float, z1: float) -> list[Piece]:
    """Hinge knuckles on the axis where there is room for them."""
    if ahead < 0.003:
        return []
    x, y, _ = joint.origin
    shapes = []
    for share in (0.12, 0.88):
        z = z0 + share * (z1 - z0)
        shapes.append(lathe([(0.003, z - 0.025), (0.003, z + 0.025)], 12).moved((x, y, 0)))
    return [Piece(shape, design.metal) for shape in shapes]


def _tray_front(design: Design) -> float:
    return design.front_y + design.front


def _shrunk(
    rectangle: tuple[float, float, float, float], by: float
) -> tuple[float, float, float, float]:
    x0, x1, z0, z1 = rectangle
    return (x0 + by, x1 - by, z0 + by, z1 - by)


def _centre(rectangle: tuple[float, float, float, float]) -> tuple[float, float]:
    x0, x1, z0, z1 = rectangle
    return ((x0 + x1) / 2, (z0 + z1) / 2)


def _sentence(*words: str) -> str:
    return " ".join(word for word in words if word)
