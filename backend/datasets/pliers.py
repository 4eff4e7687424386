"""Pliers lying on a table: two halves that cross on a rivet, each half as thick there."""

from __future__ import annotations

import numpy as np

from backend.datasets import materials
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.placing import grounded
from backend.datasets.shapes import Points, Shape, disc, loft, merged, rounded_path, tube

# Length and width of the jaws of each kind, in metres.
jaws = {"combination": (0.035, 0.013), "long nose": (0.065, 0.01), "cutters": (0.018, 0.016)}


def pliers(rng: np.random.Generator) -> list[Part]:
    """Return closed pliers, jaws towards +y; the half above opens to the left."""
    kind = str(rng.choice(list(jaws)))
    length, width = jaws[kind] * rng.uniform(0.85, 1.25, 2)
    thick, play = rng.uniform(0.008, 0.012), rng.uniform(0.0004, 0.001)
    rivet = rng.uniform(0.009, 0.013)
    reach, spread = rng.uniform(0.08, 0.12), rng.uniform(0.014, 0.026)
    thickness = rng.uniform(0.0045, 0.007)
    tip = rng.uniform(0.15, 0.4) if kind == "long nose" else rng.uniform(0.5, 0.9)
    steel = materials.metal(rng, str(rng.choice(["steel", "black_metal"])))
    sleeve = materials.plastic(rng)
    layers = (0.0, thick / 2 - play / 2), (thick / 2 + play / 2, thick)
    bowed = rng.uniform(0.3, 1.1)
    parts = []
    for name, side, layer in zip(("lower_half", "upper_half"), (1, -1), layers, strict=True):
        shapes = [
            disc(rivet, *layer, 0.0006, 40),
            _jaw(side, rivet, width, length, tip, (0.0, thick)),
            _neck(side, rivet, width, layer),
            _shank(side, rivet, spread, layer),
        ]
        path = _handle(side, rivet, reach, spread, bowed, thick / 2)
        radii = thickness * np.interp(
            np.linspace(0, 1, len(path)), [0, 0.1, 0.8, 1], [0.7, 1, 1, 0.8]
        )
        pieces = [
            Piece(merged(shapes), steel, bare=(0, 0, -1)),
            Piece(tube(path, radii, 16), sleeve),
        ]
        parts.append((name, pieces, path))
    (below, fixed, _), (above, moved, path) = parts
    head = disc(0.5 * rivet, thick - 0.0002, thick + 0.0016, 0.0005, 24)
    moved.append(Piece(head, steel))
    at = path[int(0.8 * len(path))]
    grip = (float(at[0]) + thickness, float(at[1]), float(at[2]))
    joint = hinge((0, 0, 1), (0.0, 0.0, thick / 2), rng.uniform(30, 55))
    prompt = str(rng.choice(["open the pliers", "open the jaws", "spread the handles"]))
    opening = float(np.radians(rng.uniform(16, 26)))
    return grounded([Part(below, fixed), Part(above, moved, below, joint, prompt, grip, opening)])


def _jaw(
    side: int, rivet: float, width: float, length: float, tip: float, layer: tuple[float, float]
) -> Shape:
    """As thick as both halves, from beyond the other half's disc to a narrower tip."""
    shares = np.array([0.0, 0.1, 0.45, 0.8, 1.0])
    outer = width * (1 - (1 - tip) * shares**1.3)
    outer[0], outer[-1] = 0.85 * width, 0.8 * outer[-1]
    y = rivet + 0.0008 + shares * length
    return _strip(y, np.full(5, 0.0002), outer, side, layer)


def _neck(side: int, rivet: float, width: float, layer: tuple[float, float]) -> Shape:
    """From the disc to the jaw, in the half's own layer."""
    y = np.array([0.0, 0.6, 1.0]) * (rivet + 0.002)
    return _strip(
        y, np.array([-0.5, -0.2, 0.02]) * rivet, np.array([0.95, 0.95, 0.8]) * width, side, layer
    )


def _shank(side: int, rivet: float, spread: float, layer: tuple[float, float]) -> Shape:
    """From the disc to the handle, across to the other side."""
    shares = np.linspace(0.0, 1.0, 4)
    middle = -0.85 * spread * shares**1.2
    y = -shares * (1.7 * rivet + 0.006)
    half = np.linspace(0.8 * rivet, 0.0035, 4)
    return _strip(y[::-1], (middle - half)[::-1], (middle + half)[::-1], side, layer)


def _handle(side: int, rivet: float, reach: float, spread: float, bowed: float, z: float) -> Points:
    """The middle line of a sleeve that bows outwards and comes back a little."""
    start = -1.7 * rivet
    corners = [
        (-side * 0.8 * spread, start, z),
        (-side * spread * (1 + 0.4 * bowed), start - 0.4 * reach, z),
        (-side * spread * (1 + 0.2 * bowed), start - reach, z),
    ]
    return rounded_path(corners, 0.05, 10)


def _strip(y: Points, inner: Points, outer: Points, side: int, layer: tuple[float, float]) -> Shape:
    """A flat strip along y from x `inner` to `outer`, mirrored for the left side."""
    (low, high), left, right = (
        layer,
        np.minimum(side * inner, side * outer),
        np.maximum(side * inner, side * outer),
    )
    rings = [
        [(x0, at, low), (x1, at, low), (x1, at, high), (x0, at, high)]
        for at, x0, x1 in zip(y, left, right, strict=True)
    ]
    return loft(rings)
