"""Faucets: a swivelling spout with one lever, or with two handles on a bridge."""

from __future__ import annotations

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, swivel
from backend.datasets.shapes import Shape, disc, lathe, ring, rod, rounded_path, tube
from protocol.joint import Vector

# From -y to +x.
_quarter_turn = np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def faucet(rng: np.random.Generator) -> list[Part]:
    """Return a faucet whose spout reaches towards -y."""
    finish = materials.metal(rng)
    if rng.random() < 0.55:
        return _single_lever(rng, finish)
    return _two_handles(rng, finish)


def _single_lever(rng: np.random.Generator, finish: Material) -> list[Part]:
    """A column through the spout's collar, with a lever on its head."""
    radius, height = rng.uniform(0.018, 0.026), rng.uniform(0.1, 0.2)
    collar, gap = rng.uniform(0.03, 0.045), 0.0012
    low, high = height - collar, height
    rings = [(1.6 * radius, 0), (1.6 * radius, 0.006), (1.1 * radius, 0.012), (radius, low - gap)]
    foot = lathe(rings)
    stem = disc(0.62 * radius, low - gap, high + gap, sections=24)
    head = disc(radius, high + gap, high + gap + 0.022, 0.003)
    column = [Piece(foot, finish, bare=(0, 0, -1)), Piece(stem, finish, hidden=True)]
    bent = bool(rng.random() < 0.5)
    limit = rng.uniform(40, 55) if bent else rng.uniform(60, 100)
    return [
        Part("body", [*column, Piece(head, finish)]),
        _spout(rng, finish, radius, (low, high), bent, limit),
        _lever(rng, finish, radius, high + gap + 0.022, bent),
    ]


def _spout(
    rng: np.random.Generator,
    finish: Material,
    radius: float,
    span: tuple[float, float],
    bent: bool,
    limit: float,
) -> Part:
    """A tube from a collar about z, straight, or `bent` over in a gooseneck."""
    low, high = span
    pipe, reach, z = 0.42 * radius, rng.uniform(0.12, 0.22), (low + high) / 2
    start, rise = -0.82 * radius, rng.uniform(0.1, 0.2)
    corners = [(0, start, z), (0, -0.7 * reach, z + 0.1 * rise), (0, -reach, z - 0.15 * rise)]
    if bent:
        out = start - 0.035
        corners = [
            (0, start, z), (0, out, z), (0, out, z + rise), (0, -reach, z + rise),
            (0, -reach, z + 0.45 * rise),
        ]  # fmt: skip
    path = rounded_path(corners, 0.05, 8)
    shapes = [ring(0.66 * radius, radius, low, high), tube(path, pipe, 16)]
    tip = path[-1]
    prompt = str(
        rng.choice(["turn the spout", "swing the spout to the right", "turn the tap to the right"])
    )
    joint = hinge((0, 0, 1), (0.0, 0.0, low), limit, lower=-limit)
    opening = np.radians(rng.uniform(0.5, 0.9) * limit)
    grip: Vector = (0.0, float(tip[1]) - pipe, float(tip[2]) + 0.01)
    pieces = [Piece(shape, finish) for shape in shapes]
    return Part("spout", pieces, "body", joint, prompt, grip, float(opening))


def _lever(
    rng: np.random.Generator, finish: Material, radius: float, floor: float, aside: bool
) -> Part:
    """A stick on the head that is lifted or turned; to the right where a bent spout is in front."""
    length, base = rng.uniform(0.07, 0.11), floor + 0.0012
    tilting = bool(rng.random() < 0.5)
    shapes = _tilting(radius, base, length) if tilting else _turning(radius, base, length)
    facing = _quarter_turn if aside else np.eye(4)
    pivot, axis = ((0, 0.35 * radius, base), (-1, 0, 0)) if tilting else ((0, 0, base), (0, 0, -1))
    grip = (0, -0.95 * length, base + 0.028)
    origin, axis, grip = (facing[:3, :3] @ vector for vector in (pivot, axis, grip))
    upper = rng.uniform(22, 32) if tilting else rng.uniform(38, 45)
    joint = hinge(axis, origin, upper, lower=0 if tilting else -38)
    verbs = ["lift the lever", "open the tap", "turn on the water"]
    if not tilting:
        verbs = ["pull the lever forward"] if aside else ["turn the lever to the left"]
    pieces = [Piece(shape.transformed(facing), finish) for shape in shapes]
    opening = np.radians(rng.uniform(0.6, 0.95) * upper)
    prompt = str(rng.choice(verbs))
    at = (float(grip[0]), float(grip[1]), float(grip[2]))
    return Part("lever", pieces, "body", joint, prompt, at, float(opening))


def _tilting(radius: float, base: float, length: float) -> list[Shape]:
    """Its cap ends before the pivot, so that nothing of it dips when the stick is lifted."""
    y, z = 0.1 * radius, base + 0.008
    cap = rod((-0.6 * radius, y, z), (0.6 * radius, y, z), 0.008)
    path = [(0, 0, base + 0.01), (0, -0.4 * length, base + 0.016), (0, -length, base + 0.022)]
    return [cap, tube(path, [0.006, 0.005, 0.006])]


def _turning(radius: float, base: float, length: float) -> list[Shape]:
    cap = disc(radius, base, base + 0.018, 0.004)
    stick = tube([(0, -0.5 * radius, base + 0.011), (0, -length, base + 0.02)], [0.0055, 0.004])
    return [cap, stick]


def _two_handles(rng: np.random.Generator, finish: Material) -> list[Part]:
    """A bridge on two legs; the spout stands on its middle, the handles at its ends."""
    half, height, pipe = rng.uniform(0.08, 0.11), rng.uniform(0.05, 0.09), 0.011
    gap, hub, collar = 0.0012, 0.019, 0.035
    floor = height + pipe + 0.012
    legs = [(-half, 0.0), (half, 0.0)]
    pieces = [Piece(rod((-half, 0, height), (half, 0, height), pipe), finish)]
    for x, y in legs:
        foot = lathe([(0.026, 0), (0.026, 0.006), (0.014, 0.012), (0.014, height), (0.016, floor)])
        pieces.append(Piece(foot.moved((x, y, 0)), finish, bare=(0, 0, -1)))
    stem = lathe(
        [(0.012, height), (hub, floor - gap), (0.6 * hub, floor - gap), (0.6 * hub, floor + collar)]
    )
    cap = disc(hub, floor + collar + gap, floor + collar + 0.012, 0.003)
    neck = disc(0.6 * hub, floor + collar - 0.001, floor + collar + 2 * gap, sections=24)
    pieces += [Piece(shape, finish) for shape in (stem, cap, neck)]
    parts = [Part("body", pieces)]
    parts.append(_spout(rng, finish, hub, (floor, floor + collar), bool(rng.random() < 0.5), 40))
    cross = bool(rng.random() < 0.5)
    for (x, _), word in zip(legs, ("left", "right"), strict=True):
        parts.append(_handle(rng, finish, (x, 0.0, floor + gap), word, cross))
    return parts


def _handle(rng: np.random.Generator, finish: Material, at: Vector, word: str, cross: bool) -> Part:
    """A cross that turns and turns, or a blade that turns a quarter outwards."""
    length = rng.uniform(0.03, 0.04)
    outwards = -1.0 if word == "left" else 1.0
    shapes = _cross(length) if cross else _blade(length + 0.025)
    pieces = [Piece(shape.moved(at), finish) for shape in shapes]
    reach = length if cross else length + 0.02
    grip = (at[0], at[1] - reach, at[2] + 0.026)
    axis = (0.0, 0.0, outwards)
    joint = swivel(axis, at) if cross else hinge(axis, at, rng.uniform(85, 100))
    opening = np.radians(rng.uniform(45, 80))
    verb = str(rng.choice(["turn the {} handle", "open the {} tap", "turn on the {} tap"]))
    name = f"{word}_handle"
    return Part(name, pieces, "body", joint, verb.format(word), grip, float(opening))


def _cross(length: float) -> list[Shape]:
    z = 0.021
    spokes = [
        rod((-length, 0, z), (length, 0, z), 0.0045),
        rod((0, -length, z), (0, length, z), 0.0045),
    ]
    hub = lathe([(0.012, 0), (0.013, 0.012), (0.01, 0.028), (0.006, 0.031)], 24)
    return [hub, *spokes]


def _blade(length: float) -> list[Shape]:
    hub = lathe([(0.014, 0), (0.014, 0.014), (0.009, 0.024)], 24)
    stick = tube(
        [(0, 0.004, 0.016), (0, -0.5 * length, 0.02), (0, -length, 0.023)], [0.007, 0.005, 0.004]
    )
    return [hub, stick]
