"""Drills: cordless ones with a trigger and a battery, presses with a feed and a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel, turn_and_slide
from backend.datasets.placing import along_x, frame, sideways
from backend.datasets.shapes import (
    Shape,
    box,
    disc,
    lathe,
    loft,
    merged,
    prism,
    ring,
    rod,
    rounded_rectangle,
)
from protocol.joint import Vector


@dataclass(frozen=True, eq=False)
class Design:
    """Materials of a drill."""

    shell: Material
    grip: Material
    metal: Material


def drill(rng: np.random.Generator) -> list[Part]:
    """Return a cordless drill standing on its battery, or a drill press."""
    design = Design(materials.plastic(rng), materials.rubber(rng), materials.metal(rng))
    return _cordless(rng, design) if rng.random() < 0.65 else _press(rng, design)


def _cordless(rng: np.random.Generator, design: Design) -> list[Part]:
    """The motor lies along y, its chuck in front; the handle leans back under it."""
    radius, high = rng.uniform(0.024, 0.032), rng.uniform(0.17, 0.21)
    front, back = -rng.uniform(0.045, 0.065), rng.uniform(0.06, 0.085)
    cell, lean = rng.uniform(0.03, 0.05), rng.uniform(0.0, 0.02)
    pieces = [
        Piece(_motor(radius, front, back, high), design.shell),
        Piece(_handle(cell, high - 0.6 * radius, lean), design.grip),
        Piece(_foot(cell), design.shell, bare=(0, 0, -1)),
    ]
    pieces += [Piece(shape, design.grip) for shape in _vents(rng, radius, back, high)]
    parts = [Part("body", pieces)]
    start = front - 0.0008
    if rng.random() < 0.6:
        parts.append(_collar(rng, design, radius, start, high))
        start -= 0.0218
    parts.append(_chuck(rng, design, radius, start, high))
    trigger, guide = _trigger(rng, design, high - radius, lean)
    pieces.append(Piece(guide, design.grip, hidden=True))
    parts.append(trigger)
    parts.append(_battery(rng, design, cell))
    if rng.random() < 0.6:
        parts.append(_selector(rng, design, radius, high, pieces))
    return parts


def _motor(radius: float, front: float, back: float, z: float) -> Shape:
    profile = [
        (0.55 * radius, -back),
        (0.85 * radius, -back + 0.004),
        (radius, -back + 0.016),
        (radius, -front - 0.02),
        (0.86 * radius, -front - 0.004),
        (0.86 * radius, -front),
    ]
    return lathe(profile, 40).transformed(facing_front).moved((0, 0, z))


def _handle(low: float, high: float, lean: float) -> Shape:
    """An oval grip that leans: its foot is ahead of its head."""
    shares = np.linspace(0.0, 1.0, 6)
    rings = []
    for share in shares:
        waist = 1.0 - 0.15 * np.sin(np.pi * share)
        outline = rounded_rectangle(0.034 * waist, 0.046 * waist, 0.016, 6)
        y = 0.012 + lean * share
        z = low + 0.012 + share * (high - low - 0.012)
        rings.append(np.column_stack([outline[:, 0], outline[:, 1] + y, np.full(len(outline), z)]))
    return loft(rings)


def _foot(cell: float) -> Shape:
    """What the battery slides under."""
    outline = rounded_rectangle(0.07, 0.1, 0.015)
    return prism(outline, cell + 0.001, cell + 0.014, 0.003)


def _vents(rng: np.random.Generator, radius: float, back: float, z: float) -> list[Shape]:
    """Ribs on both sides of the motor's end."""
    if rng.random() < 0.4:
        return []
    half, tall = radius + 0.0015, 0.5 * radius
    rib = box((-half, back - 0.02, z - tall), (half, back - 0.017, z + tall), 0.0007)
    ribs = [rib.moved((0, -step, 0)) for step in (0.0, 0.006, 0.012)]
    return [merged(ribs)]


def _ridged(radius: float, low: float, high: float, ribs: int) -> Shape:
    """A drum about z with ribs."""
    angles = np.arange(4 * ribs) * 2 * np.pi / (4 * ribs)
    reach = np.where(np.arange(4 * ribs) % 4 < 2, radius, radius - 0.0009)
    outline = reach[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    return prism(outline, low, high)


def _collar(
    rng: np.random.Generator, design: Design, radius: float, start: float, z: float
) -> Part:
    """The ring that sets the torque, about the gear's nose."""
    r = rng.uniform(0.78, 0.9) * radius
    shape = _ridged(r, -start, -start + 0.021, int(rng.choice([12, 16, 20])))
    at = (0.0, start, z)
    noun = str(rng.choice(["torque ring", "clutch ring", "collar"]))
    prompt = f"{rng.choice(['turn', 'rotate'])} the {noun}"
    pieces = [Piece(shape.transformed(facing_front).moved((0, 0, z)), design.grip)]
    grip = (0.0, start - 0.01, z + r)
    opening = float(np.radians(rng.uniform(45, 80)))
    return Part("collar", pieces, "body", swivel((0, -1, 0), at), prompt, grip, opening)


def _chuck(rng: np.random.Generator, design: Design, radius: float, start: float, z: float) -> Part:
    """A sleeve that narrows, three jaws and maybe a bit in them."""
    r, length = rng.uniform(0.6, 0.72) * radius, rng.uniform(0.032, 0.042)
    profile = [(r, 0.0), (r, 0.6 * length), (0.55 * r, length)]
    sleeve = lathe([(a, h - start) for a, h in profile], 32)
    ribs = _ridged(1.03 * r, 0.004 - start, 0.5 * length - start, 14)
    tips = [
        rod(
            (0.2 * r * np.cos(a), 0.2 * r * np.sin(a), length - start - 0.004),
            (0.14 * r * np.cos(a), 0.14 * r * np.sin(a), length - start + 0.005),
            0.16 * r,
            8,
        )
        for a in np.arange(3) * 2 * np.pi / 3
    ]
    shapes = [sleeve, ribs, *tips]
    if rng.random() < 0.6:
        bit = rng.uniform(0.04, 0.08)
        shapes.append(rod((0, 0, length - start), (0, 0, length - start + bit), 0.0025, 10))
    at = (0.0, start, z)
    pieces = [Piece(merged(shapes).transformed(facing_front).moved((0, 0, z)), design.metal)]
    prompt = f"{rng.choice(['turn', 'spin', 'rotate'])} the chuck"
    grip = (0.0, start - 0.25 * length, z + 1.03 * r)
    opening = float(np.radians(rng.uniform(50, 90)))
    return Part("chuck", pieces, "body", swivel((0, -1, 0), at), prompt, grip, opening)


def _trigger(
    rng: np.random.Generator, design: Design, top: float, lean: float
) -> tuple[Part, Shape]:
    """A curved key before the handle; it is pulled back, into a guide."""
    travel, tall = rng.uniform(0.005, 0.008), rng.uniform(0.022, 0.03)
    face = -0.0125 + 0.6 * lean - travel
    low = top - tall - 0.006
    profile = [
        (face - 0.008, low),
        (face, low),
        (face, low + tall),
        (face - 0.01, low + tall),
        (face - 0.006, low + 0.5 * tall),
    ]
    key = sideways(profile, -0.007, 0.007, 0.0012)
    half = 0.0076
    rails = []
    for side in (-1, 1):
        near, far = sorted((side * half, side * (half + 0.003)))
        low_corner, high_corner = (
            (near, face - 0.004, low),
            (far, face + travel + 0.004, low + tall),
        )
        rails.append(box(low_corner, high_corner, 0.0008))
    prompt = str(rng.choice(["pull the trigger", "press the trigger", "squeeze the trigger"]))
    grip = (0.0, face - 0.006, low + 0.5 * tall)
    pieces = [Piece(key, materials.paint(rng, "red") if rng.random() < 0.4 else design.shell)]
    part = Part("trigger", pieces, "body", slide((0, 1, 0), travel), prompt, grip, travel)
    return part, merged(rails)


def _battery(rng: np.random.Generator, design: Design, cell: float) -> Part:
    """A block under the foot that slides off to the front."""
    wide, deep = rng.uniform(0.06, 0.075), rng.uniform(0.085, 0.11)
    block = prism(rounded_rectangle(wide, deep, 0.012), 0.0, cell, 0.004)
    front = -deep / 2 - 0.002
    tab = box((-0.012, front, 0.45 * cell), (0.012, front + 0.004, 0.75 * cell), 0.001)
    travel = rng.uniform(0.6, 0.85) * deep
    prompt = f"{rng.choice(['slide out', 'pull out', 'slide off'])} the battery"
    grip = (0.0, front, 0.6 * cell)
    pieces = [Piece(block, design.shell, bare=(0, 0, 1)), Piece(tab, design.grip)]
    joint = slide((0, -1, 0), travel)
    return Part("battery", pieces, "body", joint, prompt, grip, 0.8 * travel, ajar=False)


def _selector(
    rng: np.random.Generator, design: Design, radius: float, z: float, fixed: list[Piece]
) -> Part:
    """The switch for the gears on top of the motor, between two rails."""
    travel, top = rng.uniform(0.006, 0.01), z + radius
    outline = rounded_rectangle(0.022, 0.022 + travel, 0.003)
    hole = rounded_rectangle(0.0152, 0.0152 + travel, 0.002)
    fixed.append(Piece(frame(outline, hole, -0.006, 0.0025).moved((0, 0.01, top)), design.grip))
    y = 0.01 - travel / 2 if rng.random() < 0.5 else 0.01 + travel / 2
    way = 1.0 if y < 0.01 else -1.0
    key = box((-0.007, y - 0.007, top + 0.0006), (0.007, y + 0.007, top + 0.005), 0.001)
    noun = str(rng.choice(["gear switch", "speed switch", "gear selector"]))
    prompt = f"slide the {noun} {'back' if way > 0 else 'forward'}"
    pieces = [Piece(key, design.shell)]
    grip, joint = (0.0, y, top + 0.005), slide((0, way, 0), travel)
    return Part("selector", pieces, "body", joint, prompt, grip, travel)


def _press(rng: np.random.Generator, design: Design) -> list[Part]:
    """A head on a column over a table that turns about the column and slides along it."""
    tall, column, behind = rng.uniform(0.7, 0.95), rng.uniform(0.02, 0.028), rng.uniform(0.12, 0.15)
    head, drum = rng.uniform(0.13, 0.17), rng.uniform(0.055, 0.07)
    base = prism(rounded_rectangle(0.2, 0.36, 0.03), 0.0, 0.03, 0.006)
    post = rod((0, behind, 0.029), (0, behind, tall - 0.02), column, 32)
    collar = ring(column - 0.002, column + 0.012, 0.029, 0.06).moved((0, behind, 0))
    low = tall - head
    case = prism(rounded_rectangle(2 * drum, behind + drum + 0.1, 0.03), low, tall, 0.01)
    case = case.moved((0, (behind + 0.1 - drum) / 2, 0))
    hole = 0.03
    pieces = [
        Piece(merged([base, collar]), design.shell, bare=(0, 0, -1)),
        Piece(post, design.metal),
        Piece(case, design.shell, bare=(0, 0, -1)),
        Piece(ring(hole, hole + 0.008, low - 0.02, low + 0.001), design.metal),
    ]
    parts = [Part("body", pieces)]
    travel = rng.uniform(0.05, 0.08)
    parts += _spindle(rng, design, hole - 0.0008, low, travel)
    parts.append(_feed(rng, design, (drum + 0.0008, 0.02, low + 0.45 * head)))
    return [*parts, _table(rng, design, column, behind, low - rng.uniform(0.235, 0.27))]


def _spindle(
    rng: np.random.Generator, design: Design, radius: float, low: float, travel: float
) -> list[Part]:
    """A quill that is lowered out of the head, with a chuck that spins in it."""
    high = low - 0.0008
    quill = disc(radius, low - 0.045, high, 0.002)
    prompt = f"{rng.choice(['lower', 'pull down'])} the {rng.choice(['quill', 'spindle'])}"
    joint, grip = slide((0, 0, -1), min(travel, 0.018)), (0.0, -radius, low - 0.035)
    made = [Piece(quill, design.metal, bare=(0, 0, 1))]
    part = Part("quill", made, "body", joint, prompt, grip, joint.upper)
    top, r = low - 0.0458, rng.uniform(0.018, 0.024)
    sleeve = lathe([(0.5 * r, top - 0.05), (r, top - 0.032), (r, top - 0.001), (0.8 * r, top)], 32)
    shapes = [sleeve, _ridged(1.03 * r, top - 0.03, top - 0.01, 14)]
    shapes.append(rod((0, 0, top - 0.05 - rng.uniform(0.03, 0.05)), (0, 0, top - 0.049), 0.003, 10))
    spin = f"{rng.choice(['turn', 'spin', 'rotate'])} the chuck"
    at = (0.0, 0.0, top)
    chuck = Part(
        "chuck",
        [Piece(merged(shapes), design.metal)],
        "quill",
        swivel((0, 0, 1), at),
        spin,
        (0.0, -1.03 * r, top - 0.02),
        float(np.radians(rng.uniform(45, 90))),
    )
    return [part, chuck]


def _feed(rng: np.random.Generator, design: Design, at: Vector) -> Part:
    """Three spokes with balls on a hub, on the right of the head."""
    reach, first = rng.uniform(0.13, 0.18), rng.uniform(0, 120)
    hub = disc(0.022, 0.0, 0.03, 0.003)
    spokes, balls = [], []
    for angle in np.radians(first + np.array([0, 120, 240])):
        way = np.array([np.cos(angle), np.sin(angle), 0.0])
        tip = reach * way + np.array([0.0, 0.0, 0.05])
        spokes.append(rod(np.array([0.0, 0.0, 0.018]), tip, 0.005, 12))
        turns = np.linspace(-0.45 * np.pi, 0.45 * np.pi, 7)
        ball = lathe(0.014 * np.column_stack([np.cos(turns), np.sin(turns)]), 16)
        balls.append(ball.moved(tip))
    made = [(merged([hub, *spokes]), design.metal), (merged(balls), design.grip)]
    pieces = [Piece(shape.transformed(along_x).moved(at), stuff) for shape, stuff in made]
    limit = rng.uniform(150, 270)
    joint = hinge((1, 0, 0), at, limit)
    noun = str(rng.choice(["feed lever", "feed handle", "handle"]))
    prompt = f"{rng.choice(['turn', 'pull', 'rotate'])} the {noun}"
    # What was modelled along x, y lies along -z, y.
    angle = np.radians(first)
    across, down = reach * float(np.sin(angle)), reach * float(np.cos(angle))
    grip = (at[0] + 0.064, at[1] + across, at[2] - down)
    opening = float(np.radians(rng.uniform(45, 80)))
    return Part("feed", pieces, "body", joint, prompt, grip, opening)


def _table(
    rng: np.random.Generator, design: Design, column: float, behind: float, level: float
) -> Part:
    """A round or square top on an arm that clasps the column."""
    half, thick = min(rng.uniform(0.08, 0.13), behind - column - 0.006), 0.018
    if rng.random() < 0.5:
        top = disc(half, level, level + thick, 0.003, 48)
    else:
        top = prism(rounded_rectangle(2 * half, 1.8 * half, 0.015), level, level + thick, 0.003)
    clasp = ring(column + 0.0008, column + 0.016, level - 0.05, level + 0.012).moved((0, behind, 0))
    arm = box((-0.02, 0.0, level - 0.035), (0.02, behind - column - 0.006, level + 0.001), 0.003)
    screw = rod(
        (column + 0.012, behind, level - 0.02), (column + 0.05, behind, level - 0.02), 0.005
    )
    limit, up = rng.uniform(45, 90), rng.uniform(0.01, 0.03)
    down = min(rng.uniform(0.05, 0.15), level - 0.13)
    joint = turn_and_slide((0, 0, 1), (0, behind, level), limit, (-down, up), lower=-limit)
    prompt = f"{rng.choice(['swing', 'turn', 'rotate'])} the table"
    pieces = [Piece(top, design.shell, bare=(0, 0, -1))]
    pieces.append(Piece(merged([clasp, arm, screw]), design.metal))
    grip, opening = (0.0, -0.9 * half, level + thick / 2), float(np.radians(rng.uniform(25, 40)))
    return Part("table", pieces, "body", joint, prompt, grip, opening)
