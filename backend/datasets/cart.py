"""Carts: trolleys on castors, with a handle that folds, and wagons with a shaft that steers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.placing import along_x, sideways
from backend.datasets.shapes import (
    Shape,
    box,
    disc,
    merged,
    prism,
    ring,
    rod,
    rounded_path,
    rounded_rectangle,
    tray,
    tube,
)
from protocol.joint import Vector

corners = {
    "front left": (-1, -1),
    "front right": (1, -1),
    "rear left": (-1, 1),
    "rear right": (1, 1),
}


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the deck lies `deck` above the floor, on wheels at (±track, ±base)."""

    width: float
    length: float
    deck: float
    wheel: float  # radius
    tread: float  # width of a wheel
    trail: float  # of a castor's axle behind its pivot
    track: float
    base: float
    spokes: int
    paint: Material
    metal: Material
    dark: Material


def cart(rng: np.random.Generator) -> list[Part]:
    """Return a platform trolley, a serving trolley or a wagon."""
    return [_platform, _serving, _wagon][int(rng.choice([0, 0, 1, 2]))](rng)


def _platform(rng: np.random.Generator) -> list[Part]:
    """Two fixed wheels in front, two castors behind, where the handle is."""
    design = _design(rng, rng.uniform(0.05, 0.07))
    w, length, z = design.width, design.length, design.deck
    plate = prism(rounded_rectangle(w, length, 0.04), z - 0.03, z, 0.006)
    mat = prism(rounded_rectangle(0.94 * w, 0.92 * length, 0.03), z - 0.001, z + 0.003)
    pieces = [Piece(plate, design.paint, bare=(0, 0, -1)), Piece(mat, design.dark)]
    handle, ears = _folding_handle(rng, design)
    pieces.append(Piece(ears, design.metal))
    parts = [Part("deck", pieces), handle]
    for word, (sx, sy) in corners.items():
        at = (sx * design.track, sy * design.base, 0.0)
        if sy > 0:
            pieces.append(Piece(_top_plate(at, z - 0.03), design.metal))
            parts += _castor(rng, design, word, at, z - 0.034, "deck")
        else:
            pieces.append(Piece(_bracket(design, at, z - 0.029), design.metal))
            parts.append(_wheel(rng, design, word, (at[0], at[1], design.wheel), "deck"))
    return parts


def _serving(rng: np.random.Generator) -> list[Part]:
    """Two or three trays between four posts, all four castors swivel; sometimes a drawer."""
    design = _design(rng, rng.uniform(0.03, 0.05))
    w, d = design.width / 2, design.length / 2
    top, count = rng.uniform(0.7, 0.9), int(rng.integers(2, 4))
    levels, rim = np.linspace(design.deck, top - 0.06, count), rng.uniform(0.03, 0.06)
    pieces = [
        Piece(tray((-w, -d, z), (w, d, z + rim), 0.004), design.paint, bare=(0, 0, -1))
        for z in levels
    ]
    posts = [
        rod(
            (sx * (w + 0.009), sy * 0.9 * d, design.deck - 0.01),
            (sx * (w + 0.009), sy * 0.9 * d, top),
            0.01,
        )
        for sx, sy in corners.values()
    ]
    bar = [(x, 0.9 * d, top - 0.01) for x in (-w - 0.009, w + 0.009)]
    path = [bar[0], (bar[0][0], d + 0.1, top), (bar[1][0], d + 0.1, top), bar[1]]
    pieces.append(Piece(merged([*posts, tube(rounded_path(path, 0.04), 0.01)]), design.metal))
    parts = [Part("frame", pieces)]
    for word, (sx, sy) in corners.items():
        at = (sx * design.track, sy * design.base, 0.0)
        pieces.append(Piece(_top_plate(at, design.deck), design.metal))
        parts += _castor(rng, design, word, at, design.deck - 0.004, "frame")
    if rng.random() < 0.5:
        parts.append(_drawer(rng, design, float(levels[-1])))
    return parts


def _wagon(rng: np.random.Generator) -> list[Part]:
    """A tub; the shaft turns the front axle and folds up."""
    design = _design(rng, rng.uniform(0.09, 0.13))
    w, d, r = design.width / 2, design.length / 2, design.wheel
    deck = 2 * r + 0.03
    pieces = [
        Piece(
            tray((-w, -d, deck), (w, d, deck + rng.uniform(0.12, 0.25)), 0.012),
            design.paint,
            bare=(0, 0, -1),
        )
    ]
    rear, front = 0.75 * d, -0.7 * d
    reach = w + 0.01
    bolster = box((-0.06, rear - 0.02, r - 0.015), (0.06, rear + 0.02, deck + 0.001), 0.003)
    axle = rod((-reach, rear, r), (reach, rear, r), 0.009)
    pieces.append(Piece(merged([bolster, axle]), design.metal))
    parts = [Part("tub", pieces)]
    turntable = disc(0.07, deck - 0.012, deck - 0.001).moved((0, front, 0))
    post = box((-0.03, front - 0.02, r - 0.012), (0.03, front + 0.02, deck - 0.011))
    steer = rod((-reach, front, r), (reach, front, r), 0.009)
    pivot = -d - rng.uniform(0.025, 0.05)
    tongue = [
        box((x - 0.004, pivot - 0.015, r - 0.012), (x + 0.004, front, r + 0.012))
        for x in (-0.02, 0.02)
    ]
    limit = rng.uniform(20, 35)
    joint = hinge((0, 0, 1), (0.0, front, deck), limit, lower=-limit)
    prompt = str(
        rng.choice(["turn the front axle", "steer the front axle", "rotate the front axle"])
    )
    grip = (reach, front, r + 0.009)
    axle_pieces = [Piece(merged([turntable, post, steer, *tongue]), design.metal)]
    parts.append(Part("front_axle", axle_pieces, "tub", joint, prompt, grip, 0.9 * joint.upper))
    for word, (sx, sy) in corners.items():
        y = rear if sy > 0 else front
        at = (sx * (reach + 0.0006 + design.tread / 2), y, r)
        parts.append(_wheel(rng, design, word, at, "tub" if sy > 0 else "front_axle"))
    parts.append(_shaft(rng, design, (0.0, pivot, r)))
    return parts


def _design(rng: np.random.Generator, wheel: float) -> Design:
    width, tread = rng.uniform(0.4, 0.55), rng.uniform(0.45, 0.7) * min(wheel, 0.06)
    length = rng.uniform(0.6, 0.95)
    trail = rng.uniform(0.4, 0.7) * wheel
    return Design(
        width=width,
        length=length,
        deck=2 * wheel + 0.05,
        wheel=wheel,
        tread=tread,
        trail=trail,
        track=width / 2 - rng.uniform(0.06, 0.09),
        base=length / 2 - rng.uniform(0.09, 0.13),
        spokes=int(rng.choice([0, 0, 4, 5, 6])),
        paint=materials.paint(rng) if rng.random() < 0.6 else materials.wood(rng),
        metal=materials.metal(rng),
        dark=materials.rubber(rng),
    )


def _wheel(rng: np.random.Generator, design: Design, word: str, at: Vector, parent: str) -> Part:
    """A tyre on a disc or on spokes; its hub is a little wider."""
    r, half = design.wheel, design.tread / 2
    tyre = ring(0.72 * r, r, -0.9 * half, 0.9 * half)
    hub = disc(0.22 * r, -half, half, 0.1 * half, 20)
    if design.spokes:
        rim = ring(0.66 * r, 0.74 * r, -0.7 * half, 0.7 * half)
        angles = np.arange(design.spokes) * 2 * np.pi / design.spokes
        ways = [np.array([np.cos(a), np.sin(a), 0.0]) for a in angles]
        inner = [rim, *[rod(0.1 * r * way, 0.7 * r * way, 0.25 * half, 10) for way in ways]]
    else:
        inner = [disc(0.74 * r, -0.5 * half, 0.5 * half, 0.1 * half)]
    pieces = [
        Piece(tyre.transformed(along_x).moved(at), design.dark),
        Piece(merged([hub, *inner]).transformed(along_x).moved(at), design.metal, bare=(1, 0, 0)),
    ]
    prompt = f"{rng.choice(['spin', 'turn', 'rotate'])} the {word} wheel"
    side = 1.0 if at[0] > 0 else -1.0
    grip = (at[0] + side * 0.9 * half, at[1] - 0.9 * r, at[2])
    joint, opening = swivel((1, 0, 0), at), float(np.radians(rng.uniform(40, 80)))
    name = f"{word.replace(' ', '_')}_wheel"
    return Part(name, pieces, parent, joint, prompt, grip, opening)


def _top_plate(at: Vector, z: float) -> Shape:
    """What a castor turns under, at the deck's underside."""
    return box(
        (at[0] - 0.035, at[1] - 0.035, z - 0.004), (at[0] + 0.035, at[1] + 0.035, z + 0.001), 0.0015
    )


def _bracket(design: Design, at: Vector, z: float) -> Shape:
    """Two cheeks for a fixed wheel."""
    half, r = design.tread / 2 + 0.0008, design.wheel
    outline = [(-0.035, z), (-0.012, r - 0.012), (0.012, r - 0.012), (0.035, z)]
    cheeks = [sideways(outline, *sorted((s * half, s * (half + 0.003)))) for s in (-1, 1)]
    return merged(cheeks).moved((at[0], at[1], 0.0))


def _castor(
    rng: np.random.Generator, design: Design, word: str, at: Vector, top: float, parent: str
) -> list[Part]:
    """A fork that swivels under its plate and the wheel in it."""
    half, r, trail = design.tread / 2 + 0.0008, design.wheel, design.trail
    high = top - 0.0012
    crown = disc(max(0.02, half + 0.004), high - 0.008, high, 0.001)
    low, out = high - 0.007, half + 0.003
    outline = [(-0.015, low), (trail - 0.011, r - 0.011), (trail + 0.011, r - 0.011), (0.02, low)]
    cheeks = [sideways(outline, *sorted((s * half, s * out))) for s in (-1, 1)]
    bridge = box((-out, -0.015, low - 0.003), (out, 0.02, low))
    fork = merged([crown, bridge, *cheeks]).moved((at[0], at[1], 0.0))
    name, axle = f"{word.replace(' ', '_')}_castor", (at[0], at[1] + trail, r)
    joint, opening = swivel((0, 0, 1), (at[0], at[1], top)), float(np.radians(rng.uniform(40, 80)))
    prompt = f"{rng.choice(['turn', 'swivel', 'rotate'])} the {word} castor"
    grip = (at[0] + (out if at[0] > 0 else -out), at[1] + trail, r)
    castor = Part(
        name, [Piece(fork, design.metal, bare=(0, 0, 1))], parent, joint, prompt, grip, opening
    )
    return [castor, _wheel(rng, design, word, axle, name)]


def _folding_handle(rng: np.random.Generator, design: Design) -> tuple[Part, Shape]:
    """A bow that stands behind the deck and folds down on it; ears beside its feet."""
    radius, half = rng.uniform(0.011, 0.014), 0.42 * design.width
    y, z = design.length / 2 - rng.uniform(0.03, 0.05), design.deck + rng.uniform(0.035, 0.05)
    top = z + rng.uniform(0.75, 0.95) * min(design.length, 0.8)
    foot = z - 0.015
    path = [(-half, y, foot), (-half, y, top), (half, y, top), (half, y, foot)]
    shapes = [tube(rounded_path(path, 0.06), radius)]
    if rng.random() < 0.6:
        level = foot + rng.uniform(0.5, 0.7) * (top - foot)
        shapes.append(rod((-half, y, level), (half, y, level), 0.7 * radius))
    ears = []
    for side in (-1, 1):
        low, high = sorted((side * (half + radius + 0.0006), side * (half + radius + 0.005)))
        ears.append(box((low, y - 0.02, design.deck - 0.002), (high, y + 0.02, z + 0.018), 0.002))
    joint = hinge((1, 0, 0), (0.0, y, z), rng.uniform(82, 89))
    prompt = f"{rng.choice(['fold down', 'lower'])} the handle"
    grip, opening = (0.0, y - radius, top), float(np.radians(rng.uniform(45, 75)))
    handle = Part(
        "handle", [Piece(merged(shapes), design.metal)], "deck", joint, prompt, grip, opening
    )
    return handle, merged(ears)


def _drawer(rng: np.random.Generator, design: Design, level: float) -> Part:
    """A drawer that hangs under the top tray."""
    w, d = 0.46 * design.width, 0.46 * design.length
    high = level - 0.002
    low = high - rng.uniform(0.07, 0.1)
    pieces = [
        Piece(tray((-w, -d, low), (w, d, high), 0.004), design.paint, bare=(0, 0, -1)),
        Piece(
            box((-0.06, -d - 0.02, high - 0.025), (0.06, -d + 0.001, high - 0.015), 0.003),
            design.metal,
        ),
    ]
    joint = slide((0, -1, 0), rng.uniform(0.6, 0.8) * 2 * d)
    prompt = f"{rng.choice(['open', 'pull out', 'slide out'])} the drawer"
    grip = (0.0, -d - 0.02, high - 0.02)
    return Part("drawer", pieces, "frame", joint, prompt, grip, rng.uniform(0.5, 0.9) * joint.upper)


def _shaft(rng: np.random.Generator, design: Design, at: Vector) -> Part:
    """The pull bar, lying ahead between the tongue's cheeks; it is raised."""
    x, y, z = at
    reach = rng.uniform(0.55, 0.7)
    eye = rod((-0.0154, y, z), (0.0154, y, z), 0.011)
    bar = rod((0, y, z), (0, y - reach, z), 0.009)
    grip = rod((-0.06, y - reach, z), (0.06, y - reach, z), 0.011)
    joint = hinge((-1, 0, 0), (x, y, z), rng.uniform(60, 78))
    noun = str(rng.choice(["handle", "shaft", "pull bar"]))
    prompt = f"{rng.choice(['raise', 'lift', 'lift up'])} the {noun}"
    spot, opening = (0.0, y - reach, z + 0.011), float(np.radians(rng.uniform(35, 60)))
    pieces = [Piece(merged([eye, bar]), design.metal), Piece(grip, design.dark)]
    return Part("shaft", pieces, "front_axle", joint, prompt, spot, opening)
