"""Folding chairs of tubes or boards, and seats of theatres that tip up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.placing import grounded, sideways, turn
from backend.datasets.shapes import Points, Shape, box, merged, prism, rod, rounded_rectangle


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres. In the plane of y and z the front frame is a line from `foot` to `top`.

    Rails of the front frame are at x = ±`half`, those of the rear legs outside them.
    """

    half: float
    bar: float  # half the thickness of rails
    foot: Points
    top: Points
    rear: Points  # foot of the rear legs
    pivot: Points  # of the rear legs, on the front frame
    seat: Points  # pin of the seat, on the front frame
    tubes: bool
    frame: Material
    cloth: Material

    def on_frame(self, height: float) -> Points:
        """The point (2,) of the front frame at a height."""
        share = (height - self.foot[1]) / (self.top[1] - self.foot[1])
        return self.foot + share * (self.top - self.foot)


def folding_chair(rng: np.random.Generator) -> list[Part]:
    """Return a chair that stands unfolded, or a theatre seat with its seat up."""
    if rng.random() < 0.25:
        return _theatre(rng)
    design = _design(rng)
    front = _front_frame(rng, design)
    return grounded([Part("front_frame", front), _rear_legs(rng, design), _seat(rng, design)])


def _design(rng: np.random.Generator) -> Design:
    high, lean = rng.uniform(0.78, 0.9), rng.uniform(18, 26)
    foot = np.array([-rng.uniform(0.18, 0.24), 0.0])
    top = foot + np.array([high * np.tan(np.radians(lean)), high])
    level = rng.uniform(0.42, 0.47)
    pivot = foot + (top - foot) * (level + rng.uniform(-0.06, 0.12)) / high
    tubes = bool(rng.random() < 0.55)
    return Design(
        half=rng.uniform(0.19, 0.23),
        bar=rng.uniform(0.009, 0.012) if tubes else rng.uniform(0.01, 0.014),
        foot=foot,
        top=top,
        rear=np.array([rng.uniform(0.2, 0.28), 0.0]),
        pivot=pivot,
        seat=foot + (top - foot) * level / high,
        tubes=tubes,
        frame=materials.metal(rng) if tubes else materials.wood(rng),
        cloth=materials.paint(rng) if rng.random() < 0.5 else materials.fabric(rng),
    )


def _rail(design: Design, x: float, low: Points, high: Points) -> Shape:
    """A tube or a board in the plane at `x` between two points (2,) of y, z."""
    start, end = (x, *low), (x, *high)
    if design.tubes:
        return rod(start, end, design.bar)
    along = (high - low) / np.linalg.norm(high - low)
    across = np.array([-along[1], along[0]]) * 0.02
    outline = [low - across, high - across, high + across, low + across]
    return sideways(np.array(outline)[::-1], x - design.bar, x + design.bar, 0.002)


def _across(design: Design, half: float, at: Points) -> Shape:
    return rod((-half, *at), (half, *at), 0.8 * design.bar)


def _front_frame(rng: np.random.Generator, design: Design) -> list[Piece]:
    """Two rails from the front feet to the top, a rest for the back, a bar below."""
    rails = [_rail(design, side * design.half, design.foot, design.top) for side in (-1, 1)]
    rails.append(_across(design, design.half, design.on_frame(rng.uniform(0.1, 0.16))))
    if design.tubes:
        rails.append(_across(design, design.half, design.top))
    tall = rng.uniform(0.1, 0.22)
    low = design.on_frame(design.top[1] - tall - 0.02)
    high = design.on_frame(design.top[1] - 0.015)
    away = np.array([-(high - low)[1], (high - low)[0]]) / np.linalg.norm(high - low)
    count = 1 if design.tubes else int(rng.integers(1, 4))
    pieces = [Piece(merged(rails), design.frame)]
    for index in range(count):
        ends = [low + (high - low) * (index + s) / count for s in (0.04, 0.92)]
        outline = [
            ends[0] - 0.008 * away,
            ends[1] - 0.008 * away,
            ends[1] + 0.008 * away,
            ends[0] + 0.008 * away,
        ]
        board = sideways(np.array(outline), -design.half, design.half, 0.003)
        pieces.append(Piece(board, design.cloth if design.tubes else design.frame, bare=(0, 1, 0)))
    return pieces


def _rear_legs(rng: np.random.Generator, design: Design) -> Part:
    """Two rails outside the front frame, joined near the floor."""
    out = design.half + 2 * design.bar + 0.0015
    rails = [_rail(design, side * out, design.rear, design.pivot) for side in (-1, 1)]
    at = design.rear + (design.pivot - design.rear) * rng.uniform(0.42, 0.55)
    rails.append(_across(design, out, at))
    near, far = out + 0.8 * design.bar, out + design.bar + 0.004
    heads = [rod((s * near, *design.pivot), (s * far, *design.pivot), 0.01) for s in (-1, 1)]
    back, ahead = (end - design.pivot for end in (design.rear, design.foot))
    cosine = float(back @ ahead / np.linalg.norm(back) / np.linalg.norm(ahead))
    between = float(np.degrees(np.arccos(cosine)))
    # The legs go forward until they are nearly in line with the front frame.
    joint = hinge((-1, 0, 0), (0.0, *design.pivot), between - rng.uniform(9, 13))
    noun = str(rng.choice(["rear legs", "back legs"]))
    prompt = f"{rng.choice(['fold in', 'fold', 'close'])} the {noun}"
    grip = (out, *(design.rear + 0.1 * (design.pivot - design.rear)))
    opening = 0.7 * joint.upper
    pieces = [Piece(merged([*rails, *heads]), design.frame)]
    return Part("rear_legs", pieces, "front_frame", joint, prompt, grip, opening)


def _seat(rng: np.random.Generator, design: Design) -> Part:
    """A board or slats between the rails, on pins at its sides."""
    half, (y, z) = design.half - design.bar - 0.003, design.seat
    front, back = y - rng.uniform(0.24, 0.3), y + rng.uniform(0.06, 0.1)
    thick = rng.uniform(0.014, 0.025)
    sink = rng.uniform(0.0, 0.5) * thick
    if design.tubes:
        middle = (front + back) / 2
        outline = rounded_rectangle(2 * half, back - front, 0.06)
        shapes = [prism(outline, z - sink, z - sink + thick, 0.005).moved((0, middle, 0))]
    else:
        edges = np.linspace(front, back, int(rng.integers(5, 8)))
        step = edges[1] - edges[0]
        shapes = [
            box((-half, at, z - sink), (half, at + 0.85 * step, z - sink + thick), 0.003)
            for at in edges[:-1]
        ]
        shapes += [
            box(
                (x - 0.01, front, z - sink - 0.02), (x + 0.01, back - 0.15 * step, z - sink + 0.002)
            )
            for x in (-0.8 * half, 0.8 * half)
        ]
    lean = float(np.degrees(np.arctan2(*(design.top - design.foot))))
    joint = hinge((-1, 0, 0), (0.0, y, z), 90 - lean - rng.uniform(8, 16))
    prompt = f"{rng.choice(['fold up', 'lift', 'raise'])} the seat"
    grip, opening = (0.0, front, z - sink + thick / 2), 0.7 * joint.upper
    stuff = design.cloth if design.tubes else design.frame
    pieces = [Piece(shape, stuff, bare=(0, 0, -1)) for shape in shapes]
    return Part("seat", pieces, "front_frame", joint, prompt, grip, opening)


def _theatre(rng: np.random.Generator) -> list[Part]:
    """Seats in a row between arms; each seat is up and folds down."""
    count, wide = int(rng.integers(1, 4)), rng.uniform(0.48, 0.55)
    arm, high, level = rng.uniform(0.05, 0.07), rng.uniform(0.8, 0.95), rng.uniform(0.42, 0.46)
    cloth, shell = materials.fabric(rng), materials.plastic(rng)
    xs = (np.arange(count) - (count - 1) / 2) * (wide + arm)
    body, parts = [], []
    for x in [*(xs - (wide + arm) / 2), xs[-1] + (wide + arm) / 2]:
        side = box((x - arm / 2, -0.2, 0.0), (x + arm / 2, 0.14, level + 0.16), 0.01)
        rest = box(
            (x - arm / 2 - 0.005, -0.24, level + 0.16),
            (x + arm / 2 + 0.005, 0.14, level + 0.19),
            0.01,
        )
        body += [Piece(side, shell, bare=(0, 0, -1)), Piece(rest, shell)]
    words = {1: [""], 2: ["left", "right"], 3: ["left", "middle", "right"]}[count]
    deep, thick = rng.uniform(0.38, 0.44), rng.uniform(0.07, 0.1)
    pin, upper = (0.05, level - thick / 2), rng.uniform(70, 82)
    for x, word in zip(xs, words, strict=True):
        profile = [(0.13, level + 0.04), (0.19, level + 0.04), (0.26, high), (0.2, high)]
        body.append(
            Piece(sideways(profile, x - wide / 2, x + wide / 2, 0.015), cloth, bare=(0, 1, 0))
        )
        back = pin[0] + 0.035
        flat = box(
            (x - wide / 2 + 0.012, back - deep, level - thick),
            (x + wide / 2 - 0.012, back, level),
            0.02,
        )
        raised = turn((-1, 0, 0), upper, (0.0, *pin))
        called = f"{word} seat".strip()
        joint = hinge((1, 0, 0), (float(x), *pin), upper)
        tip = (raised @ np.array([x, back - deep + 0.002, level - thick / 2, 1.0]))[:3]
        prompt = f"{rng.choice(['fold down', 'lower', 'pull down'])} the {called}"
        parts.append(
            Part(
                called.replace(" ", "_"),
                [Piece(flat.transformed(raised), cloth, bare=(0, 0, 1))],
                "row",
                joint,
                prompt,
                (float(tip[0]), float(tip[1]), float(tip[2])),
                float(np.radians(rng.uniform(45, 65))),
            )
        )
    return [Part("row", body), *parts]
