"""Things to put somewhere: plain, concave, thin and articulated ones, deterministic in the seed."""

from __future__ import annotations

import math

import numpy as np

from backend.datasets import generate
from backend.datasets.shapes import Shape, box, disc, merged, prism, rod, vessel
from backend.formats.model import Link, Model, from_object
from backend.formats.model import Shape as ModelShape
from backend.geometry.mesh import Mesh

Generator = np.random.Generator
salt = 0x7146
furniture = ("cabinet", "cart", "microwave", "safe", "box", "laptop", "toaster", "stool", "bin")
articulated_share = 0.4


def thing(seed: int) -> Model:
    """Return an object that stands on z = 0 about the origin, front towards -y.

    Two of five are from the articulated families, the rest is one rigid link.
    """
    generator = np.random.default_rng([salt, seed])
    if generator.random() < articulated_share:
        family = str(generator.choice(furniture))
        return from_object(generate(family, seed))
    make = makers[int(generator.integers(len(makers)))]
    name = make.__name__.lstrip("_")
    shape = merged(make(generator))
    shape = shape.moved([0.0, 0.0, -shape.vertices[:, 2].min()])
    mesh = Mesh(shape.vertices, shape.faces)
    return Model(f"{name}-{seed}", (Link(name, (ModelShape(name, mesh),)),))


def _block(generator: Generator) -> list[Shape]:
    half = generator.uniform(0.04, 0.3, 3)
    return [box(-half, half, bevel=0.003)]


def _can(generator: Generator) -> list[Shape]:
    return [disc(generator.uniform(0.03, 0.12), 0.0, generator.uniform(0.08, 0.3))]


def _board(generator: Generator) -> list[Shape]:
    """A thin plate."""
    x, y = generator.uniform(0.1, 0.35, 2)
    return [box([-x, -y, 0.0], [x, y, generator.uniform(0.004, 0.02)])]


def _bowl(generator: Generator) -> list[Shape]:
    radius = generator.uniform(0.08, 0.2)
    angles = np.linspace(0.0, math.tau, 24, endpoint=False)
    outline = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    high = generator.uniform(0.05, 0.15)
    return [vessel(outline, 0.0, high, 0.008, taper=0.3 * radius)]


def _bench(generator: Generator) -> list[Shape]:
    """A board on two sides: concave from below."""
    x, y, high = (
        generator.uniform(0.2, 0.6),
        generator.uniform(0.12, 0.2),
        generator.uniform(0.2, 0.5),
    )
    return [
        box([-x, -y, high - 0.03], [x, y, high]),
        box([-x, -y, 0.0], [-x + 0.03, y, high - 0.03]),
        box([x - 0.03, -y, 0.0], [x, y, high - 0.03]),
    ]


def _tripod(generator: Generator) -> list[Shape]:
    high, spread = generator.uniform(0.25, 0.6), generator.uniform(0.1, 0.22)
    feet = [
        [spread * math.cos(a), spread * math.sin(a), 0.0]
        for a in (0.4, 0.4 + math.tau / 3, 0.4 + 2 * math.tau / 3)
    ]
    legs = [rod(foot, [0.2 * foot[0], 0.2 * foot[1], high], 0.012) for foot in feet]
    return [*legs, disc(0.4 * spread + 0.03, high - 0.01, high + 0.02)]


def _corner(generator: Generator) -> list[Shape]:
    """An L, whose middle is not where its box's is."""
    a, b, wide, high = *generator.uniform(0.15, 0.4, 2), generator.uniform(0.05, 0.1), 0.15
    return [
        box([0.0, 0.0, 0.0], [a, wide, high]),
        box([0.0, wide, 0.0], [wide, wide + b, high]),
    ]


def _pyramid(generator: Generator) -> list[Shape]:
    base, high = generator.uniform(0.06, 0.2), generator.uniform(0.1, 0.35)
    sides = int(generator.integers(3, 7))
    angles = np.linspace(0.0, math.tau, sides, endpoint=False)
    outline = base * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return [prism(outline, 0.0, high, bevel=0.4 * base)]


makers = (_block, _can, _board, _bowl, _bench, _tripod, _corner, _pyramid)
