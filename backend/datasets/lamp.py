"""Desk lamps: arms on a base, one on the other, and a head at their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, swivel
from backend.datasets.placing import turn
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    disc,
    lathe,
    merged,
    prism,
    rod,
    rounded_rectangle,
)
from protocol.joint import Vector

inner = 0.006  # half the width of what is between two plates
gap = 0.0006
plate = 0.004  # thickness of plates
beside = 60  # degrees between the head's axis and the arm that holds it, at least
_x = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the arms move in the plane x = 0, `joints` (N, 3) are their pins."""

    base: float
    floor: float  # where the column begins
    joints: Points
    eye: float  # radius of the arms' ends
    facing: float  # degrees between the head's axis and straight down, towards the front
    shade: float  # radius of the head, or half its length
    bar: bool
    paint: Material
    metal: Material


def lamp(rng: np.random.Generator) -> list[Part]:
    """Return a lamp of one, two or three arms; it may turn on its base."""
    design = _design(rng)
    turning = bool(rng.random() < 0.4)
    column = _column(design, turning)
    parts = [Part("base", _base(rng, design) + ([] if turning else column))]
    if turning:
        parts.append(_turret(rng, design, column))
    words = {1: ["arm"], 2: ["lower arm", "upper arm"], 3: ["lower arm", "middle arm", "upper arm"]}
    count = len(design.joints) - 1
    for index, word in enumerate(words[count]):
        parts.append(_arm(rng, design, index, word, parts[-1].name))
    return [*parts, _head(rng, design, parts[-1].name)]


def _design(rng: np.random.Generator) -> Design:
    count = int(rng.choice([1, 2, 2, 2, 3]))
    base, floor = rng.uniform(0.075, 0.1), rng.uniform(0.012, 0.03)
    leans = {1: [(-20, 5)], 2: [(-35, -5), (35, 65)], 3: [(-25, 0), (5, 30), (50, 75)]}
    lean, at = 0.0, np.array([0.0, rng.uniform(0.0, 0.3) * base, floor + rng.uniform(0.03, 0.06)])
    joints = [at]
    for low, high in leans[count]:
        lean, length = np.radians(rng.uniform(low, high)), rng.uniform(0.4, 0.55) / (count + 0.2)
        at = at + length * np.array([0.0, -np.sin(lean), np.cos(lean)])
        joints.append(at)
    return Design(
        base=base,
        floor=floor,
        joints=np.stack(joints),
        eye=rng.uniform(0.008, 0.012),
        facing=max(rng.uniform(10, 45), beside + rng.uniform(4, 20) - np.degrees(lean)),
        shade=rng.uniform(0.05, 0.08),
        bar=bool(rng.random() < 0.35),
        paint=materials.paint(rng) if rng.random() < 0.6 else materials.metal(rng),
        metal=materials.metal(rng),
    )


def _base(rng: np.random.Generator, design: Design) -> list[Piece]:
    """A round or a square foot."""
    if rng.random() < 0.6:
        foot = disc(design.base, 0.0, design.floor, 0.3 * design.floor, 48)
    else:
        outline = rounded_rectangle(2 * design.base, 1.7 * design.base, 0.02)
        foot = prism(outline, 0.0, design.floor, 0.004)
    pieces = [Piece(foot, design.paint, bare=(0, 0, -1))]
    if rng.random() < 0.4:
        button = disc(0.008, design.floor - 0.001, design.floor + 0.003, 0.001, 20)
        pieces.append(Piece(button.moved((0.0, -0.7 * design.base, 0.0)), design.metal))
    return pieces


def _column(design: Design, turning: bool) -> list[Piece]:
    """A tongue that stands on the base and holds the lowest pin."""
    at, low = design.joints[0], design.floor + (gap if turning else -0.001)
    collar = disc(design.eye + 0.004, low, low + 0.008, 0.001, 32).moved((0, at[1], 0))
    stem = box((-inner, at[1] - 0.7 * design.eye, low), (inner, at[1] + 0.7 * design.eye, at[2]))
    eye = rod((-inner, at[1], at[2]), (inner, at[1], at[2]), design.eye, 24)
    return [Piece(merged([collar, stem, eye]), design.metal)]


def _turret(rng: np.random.Generator, design: Design, column: list[Piece]) -> Part:
    at = (0.0, float(design.joints[0][1]), design.floor)
    free = rng.random() < 0.5
    joint = swivel((0, 0, 1), at) if free else hinge((0, 0, 1), at, 170, lower=-170)
    prompt = str(rng.choice(["turn the lamp", "rotate the lamp", "turn the lamp on its base"]))
    grip = (0.0, at[1] - design.eye - 0.004, design.floor + 0.004)
    opening = float(np.radians(rng.uniform(40, 80)))
    return Part("turret", column, "base", joint, prompt, grip, opening)


def _arm(rng: np.random.Generator, design: Design, index: int, word: str, parent: str) -> Part:
    """Two plates outside the parent's eye, or a rod between the plates of the parent."""
    low, high = design.joints[index], design.joints[index + 1]
    if index % 2 == 0:
        shapes = [_plate(low, high, side, design.eye) for side in (-1, 1)]
        shapes += [_pin(low, design), _spacer(low, high, design)]
    else:
        shapes = [_rod(low, high, design)]
    wanted = rng.uniform(25, 45), rng.uniform(25, 45)
    axis = (1.0, 0.0, 0.0)  # towards the front and down
    free = _free(design, index)
    lower, upper = (
        -_swing(low, -side, free, most) for side, most in zip((1, -1), wanted, strict=True)
    )
    joint = hinge(axis, low, -upper, lower=lower)
    verb = str(rng.choice(["lower", "fold down", "move", "tilt"]))
    width = inner + gap + plate if index % 2 == 0 else 0.8 * inner
    spot = low + 0.75 * (high - low)
    grip = (width, float(spot[1]), float(spot[2]))
    name = word.replace(" ", "_")
    pieces = [Piece(merged(shapes), design.metal, bare=(1, 0, 0))]
    opening = 0.8 * joint.upper
    return Part(name, pieces, parent, joint, f"{verb} the {word}", grip, opening, ajar=False)


def _plate(low: Points, high: Points, side: int, eye: float) -> Shape:
    """A strip with round ends at one side."""
    span = float(np.linalg.norm(high - low))
    angles = np.linspace(0.0, np.pi, 9)
    end = eye * np.column_stack([np.cos(angles), np.sin(angles)])
    outline = np.vstack([end + np.array([0.0, span]), -end])
    near, far = sorted((side * (inner + gap), side * (inner + gap + plate)))
    return _laid(prism(outline, near, far, 0.0006), low, high)


def _rod(low: Points, high: Points, design: Design) -> Shape:
    """A bar with an eye at either end."""
    eyes = [rod(p - inner * _x, p + inner * _x, design.eye, 24) for p in (low, high)]
    return merged([rod(low, high, 0.8 * inner), *eyes])


def _pin(at: Points, design: Design) -> Shape:
    """Knobs on both ends of a pin; what is inside is not drawn."""
    out = inner + gap + plate
    return merged(
        [rod(at + s * out * _x, at + s * (out + 0.005) * _x, 0.7 * design.eye) for s in (-1, 1)]
    )


def _spacer(low: Points, high: Points, design: Design) -> Shape:
    """What holds the two plates together, clear of both pins."""
    at = 0.5 * (low + high)
    out = inner + gap + 0.5 * plate
    return rod(at - out * _x, at + out * _x, 0.4 * design.eye)


def _laid(shape: Shape, low: Points, high: Points) -> Shape:
    """An outline in x, y with its thickness along z, laid from `low` to `high`, thick along x."""
    along = (high - low) / np.linalg.norm(high - low)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([np.cross(along, (1.0, 0, 0)), along, (1.0, 0, 0)], axis=1)
    matrix[:3, 3] = low
    return shape.transformed(matrix)


def _direction(design: Design) -> Points:
    angle = np.radians(design.facing)
    return np.array([0.0, -np.sin(angle), -np.cos(angle)])


def _head(rng: np.random.Generator, design: Design, parent: str) -> Part:
    """A shade with its bulb, or a bar of light, on the last pin."""
    at, way = design.joints[-1], _direction(design)
    outside = len(design.joints) % 2 == 1  # the last arm is a rod
    neck = at + way * 0.03
    shapes = []
    for side in (-1, 1) if outside else ():
        shapes.append(_plate(at, neck, side, design.eye))
    if outside:
        shapes += [_pin(at, design)]
    else:
        shapes += [_rod(at, neck, design)]
    pieces = [Piece(merged(shapes), design.metal), *_shade(rng, design, neck - 0.002 * way, way)]
    free = _free(design, len(design.joints) - 1)
    along = at - design.joints[-2]
    apart = design.facing + np.degrees(np.arctan2(-along[1], along[2]))
    up, down = rng.uniform(30, 60), min(rng.uniform(20, 40), apart - beside)
    joint = hinge((-1, 0, 0), at, _swing(at, -1, free, up), lower=-_swing(at, 1, free, down))
    noun = str(rng.choice(["head", "lamp head"] if design.bar else ["head", "shade", "lampshade"]))
    edge = at + way * (0.03 + _depth(design)) if not design.bar else at + way * 0.045
    if design.bar:
        edge = edge + _across(way) * 1.6 * design.shade
    else:
        edge = edge + _across(way) * design.shade
    grip: Vector = (0.0, float(edge[1]), float(edge[2]))
    prompt = f"{rng.choice(['tilt', 'raise', 'lift'])} the {noun}"
    return Part("head", pieces, parent, joint, prompt, grip, 0.8 * joint.upper, ajar=False)


def _across(way: Points) -> Points:
    """The direction across the head that is away from the arm: its front where it looks down."""
    return np.array([0.0, way[2], -way[1]])


def _depth(design: Design) -> float:
    return 1.3 * design.shade


def _shade(rng: np.random.Generator, design: Design, neck: Points, way: Points) -> list[Piece]:
    front = _across(way)
    frame = np.eye(4)
    frame[:3, :3] = np.stack([np.cross(front, way), front, way], axis=1)
    frame[:3, 3] = neck
    glow = materials.paint(rng, "white")
    if design.bar:
        r = design.shade
        bar = box((-0.02, -0.4 * r, 0.0), (0.02, 1.6 * r, 0.016), 0.004)
        light = box((-0.016, -0.35 * r, 0.0155), (0.016, 1.55 * r, 0.018), 0.0005)
        made = [(bar, design.paint), (light, glow)]
        return [Piece(shape.transformed(frame), stuff) for shape, stuff in made]
    r, depth, wall = design.shade, _depth(design), 0.0015
    bulge = rng.uniform(0.6, 1.6)
    shares = np.linspace(0.0, 1.0, 8)
    outer = np.column_stack([0.018 + (r - 0.018) * shares**bulge, depth * shares])
    shell = lathe(np.vstack([outer, outer[:0:-1] - (wall, 0.0)]), 40)
    angles = np.linspace(-0.4 * np.pi, 0.45 * np.pi, 8)
    bulb = np.column_stack([0.4 * r * np.cos(angles), 0.55 * depth + 0.4 * r * np.sin(angles)])
    socket = lathe([(0.014, 0.002), (0.014, 0.3 * depth)], 24)
    pieces = [
        (shell, design.paint, False),
        (lathe(bulb, 24), glow, True),
        (socket, design.metal, True),
    ]
    return [
        Piece(shape.transformed(frame), stuff, hidden=unseen) for shape, stuff, unseen in pieces
    ]


def _free(design: Design, index: int) -> Callable[[Points], bool]:
    """Whether the head, as a ball carried by a (4, 4) motion of pin `index`, stays clear."""
    reach = 1.7 * design.shade if design.bar else 1.25 * design.shade
    way = _direction(design)
    centre = design.joints[-1] + way * (0.03 + 0.5 * _depth(design))
    tip = design.joints[-1]
    fixed = [design.joints[i : i + 2] for i in range(min(index, len(design.joints) - 2))]

    def free(motion: Points) -> bool:
        ball, end = ((motion @ np.append(point, 1.0))[:3] for point in (centre, tip))
        if min(ball[2] - reach, end[2] - 0.03) < design.floor + 0.01:
            return False
        return all(_distance(ball, low, high) > reach + 0.015 for low, high in fixed)

    return free


def _swing(at: Points, sense: int, free: Callable[[Points], bool], most: float) -> float:
    """The degrees about the x axis, up to `most`, for which nothing is in the way."""
    angle = 0.0
    while angle + 1 <= most and free(turn((sense, 0, 0), angle + 1, at)):
        angle += 1
    return angle


def _distance(point: Points, low: Points, high: Points) -> float:
    along = high - low
    share = np.clip((point - low) @ along / (along @ along), 0.0, 1.0)
    return float(np.linalg.norm(point - low - share * along))
