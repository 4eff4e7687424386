"""Recliners: arm chairs and sun loungers whose back leans and whose foot rest unfolds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.placing import along_x, sideways
from backend.datasets.shapes import Shape, box, disc, merged, rod
from protocol.joint import Vector


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the seat is `width` wide between the arms, y from `front` to `rear`."""

    width: float
    arm: float
    front: float
    rear: float
    seat: float  # height of the cushion's top
    cushion: float
    back: float  # height of the back
    thick: float  # of the back
    cloth: Material
    frame: Material
    dark: Material


def recliner(rng: np.random.Generator) -> list[Part]:
    """Return an arm chair or a lounger."""
    return _armchair(rng) if rng.random() < 0.65 else _lounger(rng)


def _armchair(rng: np.random.Generator) -> list[Part]:
    design = _design(rng)
    parts = [Part("body", _body(rng, design))]
    parts += _back(rng, design)
    parts += _footrest(rng, design)
    if rng.random() < 0.6:
        parts.append(_lever(rng, design))
    return parts


def _design(rng: np.random.Generator) -> Design:
    seat = rng.uniform(0.42, 0.5)
    return Design(
        width=rng.uniform(0.5, 0.62),
        arm=rng.uniform(0.08, 0.16),
        front=-rng.uniform(0.26, 0.32),
        rear=rng.uniform(0.2, 0.28),
        seat=seat,
        cushion=rng.uniform(0.12, 0.17),
        back=rng.uniform(0.5, 0.7),
        thick=rng.uniform(0.1, 0.16),
        cloth=materials.fabric(rng),
        frame=materials.wood(rng),
        dark=materials.metal(rng, "black_metal"),
    )


def _body(rng: np.random.Generator, design: Design) -> list[Piece]:
    """Two arms on feet, the seat cushion between them and bars below it."""
    half, arm = design.width / 2, design.arm
    top, deep = design.seat + rng.uniform(0.12, 0.2), design.rear + 0.08
    bulge = rng.uniform(0.0, 0.02)
    pieces, feet = [], []
    for side in (-1, 1):
        low, high = sorted((side * half, side * (half + arm)))
        block = box((low, design.front, 0.06), (high, deep, top - 0.05), 0.02)
        near, far = sorted((side * half, side * (half + arm + bulge)))
        pad = box((near, design.front - bulge, top - 0.06), (far, deep, top), 0.025)
        pieces += [Piece(block, design.cloth, bare=(0, 0, -1)), Piece(pad, design.cloth)]
        for y in (design.front + 0.05, deep - 0.05):
            x = side * (half + arm / 2)
            feet.append(disc(0.022, 0.0, 0.065).moved((x, y, 0.0)))
    under = design.seat - design.cushion
    cushion = box(
        (-half + 0.002, design.front, under), (half - 0.002, design.rear, design.seat), 0.03
    )
    bars = [
        box((-half - 0.01, y, under - 0.04), (half + 0.01, y + 0.03, under + 0.005))
        for y in (design.front + 0.12, design.rear - 0.06)
    ]
    return [
        *pieces,
        Piece(cushion, design.cloth, bare=(0, 0, -1)),
        Piece(merged(bars), design.frame, hidden=True),
        Piece(merged(feet), design.frame),
    ]


def _back(rng: np.random.Generator, design: Design) -> list[Part]:
    """A cushion that turns on a pin inside its foot; a head rest slides on it."""
    half, thick = design.width / 2 - 0.008, design.thick
    low = design.seat - rng.uniform(0.02, 0.08)
    lift = rng.uniform(0.25, 0.5) * thick
    swing = float(np.hypot(thick / 2, lift)) + 0.006
    y, z = design.rear + swing, low + lift
    at, top = (0.0, y, z), low + design.back
    plump = rng.uniform(0.02, 0.04)
    face, rear = y - thick / 2, y + thick / 2
    profile = [
        (face, low),
        (rear, low),
        (rear + 0.01, top),
        (y, top + 0.01),
        (face + 0.02, top - 0.02),
    ]
    slab = sideways(profile, -half, half, plump)
    pieces = [Piece(slab, design.cloth, bare=(0, 1, 0))]
    verb = str(rng.choice(["lean back the {}", "recline the {}", "tilt the {}"]))
    noun = str(rng.choice(["back", "backrest"]))
    joint = hinge((-1, 0, 0), at, rng.uniform(30, 55))
    opening = float(np.radians(rng.uniform(18, 28)))
    grip = (0.0, y - thick / 2 + 0.02, top - 0.06)
    parts = [Part("back", pieces, "body", joint, verb.format(noun), grip, opening)]
    if rng.random() < 0.45:
        parts.append(_headrest(rng, design, y, top + 0.012))
    return parts


def _headrest(rng: np.random.Generator, design: Design, y: float, z: float) -> Part:
    half, tall = rng.uniform(0.12, 0.16), rng.uniform(0.1, 0.15)
    pad = box((-half, y - 0.045, z), (half, y + 0.04, z + tall), 0.03)
    posts = [rod((x, y, z - 0.09), (x, y, z + 0.02), 0.007) for x in (-0.06, 0.06)]
    joint = slide((0, 0, 1), rng.uniform(0.05, 0.08))
    noun = str(rng.choice(["headrest", "head cushion"]))
    prompt = f"{rng.choice(['raise', 'pull up', 'lift'])} the {noun}"
    pieces = [Piece(pad, design.cloth, bare=(0, 0, -1)), Piece(merged(posts), design.dark)]
    grip = (0.0, y - 0.045, z + tall / 2)
    return Part("headrest", pieces, "back", joint, prompt, grip, 0.9 * joint.upper)


def _footrest(rng: np.random.Generator, design: Design) -> list[Part]:
    """A panel that hangs before the seat, at times with a flap folded up behind it."""
    half, thick = design.width / 2 - 0.006, rng.uniform(0.045, 0.06)
    gap = 0.21 * thick + 0.003
    y, top = design.front - gap - thick / 2, design.seat - rng.uniform(0.03, 0.08)
    low = rng.uniform(0.08, 0.12)
    z = top - thick / 2
    panel = box((-half, y - thick / 2, low), (half, y + thick / 2, top), 0.012)
    upper, out = rng.uniform(75, 92), bool(rng.random() < 0.4)
    joint = hinge((-1, 0, 0), (0.0, y, z), upper)
    noun = str(rng.choice(["footrest", "foot rest", "leg rest"]))
    rest = Part(
        "footrest",
        [Piece(panel, design.cloth, bare=(0, 1, 0))],
        "body",
        joint,
        f"{rng.choice(['raise', 'lift', 'lift up'])} the {noun}",
        (0.0, y - thick / 2, low + 0.05),
        float(np.radians(rng.uniform(40, 65))),
        rest=joint.upper if out else 0.0,
        closing=f"{rng.choice(['lower', 'fold down'])} the {noun}",
    )
    if rng.random() < 0.5:
        return [rest]
    deep, tall = 0.03, rng.uniform(0.5, 0.7) * (design.seat - design.cushion - low)
    back = y + thick / 2 + 0.004
    flap = box((-0.8 * half, back, low + 0.006), (0.8 * half, back + deep, low + tall), 0.01)
    at = (0.0, back, low + 0.002)
    pins = [
        rod((x - 0.02, *at[1:]), (x + 0.02, *at[1:]), 0.0035) for x in (-0.6 * half, 0.6 * half)
    ]
    arm = box((-0.01, back, low), (0.01, back + 0.012, low + 0.02))
    arms = [arm.moved((x, 0, 0)) for x in (-0.6 * half, 0.6 * half)]
    joint = hinge((-1, 0, 0), at, rng.uniform(140, 160))
    prompt = f"{rng.choice(['unfold', 'fold out', 'open'])} the {rng.choice(['flap', 'foot flap'])}"
    pieces = [
        Piece(flap, design.cloth, bare=(0, -1, 0)),
        Piece(merged([*pins, *arms]), design.dark),
    ]
    grip, opening = (0.0, back + deep, low + 0.9 * tall), float(np.radians(rng.uniform(80, 120)))
    return [rest, Part("flap", pieces, "footrest", joint, prompt, grip, opening, ajar=False)]


def _lever(rng: np.random.Generator, design: Design) -> Part:
    """A handle outside the right arm."""
    x = design.width / 2 + design.arm + 0.0012
    at = (x, rng.uniform(-0.12, 0.0), rng.uniform(0.28, 0.36))
    reach = rng.uniform(0.12, 0.17)
    boss = disc(0.022, 0.0, 0.016, 0.002).transformed(along_x).moved(at)
    profile = [(-reach, -0.012), (0.0, -0.014), (0.0, 0.014), (-reach, 0.008)]
    bar = sideways(profile, 0.006, 0.02, 0.003).moved(at)
    joint = hinge((-1, 0, 0), at, rng.uniform(40, 70))
    prompt = f"{rng.choice(['raise', 'lift', 'lift up'])} the lever"
    grip = (x + 0.013, at[1] - 0.92 * reach, at[2] + 0.008)
    pieces = [Piece(merged([boss, bar]), design.frame, bare=(-1, 0, 0))]
    opening = 0.8 * joint.upper
    return Part("lever", pieces, "body", joint, prompt, grip, opening)


def _lounger(rng: np.random.Generator) -> list[Part]:
    """A slatted frame on legs or on two wheels, with a back to raise and a part for the legs."""
    half, length = rng.uniform(0.28, 0.34), rng.uniform(1.75, 1.95)
    high, thick, bar = rng.uniform(0.28, 0.36), rng.uniform(0.018, 0.025), 0.045
    wood = materials.wood(rng) if rng.random() < 0.6 else materials.metal(rng)
    rubber = materials.rubber(rng)
    front, rear = -length / 2, length / 2
    rails = [
        box((x, front, high - 0.06), (x + bar, rear, high), 0.004) for x in (-half - bar, half)
    ]
    cross = [
        box((-half, y, high - 0.055), (half, y + 0.03, high - 0.03)) for y in (front, rear - 0.03)
    ]
    hip, knee = rng.uniform(0.0, 0.15), rng.uniform(-0.4, -0.25)
    legs, radius = bool(rng.random() < 0.6), rng.uniform(0.07, 0.1)
    rolls = bool(rng.random() < 0.4)
    posts = []
    for y in (front + 0.1, rear - 0.2):
        for side in (-1, 1):
            if rolls and y > 0:
                low, foot = radius - 0.015, 0.03
            else:
                low, foot = 0.0, 0.025
            x = side * (half + bar / 2)
            posts.append(box((x - bar / 2, y - foot, low), (x + bar / 2, y + foot, high - 0.055)))
    pieces = [Piece(merged([*rails, *cross, *posts]), wood)]
    middle = (knee + 0.003 if legs else front + 0.04, hip)
    pieces.append(Piece(_slats(half, middle, high, thick), wood, bare=(0, 0, -1)))
    parts = [
        Part("frame", pieces),
        _section(rng, half, (hip + 0.006, rear - 0.04), high, thick, wood),
    ]
    if legs:
        parts.append(_leg_section(rng, half, (front + 0.04, knee - 0.003), high, thick, wood))
    if rolls:
        for side, word in ((-1, "left"), (1, "right")):
            at = (side * (half + bar + 0.022), rear - 0.2, radius)
            wheel = disc(radius, -0.018, 0.018, 0.005, 40).transformed(along_x)
            hub = disc(0.3 * radius, -0.021, 0.021, 0.001, 24).transformed(along_x)
            spin = f"{rng.choice(['spin', 'turn', 'rotate'])} the {word} wheel"
            grip = (at[0] + side * 0.018, at[1], at[2] + 0.85 * radius)
            made = [Piece(wheel.moved(at), rubber), Piece(hub.moved(at), wood)]
            parts.append(
                Part(f"{word}_wheel", made, "frame", swivel((1, 0, 0), at), spin, grip, 1.0)
            )
    return parts


def _slats(half: float, span: tuple[float, float], high: float, thick: float) -> Shape:
    """Boards across with two runners under them, their tops at `high`."""
    low, end = span
    count = max(int((end - low) / 0.08), 2)
    step = (end - low) / count
    wide = half - 0.004
    boards = [
        box((-wide, at, high - thick), (wide, at + 0.85 * step, high), 0.003)
        for at in low + step * np.arange(count)
    ]
    end = low + (count - 0.15) * step
    runners = [
        box((x - 0.012, low, high - thick - 0.012), (x + 0.012, end, high - thick + 0.002))
        for x in (-0.7 * half, 0.7 * half)
    ]
    return merged([*boards, *runners])


def _section(
    rng: np.random.Generator,
    half: float,
    span: tuple[float, float],
    high: float,
    thick: float,
    wood: Material,
) -> Part:
    """The back, flat at rest or raised already; it turns on a pin under its first board."""
    shape = _slats(half, span, high, thick)
    at: Vector = (0.0, span[0] + thick + 0.004, high - thick / 2)
    joint = hinge((1, 0, 0), at, rng.uniform(55, 75))
    noun = str(rng.choice(["back", "backrest"]))
    raised = rng.uniform(0.4, 0.8) * joint.upper if rng.random() < 0.4 else 0.0
    prompt = f"{rng.choice(['raise', 'lift', 'lift up'])} the {noun}"
    grip = (0.0, span[1] - 0.01, high)
    closing = f"{rng.choice(['lower', 'fold down'])} the {noun}"
    opening = float(np.radians(rng.uniform(30, 50)))
    pieces = [Piece(shape, wood, bare=(0, 0, -1))]
    return Part("back", pieces, "frame", joint, prompt, grip, opening, rest=raised, closing=closing)


def _leg_section(
    rng: np.random.Generator,
    half: float,
    span: tuple[float, float],
    high: float,
    thick: float,
    wood: Material,
) -> Part:
    """The end under the legs; its outer edge is raised."""
    shape = _slats(half, span, high, thick)
    end = span[1] - 0.15 * (span[1] - span[0]) / max(int((span[1] - span[0]) / 0.08), 2)
    at: Vector = (0.0, end - thick, high - thick / 2)
    joint = hinge((-1, 0, 0), at, rng.uniform(25, 45))
    noun = str(rng.choice(["leg rest", "footrest", "foot end"]))
    prompt = f"{rng.choice(['raise', 'lift', 'lift up'])} the {noun}"
    grip, opening = (0.0, span[0] + 0.01, high), float(np.radians(rng.uniform(15, 24)))
    pieces = [Piece(shape, wood, bare=(0, 0, -1))]
    return Part("leg_rest", pieces, "frame", joint, prompt, grip, opening)
