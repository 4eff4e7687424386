"""Safes: a thick door on outside hinges with a wheel, a lever or a dial on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.hardware import HingeStyle, hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, swivel
from backend.datasets.shapes import Shape, box, disc, lathe, merged, rod, rounded_path, tube
from protocol.joint import Vector


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the housing fills y from 0 to `depth`, the door stands before it."""

    width: float
    height: float
    depth: float
    wall: float
    door: float
    gap: float
    foot: float
    side: int  # -1: the door hangs on the left, 1: on the right
    hinges: HingeStyle
    shell: Material
    front: Material
    metal: Material
    dark: Material

    @property
    def front_y(self) -> float:
        """Where the outer face of the closed door is."""
        return -self.gap - self.door


def safe(rng: np.random.Generator) -> list[Part]:
    """Return a safe with its door shut."""
    design = _design(rng)
    body = _housing(design)
    door = _door(rng, design, body)
    z = design.foot + design.height * rng.uniform(0.4, 0.5)
    x = -design.side * rng.uniform(0.05, 0.2) * design.width
    turns = [_wheel, _lever][rng.integers(2)](rng, design, (x, design.front_y, z))
    parts = [Part("body", body), door, turns]
    if rng.random() < 0.7:
        above = z + 0.26 * design.height
        parts.append(_dial(rng, design, (x, design.front_y, above)))
    else:
        door.pieces.extend(_keypad(design, (x, design.front_y, z + 0.24 * design.height)))
    return parts


def _design(rng: np.random.Generator) -> Design:
    painted = materials.paint(rng, str(rng.choice(["graphite", "navy", "sage", "cream"])))
    return Design(
        width=rng.uniform(0.36, 0.55),
        height=rng.uniform(0.4, 0.75),
        depth=rng.uniform(0.32, 0.45),
        wall=rng.uniform(0.02, 0.035),
        door=rng.uniform(0.03, 0.06),
        gap=rng.uniform(0.003, 0.005),
        foot=rng.uniform(0.012, 0.04),
        side=(-1, 1)[rng.integers(2)],
        hinges=hinge_style(rng, ("butts", "pins", "arms", "arms")),
        shell=painted,
        front=painted if rng.random() < 0.6 else materials.metal(rng, "steel"),
        metal=materials.metal(rng),
        dark=materials.rubber(rng),
    )


def _housing(design: Design) -> list[Piece]:
    w, d, t = design.width / 2, design.depth, design.wall
    low, high = design.foot, design.foot + design.height
    shell = design.shell
    feet = [
        disc(0.02, 0.0, low).moved((x, y, 0))
        for x in (-w + 0.05, w - 0.05)
        for y in (0.05, d - 0.05)
    ]
    middle = (low + high) / 2
    return [
        Piece(box((-w, 0, low), (-w + t, d, high), 0.004), shell, bare=(1, 0, 0)),
        Piece(box((w - t, 0, low), (w, d, high), 0.004), shell, bare=(-1, 0, 0)),
        Piece(box((-w + t, 0, low), (w - t, d, low + t), 0.002), shell),
        Piece(box((-w + t, 0, high - t), (w - t, d, high), 0.002), shell, bare=(0, 0, -1)),
        Piece(box((-w + t, d - t, low + t), (w - t, d, high - t)), shell, hidden=True),
        Piece(box((-w + t, 0.08, middle), (w - t, d - t, middle + 0.004)), shell, hidden=True),
        Piece(merged(feet), design.dark),
    ]


def _door(rng: np.random.Generator, design: Design, body: list[Piece]) -> Part:
    w, s = design.width / 2 - 0.001, design.side
    y0, y1 = design.front_y, -design.gap
    z0, z1 = design.foot + 0.002, design.foot + design.height - 0.002
    (x, y), hung, fixed = _hanging(design, z0, z1)
    body += [Piece(shape, design.metal) for shape in fixed]
    edge = 0.03
    step = box((-w + edge, y0 - 0.004, z0 + edge), (w - edge, y0, z1 - edge), 0.003)
    pieces = [
        Piece(box((-w, y0, z0), (w, y1, z1), 0.004), design.front, bare=(0, 1, 0)),
        Piece(step, design.front, bare=(0, 1, 0)),
    ]
    if hung:
        pieces.append(Piece(merged(hung), design.metal))
    free = -s * w
    grip = (free, y0, (z0 + z1) / 2)
    return Part(
        name="door",
        pieces=pieces,
        parent="body",
        joint=hinge((0, 0, s), (x, y, z0), rng.uniform(95, 130)),
        prompt=str(rng.choice(["open the safe", "open the door", "swing open the door"])),
        grip=grip,
        opening=float(np.radians(rng.uniform(50, 85))),
    )


def _hanging(
    design: Design, z0: float, z1: float
) -> tuple[tuple[float, float], list[Shape], list[Shape]]:
    """Where the axis is (x, y), and what of the hinges is on the door and on the housing.

    Butts are screwed to the sides, pins are inside the door, arms carry it from beside.
    """
    s, w, style = design.side, design.width / 2, design.hinges
    if style.kind == "arms":
        return _arms(design, z0, z1)
    if style.kind == "pins":
        behind = 0.6 * design.door
        x = s * (w - 0.85 * float(np.sqrt(2 * behind * design.gap)))
        y, reach, inwards = -design.gap - behind, (0, behind + 0.03, 0), (0, 1, 0)
        leaf = (0.0, 0.01, 0.0)
    else:
        x, y = s * (w + style.radius), -design.gap / 2
        leaf, reach, inwards = (0, -0.9 * design.door, 0), (0, 0.04, 0), (-s, 0, 0)
    made = hardware(style, (x, y, z0), (x, y, z1), leaf, reach, inwards)
    return (x, y), made.part, made.body


def _arms(
    design: Design, z0: float, z1: float
) -> tuple[tuple[float, float], list[Shape], list[Shape]]:
    """Lugs at the door's side that end in eyes between brackets of the housing."""
    s, w, r = design.side, design.width / 2, 1.5 * design.hinges.radius
    x, y = s * (w + 2.2 * r), -design.gap - design.door / 2
    hung, fixed = [], []
    for z in (z0 + 0.16 * (z1 - z0), z1 - 0.16 * (z1 - z0)):
        low, high = sorted((s * (w - 0.002), x))
        hung += [
            rod((x, y, z - 0.03), (x, y, z + 0.03), r, 20),
            box((low, y - 0.7 * r, z - 0.025), (high, y + 0.7 * r, z + 0.025)),
        ]
        for end in (-1, 1):
            a, b = sorted((z + end * 0.0306, z + end * 0.046))
            web = sorted((s * (w - 0.002), s * (w + 3.2 * r)))
            fixed += [
                rod((x, y, a), (x, y, b), r, 20),
                box((web[0], y + 0.2 * r, a), (web[1], 0.03, b)),
            ]
    return (x, y), hung, fixed


def _wheel(rng: np.random.Generator, design: Design, at: Vector) -> Part:
    """A ring on spokes, or spokes with balls."""
    radius, out, count = rng.uniform(0.05, 0.075), 0.04, int(rng.integers(3, 6))
    angles = np.arange(count) * 2 * np.pi / count + np.pi / 2
    tips = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    shapes = [lathe([(0.016, 0.0052), (0.013, 0.02), (0.018, out), (0.012, out + 0.01)], 24)]
    shapes += [rod((0, 0, out - 0.006), (x, y, out), 0.005, 10) for x, y in tips]
    if rng.random() < 0.6:
        around = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        path = np.column_stack([radius * np.cos(around), radius * np.sin(around), np.full(40, out)])
        shapes.append(tube(path, 0.007, 10, closed=True))
    else:
        ball = [(0.004, -0.01), (0.009, -0.005), (0.011, 0.0), (0.009, 0.005), (0.004, 0.01)]
        shapes += [lathe(ball, 14).moved((x, y, out)) for x, y in tips]
    noun = str(rng.choice(["wheel", "handle wheel", "handle"]))
    placed = merged(shapes).transformed(facing_front).moved(at)
    return Part(
        name="wheel",
        pieces=[Piece(placed, design.metal)],
        parent="door",
        joint=swivel((0, (-1, 1)[rng.integers(2)], 0), at),
        prompt=f"{rng.choice(['turn', 'spin', 'rotate'])} the {noun}",
        grip=(at[0], at[1] - out, at[2] + radius),
        opening=float(np.radians(rng.uniform(50, 100))),
    )


def _lever(rng: np.random.Generator, design: Design, at: Vector) -> Part:
    """A lever that points away from the hinge and is pressed down."""
    length, out, way = rng.uniform(0.08, 0.11), 0.035, -design.side
    corners = [(0, 0, 0.012), (0, 0, out), (way * length, 0, out)]
    shapes = [
        disc(0.02, 0.0052, 0.014, 0.002, 28),
        tube(rounded_path(corners, 0.015), 0.007, 12),
    ]
    placed = merged(shapes).transformed(facing_front).moved(at)
    noun = str(rng.choice(["lever", "handle"]))
    return Part(
        name="lever",
        pieces=[Piece(placed, design.metal)],
        parent="door",
        joint=hinge((0, way, 0), at, rng.uniform(45, 90)),
        prompt=f"{rng.choice(['turn', 'press down'])} the {noun}",
        grip=(at[0] + way * 0.95 * length, at[1] - out, at[2] + 0.007),
        opening=float(np.radians(rng.uniform(30, 42))),
    )


def _dial(rng: np.random.Generator, design: Design, at: Vector) -> Part:
    """A combination dial: a rim with marks and a knob."""
    radius = rng.uniform(0.028, 0.038)
    profile = [(radius, 0.0052), (radius, 0.011), (0.6 * radius, 0.016), (0.45 * radius, 0.03)]
    marks = [
        box((-0.0008, 0.8 * radius, 0.008), (0.0008, 0.96 * radius, 0.0125)).transformed(
            _about_z(angle)
        )
        for angle in np.arange(12) * np.pi / 6
    ]
    shape = merged([lathe([*profile, (0.4 * radius, 0.032)], 36), *marks])
    placed = shape.transformed(facing_front).moved(at)
    noun = str(rng.choice(["dial", "combination dial", "combination lock"]))
    return Part(
        name="dial",
        pieces=[Piece(placed, design.metal)],
        parent="door",
        joint=swivel((0, 1, 0), at),
        prompt=f"{rng.choice(['turn', 'rotate'])} the {noun}",
        grip=(at[0], at[1] - 0.009, at[2] + 0.97 * radius),
        opening=float(np.radians(rng.uniform(50, 110))),
    )


def _keypad(design: Design, at: Vector) -> list[Piece]:
    """A plate with keys that do not move here."""
    x, y, z = at
    plate = box((x - 0.035, y - 0.01, z - 0.045), (x + 0.035, y, z + 0.045), 0.002)
    keys = [
        box((x + i * 0.02 - 0.007, y - 0.013, z + j * 0.02 - 0.007),
            (x + i * 0.02 + 0.007, y - 0.01, z + j * 0.02 + 0.007))
        for i in (-1, 0, 1) for j in (-1.5, -0.5, 0.5, 1.5)
    ]  # fmt: skip
    return [Piece(plate, design.dark), Piece(merged(keys), design.metal)]


def _about_z(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
