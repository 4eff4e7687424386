"""Staplers: an arm over a magazine over a base, all on one pin at the back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.placing import sideways, turn
from backend.datasets.shapes import box, merged, prism, rod, rounded_rectangle, tray
from protocol.joint import Vector

gap = 0.0006
cheek = 0.0016  # thickness of what holds the pin


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the mouth is towards -y, the pin at `pin` goes along x."""

    length: float
    width: float
    base: float
    pin: Vector
    slope: float  # degrees by which the magazine stands over the base at rest
    high: float  # of the magazine
    half: float  # of the magazine's width
    paint: Material
    metal: Material
    dark: Material


def stapler(rng: np.random.Generator) -> list[Part]:
    """Return a stapler; its arm lifts off the magazine, or a tray slides out of the arm."""
    design = _design(rng)
    lay = turn((-1, 0, 0), design.slope, design.pin)
    loading = bool(rng.random() < 0.35)
    magazine, arm = _magazine(design), _arm(rng, design)
    parts = [Part("base", _base(rng, design))]
    if loading:
        arm = [*arm, *(Piece(p.shape, p.material) for p in _rails(design))]
        parts.append(_pressed(rng, design, _laid(arm, lay), "arm", lay))
        parts.append(_tray(rng, design, lay))
        return parts
    parts.append(_pressed(rng, design, _laid(magazine, lay), "magazine", lay))
    upper = rng.uniform(55, 90)
    joint = hinge((-1, 0, 0), design.pin, upper)
    noun = str(rng.choice(["top arm", "arm", "cover"]))
    prompt = f"{rng.choice(['open', 'lift', 'raise'])} the {noun}"
    grip = _there(lay, (0.0, -0.58 * design.length, design.pin[2] + design.high + 0.004))
    opening = min(float(np.radians(rng.uniform(35, 60))), joint.upper)
    parts.append(Part("arm", _laid(arm, lay), "magazine", joint, prompt, grip, opening))
    if rng.random() < 0.4:
        parts.append(_pusher(rng, design, lay))
    return parts


def _design(rng: np.random.Generator) -> Design:
    length, base = rng.uniform(0.11, 0.19), rng.uniform(0.007, 0.012)
    pin = (0.0, 0.36 * length, base + rng.uniform(0.014, 0.02))
    return Design(
        length=length,
        width=rng.uniform(0.03, 0.042),
        base=base,
        pin=pin,
        slope=rng.uniform(3.0, 6.0),
        high=rng.uniform(0.01, 0.014),
        half=rng.uniform(0.006, 0.008),
        paint=materials.plastic(rng) if rng.random() < 0.6 else materials.paint(rng),
        metal=materials.metal(rng),
        dark=materials.rubber(rng),
    )


def _base(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A foot with an anvil in front and two cheeks behind."""
    length, (_, y, z) = design.length, design.pin
    outline = rounded_rectangle(design.width, length, 0.45 * design.width, 6)
    foot = prism(outline, 0.0, design.base, 0.002)
    anvil = box((-0.01, -0.46 * length, -0.0005), (0.01, -0.34 * length, 0.0012))
    anvil = anvil.moved((0, 0, design.base))
    inner = design.half + 2 * (gap + cheek) + gap
    foot_z, top = design.base - 0.001, z + 0.007
    profile = [(y - 0.012, foot_z), (y + 0.012, foot_z), (y + 0.008, top), (y - 0.008, top)]
    cheeks = []
    for side in (-1, 1):
        low, high = sorted((side * inner, side * (inner + cheek)))
        cheeks.append(sideways(profile, low, high))
    out = inner + cheek
    heads = [rod((s * out, y, z), (s * (out + 0.002), y, z), 0.004) for s in (-1, 1)]
    return [
        Piece(foot, design.paint, bare=(0, 0, -1)),
        Piece(merged([anvil, *cheeks, *heads]), design.metal),
    ]


def _magazine(design: Design) -> list[Piece]:
    """A channel for staples from the pin to the mouth, modelled level with the pin."""
    _, y, z = design.pin
    w, low = design.half, z - 0.004
    front = y - 0.88 * design.length
    channel = tray((-w, front, low), (w, y, low + design.high), 0.0012)
    return [Piece(channel, design.metal, bare=(0, 0, -1))]


def _rails(design: Design) -> list[Piece]:
    """What a sliding tray runs in: a floor under it."""
    _, y, z = design.pin
    front, w = y - 0.8 * design.length, design.half
    floor = box((-w - gap - 0.0002, front, z - 0.0056), (w + gap + 0.0002, y - 0.01, z - 0.0046))
    return [Piece(floor, design.metal)]


def _arm(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A roof over the magazine with cheeks outside it that reach down to the pin."""
    _, y, z = design.pin
    front, low = y - 0.93 * design.length, z - 0.004 + design.high + gap
    out = design.half + gap + cheek
    rise = rng.uniform(0.008, 0.016)
    back = y + rng.uniform(0.005, 0.009)
    shares = [(back, 0.0), (back, 0.5), (back - 0.02, 1.0), (0.6 * front + 0.4 * back, 1.0)]
    shares += [(front + 0.01, 0.8), (front, 0.5)]
    profile = [(front, low), *[(at, low + share * rise) for at, share in shares]]
    roof = sideways(profile, -out, out, 0.002)
    sides = []
    for side in (-1, 1):
        near, far = sorted((side * (design.half + gap), side * out))
        high, deep = low + 0.001, z - 0.005
        eye = [(y - 0.012, high), (y - 0.006, deep), (y + 0.005, deep), (y + 0.005, high)]
        sides.append(sideways(eye, near, far))
        skirt = box((near, front + 0.02, low - 0.004), (far, y - 0.011, low + 0.001))
        sides.append(skirt)
    return [
        Piece(roof, design.paint, bare=(0, 0, -1)),
        Piece(merged(sides), design.paint),
    ]


def _pressed(
    rng: np.random.Generator,
    design: Design,
    pieces: list[Piece],
    name: str,
    lay: NDArray[np.float64],
) -> Part:
    """What is pressed down to the base; until its mouth meets the anvil."""
    reach = 0.88 * design.length
    room = reach * np.radians(design.slope) + design.pin[2] - 0.0056 - design.base - 0.0022
    upper = min(float(np.degrees(room / reach)), design.slope + 4.0)
    noun = "stapler" if name == "arm" else "magazine"
    prompt = str(rng.choice(["press down the {}", "push the {} down", "press the {}"])).format(noun)
    level = design.pin[2] + (design.high + 0.004 if name == "arm" else 0.0)
    grip = _there(lay, (0.0 if name == "arm" else design.half, -0.5 * design.length, level))
    joint = hinge((1, 0, 0), design.pin, upper)
    return Part(name, pieces, "base", joint, prompt, grip, joint.upper, ajar=False)


def _tray(rng: np.random.Generator, design: Design, lay: NDArray[np.float64]) -> Part:
    """The magazine as a tray that is pulled out to the front."""
    _, y, z = design.pin
    w, low, front = design.half - 0.0003, z - 0.0042, y - 0.9 * design.length
    pan = tray((-w, front, low), (w, y - 0.012, low + design.high - 0.0006), 0.001)
    lip = box((-w, front - 0.004, low), (w, front + 0.001, low + 0.7 * design.high), 0.001)
    travel = rng.uniform(0.5, 0.7) * design.length
    joint = slide(lay[:3, :3] @ np.array([0.0, -1.0, 0.0]), travel)
    noun = str(rng.choice(["staple tray", "tray", "magazine"]))
    prompt = f"{rng.choice(['pull out', 'slide out', 'open'])} the {noun}"
    grip = _there(lay, (0.0, front - 0.004, low + 0.35 * design.high))
    pieces = [Piece(pan, design.metal, bare=(0, 0, -1)), Piece(lip, design.dark)]
    return Part("tray", _laid(pieces, lay), "arm", joint, prompt, grip, 0.8 * joint.upper)


def _pusher(rng: np.random.Generator, design: Design, lay: NDArray[np.float64]) -> Part:
    """The follower in the magazine that pushes the staples; it slides to the back."""
    _, y, z = design.pin
    w, low, front = design.half - 0.0018, z - 0.0024, y - 0.5 * design.length
    block = box((-w, front, low), (w, front + 0.012, low + design.high - 0.0024), 0.0008)
    joint = slide(lay[:3, :3] @ np.array([0.0, 1.0, 0.0]), rng.uniform(0.2, 0.3) * design.length)
    prompt = f"{rng.choice(['slide', 'push'])} the {rng.choice(['follower', 'pusher'])} back"
    grip = _there(lay, (0.0, front, low + 0.4 * design.high))
    pieces = [Piece(block, design.dark)]
    return Part("pusher", _laid(pieces, lay), "magazine", joint, prompt, grip, 0.8 * joint.upper)


def _laid(pieces: list[Piece], lay: NDArray[np.float64]) -> list[Piece]:
    return [Piece(p.shape.transformed(lay), p.material, p.hidden, p.bare) for p in pieces]


def _there(lay: NDArray[np.float64], point: Vector) -> Vector:
    x, y, z = (lay @ np.array([*point, 1.0]))[:3]
    return (float(x), float(y), float(z))
