"""Bottles and jars: caps on a thread, corks, flip tops, pumps and spouts that are pulled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, screw, slide
from backend.datasets.placing import knuckles
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    circle,
    disc,
    lathe,
    loft,
    merged,
    ring,
    rod,
    rounded_path,
    tube,
)


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the bottle stands about the z axis and its neck ends at `height`."""

    height: float
    radius: float
    neck: float  # outer radius
    collar: float  # height of the neck's straight end
    wall: float
    pitch: float
    turns: float
    square: float  # 0 for round bodies, 1 for square ones
    glass: Material
    cap: Material

    @property
    def bead(self) -> float:
        """Radius of the thread's bead."""
        return min(0.0009, 0.18 * self.pitch)

    @property
    def bore(self) -> float:
        """Inner radius of what is screwed on; the two threads reach behind each other."""
        return self.neck + 1.6 * self.bead

    @property
    def foot(self) -> float:
        """Height of the lower rim of what is screwed on."""
        return self.height - self.collar + 0.004

    @property
    def outer(self) -> float:
        """Radius of what is screwed on."""
        return self.bore + 0.0018


def bottle(rng: np.random.Generator) -> list[Part]:
    """Return a bottle or a jar, shut."""
    kind = str(rng.choice(["twist", "twist", "jar", "cork", "flip", "pump", "spout"]))
    design = _design(rng, wide=kind == "jar")
    pieces = _body(rng, design)
    if kind == "cork":
        return [Part("body", pieces), _cork(rng, design)]
    if kind == "flip":
        flap, collar = _flap(rng, design)
        return [Part("body", [*pieces, *collar]), flap]
    pieces.append(Piece(_thread(design, design.neck, 0.0, design.turns), design.glass))
    if kind == "pump":
        return [Part("body", pieces), *_pump(rng, design)]
    if kind == "spout":
        return [Part("body", pieces), *_spout(rng, design)]
    noun = str(rng.choice(["lid", "lid", "cap"] if kind == "jar" else ["cap", "cap", "top"]))
    top = design.height + rng.uniform(0.002, 0.006)
    return [Part("body", pieces), _twisted(rng, design, noun, [], top)]


def _design(rng: np.random.Generator, *, wide: bool) -> Design:
    radius = rng.uniform(0.035, 0.055) if wide else rng.uniform(0.028, 0.05)
    pitch = rng.uniform(0.004, 0.007) if wide else rng.uniform(0.003, 0.0045)
    turns = rng.uniform(0.75, 1.5) if wide else rng.uniform(1.25, 2.5)
    glassy = rng.random() < 0.5
    return Design(
        height=rng.uniform(2.0, 3.2) * radius if wide else rng.uniform(0.15, 0.3),
        radius=radius,
        neck=rng.uniform(0.75, 0.9) * radius if wide else rng.uniform(0.011, 0.02),
        collar=turns * pitch + rng.uniform(0.007, 0.011),
        wall=rng.uniform(0.0012, 0.0025),
        pitch=pitch,
        turns=turns,
        square=rng.uniform(0.5, 1.0) if rng.random() < 0.35 else 0.0,
        glass=materials.glass(rng) if glassy else materials.plastic(rng),
        cap=materials.metal(rng) if rng.random() < 0.35 else materials.plastic(rng),
    )


def _body(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A thin shell from its foot over the shoulder to the neck, sometimes with a label."""
    r, low = design.radius, design.height - design.collar
    waist = rng.uniform(0.88, 1.0) if rng.random() < 0.5 else 1.0
    shoulder = rng.uniform(0.6, 0.85) * low
    slope = np.linspace(0.0, 1.0, 7)[1:]
    bulge = rng.uniform(1.2, 2.5)
    stations = [(0.88 * r, 0.0), (r, 0.006), (waist * r, 0.5 * shoulder), (r, shoulder)]
    stations += [(r + (design.neck - r) * s**bulge, shoulder + (low - shoulder) * s) for s in slope]
    stations.append((design.neck, design.height))
    outer = [_section(design, radius, z, low) for radius, z in stations]
    inner = [
        _section(design, radius - design.wall, max(z, 0.003), low)
        for radius, z in reversed(stations[1:])
    ]
    pieces = [Piece(loft([*outer, *inner]), design.glass, bare=(0, 0, -1))]
    bead = ring(design.neck - 0.0005, design.outer, low - 0.001, low + 0.0015)
    if rng.random() < 0.6 and design.outer < 0.95 * r:
        pieces.append(Piece(bead, design.glass))
    if waist == 1.0 and not design.square and rng.random() < 0.6:
        label = ring(r - 0.0004, r + 0.0003, 0.2 * shoulder, 0.85 * shoulder)
        pieces.append(Piece(label, materials.paint(rng)))
    return pieces


def _section(design: Design, radius: float, z: float, top: float) -> Points:
    """A ring of the body, round at the neck and as square as the design below: a superellipse."""
    power = 2 + 6 * design.square * np.clip((top - z) / (0.3 * top), 0.0, 1.0)
    around = circle(1.0, 48)
    around = around / (np.abs(around) ** power).sum(axis=1, keepdims=True) ** (1 / power)
    return np.column_stack([radius * around, np.full(len(around), z)])


def _thread(design: Design, radius: float, phase: float, turns: float) -> Shape:
    """A right-handed bead; `phase` turns later it is as much higher."""
    angles = np.linspace(0.0, 2 * np.pi * turns, int(36 * turns) + 2)
    heights = design.foot + 0.002 + design.pitch * (phase + angles / (2 * np.pi))
    path = np.column_stack([radius * np.cos(angles), radius * np.sin(angles), heights])
    return tube(path, design.bead, 6)


def _sleeve(design: Design, top: float, ribs: int) -> Shape:
    """An upside-down pot over the neck, ribbed for the fingers."""
    r, roof, foot = design.outer, design.height + 0.0006, design.foot
    angles = np.arange(72) * 2 * np.pi / 72
    ribbed = r + (0.0006 * (np.cos(ribs * angles) > 0) if ribs else 0.0 * angles)
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    rings = [
        np.column_stack([around * np.broadcast_to(radius, 72)[:, None], np.full(72, z)])
        for radius, z in (
            (design.bore, roof),
            (design.bore, foot),
            (r, foot),
            (ribbed, foot + 0.0008),
            (ribbed, top - 0.0015),
            (r - 0.0012, top),
        )
    ]
    return loft(rings)


def _twisted(
    rng: np.random.Generator, design: Design, noun: str, extra: list[Piece], top: float
) -> Part:
    """What is screwed on the neck; its bead runs half a pitch above the neck's."""
    sleeve = _sleeve(design, top, int(rng.choice([0, 18, 24, 36])))
    inner = _thread(design, design.bore, 0.5, min(1.0, design.turns))
    pieces = [
        Piece(sleeve, design.cap),
        Piece(inner, design.cap, hidden=True),
        *extra,
    ]
    turns = design.turns + rng.uniform(-0.25, 0.1)
    joint = screw((0, 0, 1), (0, 0, design.foot), turns, design.pitch)
    verb = str(rng.choice(["unscrew", "twist off", "turn", "screw off"]))
    grip = (0.0, -design.outer, 0.5 * (design.foot + top))
    opening = float(np.radians(rng.uniform(50, 110)))
    return Part(noun, pieces, "body", joint, f"{verb} the {noun}", grip, opening)


def _cork(rng: np.random.Generator, design: Design) -> Part:
    """A stopper that is pulled out of the neck, with a head or a ball on it."""
    r, h = design.neck - design.wall - 0.0004, design.height
    depth = rng.uniform(0.4, 0.8) * design.collar
    head = rng.uniform(0.006, 0.014)
    wide = design.neck * rng.uniform(0.9, 1.3)
    plug = lathe([(0.9 * r, h - depth), (r, h - 0.5 * depth), (r, h + 0.002)], 24)
    if rng.random() < 0.4:
        angles = np.linspace(-0.45 * np.pi, 0.45 * np.pi, 9)
        ball = np.column_stack([wide * np.cos(angles), h + wide + wide * np.sin(angles)])
        knob, top = lathe(ball, 24), h + wide
    else:
        knob, top = disc(wide, h + 0.0006, h + head, 0.0015), h + 0.5 * head
    stuff = materials.wood(rng) if rng.random() < 0.5 else design.cap
    noun = str(rng.choice(["cork", "stopper", "plug"]))
    pieces = [Piece(plug, stuff, bare=(0, 0, -1)), Piece(knob, stuff)]
    prompt = f"{rng.choice(['pull out', 'lift', 'raise'])} the {noun}"
    joint = slide((0, 0, 1), depth + 0.001)
    return Part(
        noun, pieces, "body", joint, prompt, (0.0, -wide, top), rng.uniform(0.7, 1.0) * depth
    )


def _flap(rng: np.random.Generator, design: Design) -> tuple[Part, list[Piece]]:
    """A flip top, its pin behind the collar that is fixed on the neck."""
    r, foot = max(design.outer, 0.016), design.foot
    seam, height = design.height + 0.003, rng.uniform(0.006, 0.014)
    gap, behind = rng.uniform(0.0004, 0.0012), rng.uniform(0.0025, 0.004)
    collar = lathe([(r, foot), (r, seam - 0.001), (r - 0.001, seam)])
    nozzle = lathe([(0.0035, seam - 0.001), (0.003, seam + 0.6 * height)], 16)
    low, top = seam + gap, seam + height
    shell = lathe(
        [(r - 0.0015, top - 0.0015), (r - 0.0015, low), (r, low), (r, top - 0.002), (0.9 * r, top)]
    )
    tab = box((-0.006, -r - 0.003, low + 0.001), (0.006, -0.9 * r - 0.0002, low + 0.003), 0.0006)
    at = (0.0, r + behind, seam + gap / 2)
    way = -(behind + 0.0012)
    moving, fixed = knuckles(at, (1, 0, 0), 0.9 * r, 0.0014, (0, way, 0.0017), (0, way, -0.0017))
    joint = hinge((-1, 0, 0), at, rng.uniform(100, 150))
    noun = str(rng.choice(["cap", "lid", "flip top"]))
    prompt = str(rng.choice(["open the {}", "flip the {} up", "lift the {}"])).format(noun)
    pieces = [Piece(shell, design.cap), Piece(merged([tab, moving]), design.cap)]
    opening = float(np.radians(rng.uniform(50, 90)))
    part = Part("cap", pieces, "body", joint, prompt, (0.0, -r - 0.003, low + 0.002), opening)
    return part, [Piece(merged([collar, nozzle, fixed]), design.cap, bare=(0, 0, -1))]


def _pump(rng: np.random.Generator, design: Design) -> list[Part]:
    """A head with a nozzle that is pressed down on a collar that is screwed on."""
    top = design.height + rng.uniform(0.004, 0.008)
    stroke, stem = rng.uniform(0.008, 0.014), 0.0042
    tower = top + rng.uniform(0.004, 0.01)
    guide = ring(stem + 0.0006, stem + 0.0025, top - 0.003, tower)
    collar = _twisted(rng, design, "collar", [Piece(guide, design.cap)], top)
    low = tower + stroke + 0.002
    head = disc(rng.uniform(0.009, 0.014), low, low + 0.009, 0.002)
    reach = rng.uniform(0.025, 0.045)
    path = [(0, 0, low + 0.0045), (0, -reach, low + 0.0055), (0, -reach - 0.004, low - 0.003)]
    nozzle = tube(rounded_path(path, 0.006), np.linspace(0.0042, 0.0028, 8))
    shaft = rod((0, 0, top + stroke + 0.0005), (0, 0, low + 0.001), stem, 20)
    pieces = [Piece(head, design.cap), Piece(nozzle, design.cap), Piece(shaft, design.cap)]
    noun = str(rng.choice(["pump", "pump head", "dispenser head"]))
    prompt = str(rng.choice(["press the {}", "press down the {}", "push the {} down"])).format(noun)
    joint = slide((0, 0, -1), stroke)
    grip = (0.0, 0.0, low + 0.009)
    pump = Part("pump", pieces, "collar", joint, prompt, grip, rng.uniform(0.7, 1.0) * stroke)
    return [collar, pump]


def _spout(rng: np.random.Generator, design: Design) -> list[Part]:
    """A sports bottle: a lid on the thread and a mouthpiece that is pulled out of it."""
    top = design.height + rng.uniform(0.003, 0.006)
    stub, post = rng.uniform(0.5, 0.7) * design.neck, rng.uniform(0.01, 0.016)
    nipple = lathe([(stub, top - 0.001), (stub, top + post)], 24)
    lid = _twisted(rng, design, "lid", [Piece(nipple, design.cap)], top)
    low, high, wall = top + 0.0008, top + post + 0.004, 0.0015
    bore = stub + 0.0005
    profile = [
        (bore, high - 0.003),
        (bore, low),
        (bore + wall, low),
        (bore + wall, high - 0.005),
        (bore + 2 * wall, high - 0.004),
        (bore + 2 * wall, high - 0.001),
        (bore + wall, high),
    ]
    noun, travel = str(rng.choice(["spout", "mouthpiece", "nozzle"])), rng.uniform(0.5, 0.8) * post
    prompt = f"{rng.choice(['pull up', 'raise', 'lift'])} the {noun}"
    grip = (0.0, -bore - 2 * wall, high - 0.0025)
    pieces = [Piece(lathe(profile, 24), materials.plastic(rng))]
    return [lid, Part("spout", pieces, "lid", slide((0, 0, 1), travel), prompt, grip, 0.9 * travel)]
