"""Room doors in their frames: on butts, concealed hinges or pivots, with levers or knobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.hardware import Hardware, HingeStyle, hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, swivel
from backend.datasets.shapes import Shape, box, disc, lathe, merged, rounded_path, tube
from protocol.joint import Vector


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; leaves fill y from 0 to `thick`, the frame from 0 to `depth`."""

    width: float  # of the opening
    height: float
    thick: float
    gap: float
    jamb: float
    depth: float
    panels: int
    pane: bool
    hinges: HingeStyle
    knob: str
    wood: Material
    casing: Material
    metal: Material
    glass: Material


@dataclass(frozen=True)
class Leaf:
    """Outline x0, x1, z0, z1 of a leaf, and the side it hangs on: -1 left, 1 right."""

    front: tuple[float, float, float, float]
    side: int
    word: str


def door(rng: np.random.Generator) -> list[Part]:
    """Return one or two closed leaves in a frame."""
    double = bool(rng.random() < 0.25)
    design = _design(rng, double)
    body = _frame(design)
    parts = []
    for leaf in _leaves(rng, design, double):
        parts.append(_leaf(rng, design, leaf, body))
        if design.knob != "none":
            parts.append(_knob(rng, design, leaf, parts[-1].pieces))
    return [Part("frame", body), *parts]


def _design(rng: np.random.Generator, double: bool) -> Design:
    style = hinge_style(rng, ("butts", "butts", "concealed", "pins"))
    wood = materials.paint(rng) if rng.random() < 0.5 else materials.wood(rng)
    return Design(
        width=rng.uniform(1.3, 1.7) if double else rng.uniform(0.7, 0.98),
        height=rng.uniform(1.95, 2.15),
        thick=rng.uniform(0.035, 0.045),
        gap=0.008 if style.kind == "pins" else rng.uniform(0.003, 0.005),
        jamb=rng.uniform(0.05, 0.09),
        depth=rng.uniform(0.09, 0.14),
        panels=int(rng.integers(0, 4)),
        pane=bool(rng.random() < 0.25),
        hinges=style,
        knob=str(rng.choice(["lever", "lever", "knob", "none"])),
        wood=wood,
        casing=wood if rng.random() < 0.5 else materials.paint(rng, "white"),
        metal=materials.metal(rng),
        glass=materials.glass(rng),
    )


def _frame(design: Design) -> list[Piece]:
    """Jambs and header with stops behind the leaf, which pivots have no room for."""
    w, h, j, d = design.width / 2, design.height, design.jamb, design.depth
    shapes = [
        box((-w - j, 0, 0), (-w, d, h + j), 0.002),
        box((w, 0, 0), (w + j, d, h + j), 0.002),
        box((-w, 0, h), (w, d, h + j), 0.002),
    ]
    if design.hinges.kind != "pins":
        y0, y1 = design.thick + 0.003, design.thick + 0.02
        shapes += [
            box((-w, y0, 0), (-w + 0.012, y1, h)),
            box((w - 0.012, y0, 0), (w, y1, h)),
            box((-w + 0.012, y0, h - 0.012), (w - 0.012, y1, h)),
        ]
    return [Piece(shape, design.casing, bare=(0, 1, 0)) for shape in shapes]


def _leaves(rng: np.random.Generator, design: Design, double: bool) -> list[Leaf]:
    w, g = design.width / 2, design.gap
    z0, z1 = max(g, 0.006), design.height - g
    if double:
        return [
            Leaf((-w + g, -g / 2, z0, z1), -1, "left"),
            Leaf((g / 2, w - g, z0, z1), 1, "right"),
        ]
    return [Leaf((-w + g, w - g, z0, z1), (-1, 1)[rng.integers(2)], "")]


def _leaf(rng: np.random.Generator, design: Design, leaf: Leaf, body: list[Piece]) -> Part:
    x0, x1, z0, z1 = leaf.front
    (x, y), made = _hung(rng, design, leaf)
    body += [Piece(shape, design.metal) for shape in made.body]
    pieces = [*_board(design, leaf), *(Piece(shape, design.metal) for shape in made.part)]
    free = x1 if leaf.side < 0 else x0
    grip = (free + leaf.side * 0.06, 0.0, z0 + rng.uniform(0.45, 0.6) * (z1 - z0))
    if design.knob == "none":
        pull, grip = _pull((free + leaf.side * 0.07, 0.0, 1.05))
        pieces.append(Piece(pull, design.metal))
    upper = rng.uniform(85, 95) if design.hinges.kind == "pins" else rng.uniform(90, 120)
    verb = str(rng.choice(["open", "swing open"]))
    return Part(
        name=f"{leaf.word}_door".strip("_"),
        pieces=pieces,
        parent="frame",
        joint=hinge((0, 0, leaf.side), (x, y, z0), upper),
        prompt=" ".join(f"{verb} the {leaf.word} door".split()),
        grip=grip,
        opening=float(np.radians(rng.uniform(45, 80))),
    )


def _hung(
    rng: np.random.Generator, design: Design, leaf: Leaf
) -> tuple[tuple[float, float], Hardware]:
    """Where the axis is (x, y), and its hardware."""
    x0, x1, z0, z1 = leaf.front
    edge, s, style = (x0 if leaf.side < 0 else x1), leaf.side, design.hinges
    if style.kind == "pins":
        # A pivot door: the narrow side swings back into the room behind.
        aside = rng.uniform(0.06, 0.14)
        x, y = edge - s * aside, design.thick / 2
        reach = (s * (aside + 0.02), 0, 0)
    else:
        x, y = edge + s * design.gap / 2, -style.ahead
        x = edge if style.kind == "concealed" else x
        reach = (s * 0.03, 0, 0)
    start, end = (x, y, z0), (x, y, z1)
    return (x, y), hardware(style, start, end, (-s * 0.03, 0, 0), reach, (0, 1, 0))


def _board(design: Design, leaf: Leaf) -> list[Piece]:
    """A slab with raised fields, or stiles and rails around a pane."""
    x0, x1, z0, z1 = leaf.front
    t, wood, rail = design.thick, design.wood, 0.11
    if design.pane:
        shapes = [
            box((x0, 0, z0), (x0 + rail, t, z1), 0.002),
            box((x1 - rail, 0, z0), (x1, t, z1), 0.002),
            box((x0 + rail, 0, z0), (x1 - rail, t, z0 + 2 * rail), 0.002),
            box((x0 + rail, 0, z1 - rail), (x1 - rail, t, z1), 0.002),
        ]
        pane = box((x0 + rail, t / 2 - 0.003, z0 + 2 * rail), (x1 - rail, t / 2 + 0.003, z1 - rail))
        return [*(Piece(s, wood) for s in shapes), Piece(pane, design.glass)]
    pieces = [Piece(box((x0, 0, z0), (x1, t, z1), 0.002), wood, bare=(0, 1, 0))]
    for i in range(design.panels):
        low, high = (z0 + 0.12 + (z1 - z0 - 0.12) * (i + k) / design.panels for k in (0, 1))
        field = box((x0 + rail, -0.004, low), (x1 - rail, 0.0, high - 0.12), 0.003)
        pieces.append(Piece(field, wood, bare=(0, 1, 0)))
    return pieces


def _pull(at: Vector) -> tuple[Shape, Vector]:
    """A bow to pull at."""
    x, y, z = at
    corners = [(x, y, z - 0.15), (x, y - 0.05, z - 0.15), (x, y - 0.05, z + 0.15), (x, y, z + 0.15)]
    return tube(rounded_path(corners, 0.03), 0.01), (x, y - 0.06, z)


def _knob(rng: np.random.Generator, design: Design, leaf: Leaf, board: list[Piece]) -> Part:
    """A lever that is pressed down, or a round knob; one before the leaf and one behind."""
    x0, x1, _, _ = leaf.front
    free = x1 if leaf.side < 0 else x0
    at = (free + leaf.side * 0.065, 0.0, rng.uniform(0.98, 1.1))
    round_one = design.knob == "knob"
    length = rng.uniform(0.1, 0.13)
    front = (_ball() if round_one else _lever(leaf.side, length)).transformed(facing_front)
    rear = front.transformed(np.diag([1.0, -1.0, 1.0, 1.0])).moved((0, design.thick, 0))
    plate = disc(0.026, 0.0, 0.006, 0.001, 28).transformed(facing_front)
    behind = plate.transformed(np.diag([1.0, -1.0, 1.0, 1.0])).moved((0, design.thick, 0))
    board.append(Piece(merged([plate, behind]).moved(at), design.metal))
    grip = (at[0] + leaf.side * 0.95 * length, at[1] - 0.055, at[2] + 0.008)
    joint = hinge((0, leaf.side, 0), at, rng.uniform(35, 55))
    verb, noun = str(rng.choice(["press down", "turn"])), "handle"
    opening = float(np.radians(rng.uniform(25, 34)))
    if round_one:
        joint, verb, noun = swivel((0, 1, 0), at), "turn", str(rng.choice(["knob", "door knob"]))
        grip, opening = (at[0], at[1] - 0.05, at[2] + 0.026), float(np.radians(70))
    return Part(
        name=f"{leaf.word}_{noun.split()[-1]}".strip("_"),
        pieces=[Piece(merged([front, rear]).moved(at), design.metal)],
        parent=f"{leaf.word}_door".strip("_"),
        joint=joint,
        prompt=" ".join(f"{verb} the {leaf.word} {noun}".split()),
        grip=grip,
        opening=opening,
    )


def _lever(side: int, length: float) -> Shape:
    """It points towards the hinges."""
    corners = [(0, 0, 0.007), (0, 0, 0.055), (side * length, 0, 0.055)]
    return tube(rounded_path(corners, 0.02), 0.009)


def _ball() -> Shape:
    profile = [(0.012, 0.007), (0.01, 0.03), (0.02, 0.036), (0.027, 0.048), (0.026, 0.058)]
    return lathe([*profile, (0.018, 0.066), (0.006, 0.069)], 28)
