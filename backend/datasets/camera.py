"""Cameras: rings on the lens, barrels that telescope, buttons, dials, screens and flashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide, swivel
from backend.datasets.placing import frame, knuckles
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    disc,
    lathe,
    loft,
    merged,
    prism,
    ring,
    rounded_rectangle,
)


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the body is about the z axis, the lens looks towards -y."""

    width: float
    depth: float
    height: float
    lens: float  # outer radius
    at: tuple[float, float]  # x and z of the lens
    hump: float  # height of the prism's housing over the body
    skin: Material
    trim: Material
    dark: Material
    glass: Material

    @property
    def front(self) -> float:
        """The y of the body's front."""
        return -self.depth / 2


def camera(rng: np.random.Generator) -> list[Part]:
    """Return a camera with interchangeable lens or a compact one."""
    large = bool(rng.random() < 0.6)
    design = _design(rng, large)
    pieces = _body(rng, design)
    parts = [Part("body", pieces)]
    parts += _lens(rng, design, pieces) if large else _telescope(rng, design, pieces)
    parts.append(_shutter(rng, design, pieces))
    parts += _dials(rng, design, int(rng.integers(1, 3)) if large else int(rng.integers(0, 2)))
    if rng.random() < 0.6:
        screen, fixed = _screen(rng, design)
        pieces.append(fixed)
        parts.append(screen)
    if design.hump and rng.random() < 0.6:
        parts.append(_flash(rng, design))
    return parts


def _design(rng: np.random.Generator, large: bool) -> Design:
    height = rng.uniform(0.075, 0.095) if large else rng.uniform(0.055, 0.07)
    lens = rng.uniform(0.3, 0.38) * height
    return Design(
        width=rng.uniform(0.12, 0.145) if large else rng.uniform(0.09, 0.11),
        depth=rng.uniform(0.035, 0.05) if large else rng.uniform(0.022, 0.03),
        height=height,
        lens=lens,
        at=(rng.uniform(-0.002, 0.012), lens + 0.004 + rng.uniform(0.0, 0.1) * height),
        hump=rng.uniform(0.016, 0.024) if large and rng.random() < 0.75 else 0.0,
        skin=materials.rubber(rng) if rng.random() < 0.6 else materials.plastic(rng),
        trim=materials.metal(rng),
        dark=materials.rubber(rng),
        glass=materials.glass(rng),
    )


def _body(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A rounded block with a top plate, a grip on its right side and a prism's hump."""
    w, d, h = design.width, design.depth, design.height
    outline = rounded_rectangle(w, d, rng.uniform(0.15, 0.45) * d, 6)
    share = rng.uniform(0.72, 0.85)
    low = prism(outline, 0.0, share * h, 0.002)
    top = prism(outline, share * h - 0.0005, h, 0.004)
    pieces = [Piece(low, design.skin, bare=(0, 0, 1)), Piece(top, design.trim, bare=(0, 0, -1))]
    if rng.random() < 0.7:
        # The right hand's side is on the left as one looks at the front.
        grip = prism(rounded_rectangle(0.2 * w, 0.7 * d, 0.006), 0.004, 0.9 * h, 0.004)
        pieces.append(Piece(grip.moved((-0.39 * w, -0.42 * d, 0.0)), design.skin))
    if design.hump:
        x, z = design.at[0], design.height
        sizes = [(0.34 * w, 0.9 * d, -0.001), (0.32 * w, 0.85 * d, 0.3), (0.24 * w, 0.7 * d, 1.0)]
        rings = [
            _level(rounded_rectangle(a, b, 0.004), z + (s * design.hump if s > 0 else s))
            for a, b, s in sizes
        ]
        pieces.append(Piece(loft(rings).moved((x, 0, 0)), design.trim, bare=(0, 0, -1)))
        outer, inner = rounded_rectangle(0.03, 0.02, 0.004), rounded_rectangle(0.022, 0.013, 0.002)
        eye = frame(outer, inner, 0.0, 0.008)
        eye = eye.transformed(facing_front).moved((x, 0.4 * d + 0.008, z + 0.42 * design.hump))
        pieces.append(Piece(eye, design.dark))
    return pieces


def _level(outline: Points, z: float) -> Points:
    return np.column_stack([outline, np.full(len(outline), z)])


def _ahead(shape: Shape, design: Design) -> Shape:
    """What was turned about z, from the body's front forward."""
    x, z = design.at
    return shape.transformed(facing_front).moved((x, design.front, z))


def _ribbed(inner: float, outer: float, low: float, high: float, ribs: int) -> Shape:
    """A ring with ribs for the fingers, or a smooth one."""
    if not ribs:
        return ring(inner, outer, low, high)
    angles = np.arange(4 * ribs) * 2 * np.pi / (4 * ribs)
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    raised = np.where(np.arange(4 * ribs) % 4 < 2, outer, outer - 0.0008)[:, None] * around
    return frame(raised, inner * around, low, high)


def _lens(rng: np.random.Generator, design: Design, fixed: list[Piece]) -> list[Part]:
    """A fixed barrel with a ring or two about it and a front that may slide out."""
    r, length = design.lens, rng.uniform(0.03, 0.08)
    core, bore = 0.86 * r, 0.76 * r
    mount = ring(bore, 1.04 * r, -0.001, 0.006)
    fixed.append(Piece(_ahead(mount, design), design.trim))
    fixed.append(Piece(_ahead(ring(bore, core, 0.003, length), design), design.dark))
    names = [("zoom_ring", "zoom ring"), ("focus_ring", "focus ring")]
    count = int(rng.integers(1, 3))
    chosen = names if count == 2 else [names[int(rng.integers(2))]]
    spans = np.linspace(0.008, length - 0.004, count + 1)
    parts = []
    for (name, noun), low, high in zip(chosen, spans, spans[1:], strict=False):
        outer = r * rng.uniform(0.97, 1.04)
        shape = _ribbed(core + 0.0005, outer, low, high - 0.0012, int(rng.choice([0, 20, 30])))
        x, z = design.at
        joint = swivel((0, -1, 0), (x, design.front, z))
        prompt = f"{rng.choice(['turn', 'rotate'])} the {noun}"
        grip = (x, design.front - (low + high) / 2, z + outer)
        opening = float(np.radians(rng.uniform(40, 80)))
        pieces = [Piece(_ahead(shape, design), design.dark)]
        parts.append(Part(name, pieces, "body", joint, prompt, grip, opening))
    front = length + 0.001
    if rng.random() < 0.5:
        fixed.append(Piece(_ahead(disc(bore, 0.5 * length, 0.9 * length), design), design.glass))
        if rng.random() < 0.5:
            parts.append(_cap(rng, design, r, front))
        return parts
    inner = bore - 0.0006
    pane = disc(0.81 * inner, front - 0.006, front - 0.003)
    barrel = merged([ring(0.8 * inner, inner, 0.3 * length, front + 0.004), pane])
    travel = rng.uniform(0.35, 0.6) * length
    prompt = f"{rng.choice(['extend', 'pull out', 'slide out'])} the lens"
    x, z = design.at
    grip = (x, design.front - front - 0.004, z + 0.95 * inner)
    pieces = [Piece(_ahead(barrel, design), design.trim)]
    joint = slide((0, -1, 0), travel)
    return [*parts, Part("front_barrel", pieces, "body", joint, prompt, grip, 0.9 * travel)]


def _cap(rng: np.random.Generator, design: Design, r: float, front: float) -> Part:
    """A lens cap over the end of the lens."""
    r, lip = 0.86 * r, 0.003
    profile = [(r + 0.0004, front), (r + 0.0004, front - lip), (r + 0.002, front - lip)]
    profile += [(r + 0.002, front + 0.0015), (r, front + 0.003)]
    x, z = design.at
    prompt = f"{rng.choice(['pull off', 'take off'])} the lens cap"
    grip = (x, design.front - front - 0.001, z + r + 0.001)
    joint = slide((0, -1, 0), lip + 0.0006)
    pieces = [Piece(_ahead(lathe(profile), design), design.dark)]
    return Part("lens_cap", pieces, "body", joint, prompt, grip, joint.upper, ajar=False)


def _telescope(rng: np.random.Generator, design: Design, fixed: list[Piece]) -> list[Part]:
    """Two tubes, one in the other, in a collar on the body."""
    r, deep = 0.9 * design.lens, 0.5 * design.depth
    fixed.append(Piece(_ahead(ring(r + 0.0005, r + 0.004, -0.001, 0.006), design), design.trim))
    x, z = design.at
    stages, parent = int(rng.integers(1, 3)), "body"
    parts: list[Part] = []
    names = ["lens"] if stages == 1 else ["outer barrel", "inner barrel"]
    high = 0.008
    for index, noun in enumerate(names):
        radius = r - index * 0.0038
        tube = [ring(radius - 0.0032, radius, 0.0012, high + 0.003 * index)]
        if index == stages - 1:
            tube.append(disc(radius - 0.003, 0.0012, high - 0.003))
        travel = min(rng.uniform(0.8, 1.2) * deep, 0.0045) if index == 0 else 0.006
        joint = slide((0, -1, 0), travel)
        prompt = f"{rng.choice(['extend', 'pull out', 'slide out'])} the {noun}"
        front = high + 0.003 * index
        grip = (x, design.front - front, z + radius - 0.001)
        pieces = [Piece(_ahead(merged(tube), design), design.trim, bare=(0, 1, 0))]
        name = noun.replace(" ", "_")
        parts.append(Part(name, pieces, parent, joint, prompt, grip, 0.9 * travel))
        parent = name
    return parts


def _shutter(rng: np.random.Generator, design: Design, fixed: list[Piece]) -> Part:
    """A round button on the top, over the grip, in a collar."""
    r, travel, h = rng.uniform(0.0045, 0.006), rng.uniform(0.002, 0.003), design.height
    at = (-0.39 * design.width, -0.1 * design.depth, h)
    cap = disc(r, travel + 0.0006, travel + 0.0035, 0.0008, 24).moved(at)
    fixed.append(Piece(ring(r + 0.0005, r + 0.003, -0.001, travel + 0.0015).moved(at), design.trim))
    noun = str(rng.choice(["shutter button", "shutter", "release button"]))
    prompt = f"{rng.choice(['press', 'push', 'press down'])} the {noun}"
    grip, joint = (at[0], at[1], h + travel + 0.0035), slide((0, 0, -1), travel)
    return Part("shutter_button", [Piece(cap, design.trim)], "body", joint, prompt, grip, travel)


def _dials(rng: np.random.Generator, design: Design, count: int) -> list[Part]:
    """Knurled wheels on the top."""
    names = ["mode dial", "exposure dial"]
    spots = [-0.265, 0.36] if design.hump and rng.random() < 0.5 else [0.36, -0.265]
    parts = []
    for noun, share in zip(names[:count], spots, strict=False):
        r, high = rng.uniform(0.0065, 0.0085), rng.uniform(0.005, 0.008)
        shape = _ribbed(0.3 * r, r, 0.0006, high, int(rng.choice([14, 20])))
        at = (share * design.width, 0.22 * design.depth, design.height)
        lid = disc(0.85 * r, high - 0.0015, high + 0.0008, 0.0004)
        shape = merged([shape, lid]).moved(at)
        joint, prompt = swivel((0, 0, 1), at), f"{rng.choice(['turn', 'rotate'])} the {noun}"
        grip = (at[0], at[1] - r, at[2] + 0.6 * high)
        opening = float(np.radians(rng.uniform(45, 90)))
        pieces = [Piece(shape, design.trim)]
        parts.append(Part(noun.replace(" ", "_"), pieces, "body", joint, prompt, grip, opening))
    return parts


def _screen(rng: np.random.Generator, design: Design) -> tuple[Part, Piece]:
    """A panel on the back that swings out sideways, or up from its foot."""
    back, t = design.depth / 2, 0.006
    half, tall = 0.3 * design.width, 0.62 * design.height
    low, y = 0.1 * design.height, back + 0.0012
    x = rng.uniform(-0.06, 0.02) * design.width
    panel = box((x - half, y, low), (x + half, y + t, low + tall), 0.0015)
    wide, top = half - 0.004, low + tall - 0.004
    glass = box((x - wide, y + t - 0.0005, low + 0.004), (x + wide, y + t + 0.0003, top))
    sideways = bool(rng.random() < 0.5)
    radius, off = 0.0026, 0.0036
    if sideways:
        # From behind, the screen opens to the left, that is towards +x.
        at, axis, span = (x + half + off, y + t / 2, low + tall / 2), (0, 0, 1), 0.6 * tall
        reach, upper = (-off - 0.001, 0, 0), rng.uniform(150, 175)
        joint = hinge((0, 0, -1), at, upper)
        grip = (x - half, y + t / 2, low + tall / 2)
        prompt = str(rng.choice(["swing out the screen", "fold out the screen", "open the screen"]))
    else:
        at, axis, span = (x, y + t / 2, low + tall + off), (1, 0, 0), half
        reach, upper = (0, 0, -off - 0.001), rng.uniform(80, 110)
        joint = hinge((1, 0, 0), at, upper)
        grip = (x, y + t, low + 0.003)
        prompt = str(rng.choice(["tilt the screen", "raise the screen", "lift the screen"]))
    moving, fixed = knuckles(at, axis, span, radius, reach, (0, -(at[1] - back) - 0.001, 0))
    pieces = [Piece(panel, design.dark, bare=(0, -1, 0)), Piece(glass, design.glass)]
    pieces.append(Piece(moving, design.dark))
    opening = float(np.radians(rng.uniform(50, 75)))
    part = Part("screen", pieces, "body", joint, prompt, grip, opening)
    return part, Piece(fixed, design.dark)


def _flash(rng: np.random.Generator, design: Design) -> Part:
    """A lid on the hump that pops up about its rear edge."""
    x, w, d = design.at[0], 0.22 * design.width, 0.62 * design.depth
    low = design.height + design.hump + 0.0006
    lid = box((x - w / 2, -d / 2 - 0.006, low), (x + w / 2, d / 2, low + 0.006), 0.0015)
    y, half = -d / 2 - 0.0072, 0.38 * w
    lamp = box((x - half, y, low + 0.0012), (x + half, y + 0.0022, low + 0.0048))
    at = (x, d / 2 - 0.003, low + 0.003)
    joint = hinge((-1, 0, 0), at, rng.uniform(50, 75))
    noun = str(rng.choice(["flash", "built-in flash"]))
    prompt = f"{rng.choice(['raise', 'lift', 'open'])} the {noun}"
    grip, opening = (x, y, low + 0.003), float(np.radians(rng.uniform(35, 48)))
    pieces = [Piece(lid, design.trim, bare=(0, 0, -1)), Piece(lamp, design.glass)]
    return Part("flash", pieces, "body", joint, prompt, grip, opening)
