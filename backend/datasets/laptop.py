"""Laptops: a lid on knuckle hinges behind the keyboard."""

from __future__ import annotations

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge
from backend.datasets.shapes import Shape, box, merged, prism, rod, rounded_rectangle


def laptop(rng: np.random.Generator) -> list[Part]:
    """Return a closed laptop; the hinge axis is the x axis moved up and back.

    The base ends a knuckle's radius before the axis and stays below it, the lid stays above
    and before it, so the lid opens past upright without touching.
    """
    width, depth = rng.uniform(0.29, 0.38), rng.uniform(0.2, 0.26)
    base, lid = rng.uniform(0.011, 0.018), rng.uniform(0.005, 0.008)
    knuckle, gap = rng.uniform(0.003, 0.005), rng.uniform(0.001, 0.002)
    feet = 0.0015
    axis = (0.0, depth / 2, feet + base)
    edge = depth / 2 - knuckle - gap
    shell = _shell(rng)
    dark, screen = materials.paint(rng, "graphite"), materials.glass(rng)
    joints = _knuckles(width, axis, knuckle)
    body = _base(rng, (width, edge, base, feet), shell, dark)
    body += [Piece(merged([*joints[1], *_brackets(width, axis, knuckle, gap)]), dark)]
    cover = _lid((width, depth, edge, lid), axis, gap, shell, dark, screen)
    cover += [Piece(merged([*joints[0], *_lugs(width, axis, knuckle, gap, lid)]), dark)]
    grip = (0.0, -depth / 2, axis[2] + gap + lid / 2)
    prompt = str(rng.choice(["open the laptop", "open the lid", "lift the screen"]))
    joint = hinge((-1, 0, 0), axis, rng.uniform(115, 135))
    opening = np.radians(rng.uniform(70, 105))
    return [
        Part("base", body),
        Part("lid", cover, "base", joint, prompt, grip, float(opening)),
    ]


def _shell(rng: np.random.Generator) -> Material:
    if rng.random() < 0.6:
        return materials.metal(rng, str(rng.choice(["steel", "black_metal", "copper"])))
    return materials.plastic(rng)


def _base(
    rng: np.random.Generator,
    size: tuple[float, float, float, float],
    shell: Material,
    dark: Material,
) -> list[Piece]:
    """Slab, keys and touchpad; the keys stand in a hollow so that the closed lid clears them."""
    width, edge, height, feet = size
    front = -edge - 0.008
    deck, floor = feet + height, feet + height - 0.0025
    well_x, well = 0.45 * width, (front + 0.42 * (edge - front), edge - 0.012)
    outline = rounded_rectangle(width, edge - front, 0.012) + np.array([0, (edge + front) / 2])
    slab = prism(outline, feet, floor, 0.001)
    rims = [
        box((-width / 2 + 0.012, front, floor), (width / 2 - 0.012, well[0], deck), 0.0005),
        box((-width / 2 + 0.012, well[1], floor), (width / 2 - 0.012, edge, deck), 0.0005),
        box((-width / 2, front + 0.012, floor), (-well_x, edge - 0.012, deck), 0.0005),
        box((well_x, front + 0.012, floor), (width / 2, edge - 0.012, deck), 0.0005),
    ]
    pad_y = (front + well[0]) / 2
    pad = box((-0.05, pad_y - 0.03, deck), (0.05, pad_y + 0.03, deck + 0.0003))
    stands = [
        box((x - 0.01, y - 0.004, 0), (x + 0.01, y + 0.004, feet))
        for x in (-0.4 * width, 0.4 * width)
        for y in (front + 0.02, edge - 0.02)
    ]
    return [
        Piece(slab, shell, bare=(0, 0, -1)),
        Piece(merged(rims), shell),
        Piece(pad, dark),
        Piece(merged(_keys(rng, well_x, well, floor)), dark),
        Piece(merged(stands), dark, hidden=True),
    ]


def _keys(
    rng: np.random.Generator, half: float, well: tuple[float, float], floor: float
) -> list[Shape]:
    columns, rows = int(rng.integers(12, 15)), 5
    pitch_x, pitch_y = 2 * half / columns, (well[1] - well[0]) / rows
    keys = []
    for row in range(rows):
        for column in range(columns):
            if row == 0 and 4 <= column <= 8:
                continue
            x, y = -half + column * pitch_x, well[0] + row * pitch_y
            keys.append(_key((x, y), (x + pitch_x, y + pitch_y), floor))
    keys.append(
        _key((-half + 4 * pitch_x, well[0]), (-half + 9 * pitch_x, well[0] + pitch_y), floor)
    )
    return keys


def _key(low: tuple[float, float], high: tuple[float, float], floor: float) -> Shape:
    inset = 0.0012
    return box(
        (low[0] + inset, low[1] + inset, floor), (high[0] - inset, high[1] - inset, floor + 0.0018)
    )


def _lid(
    size: tuple[float, float, float, float],
    axis: tuple[float, float, float],
    gap: float,
    shell: Material,
    dark: Material,
    screen: Material,
) -> list[Piece]:
    """A panel with a screen on its underside, just above the keyboard when closed."""
    width, depth, edge, thickness = size
    low = axis[2] + gap
    outline = rounded_rectangle(width, edge + depth / 2, 0.012) + np.array(
        [0, (edge - depth / 2) / 2]
    )
    panel = prism(outline, low, low + thickness, 0.001)
    x, y0, y1 = 0.46 * width, -depth / 2 + 0.012, edge - 0.02
    glass = box((-x, y0, low - 0.0004), (x, y1, low))
    frame = box((-x - 0.004, y0 - 0.004, low - 0.0002), (x + 0.004, y1 + 0.004, low + 0.0001))
    return [Piece(panel, shell), Piece(frame, dark), Piece(glass, screen)]


def _knuckles(
    width: float, axis: tuple[float, float, float], radius: float
) -> tuple[list[Shape], list[Shape]]:
    """Barrels along the axis: the middle ones of each hinge belong to the lid."""
    lid, base = [], []
    for centre in (-0.32 * width, 0.32 * width):
        for i, owner in ((-1, base), (0, lid), (1, base)):
            x = centre + i * 0.016
            owner.append(
                rod((x - 0.0076, axis[1], axis[2]), (x + 0.0076, axis[1], axis[2]), radius)
            )
    return lid, base


def _brackets(
    width: float, axis: tuple[float, float, float], radius: float, gap: float
) -> list[Shape]:
    """What holds the outer barrels to the base, below the axis."""
    return [
        box(
            (x - 0.0076, axis[1] - radius - gap, axis[2] - 0.8 * radius),
            (x + 0.0076, axis[1], axis[2] - 0.1 * radius),
        )
        for centre in (-0.32 * width, 0.32 * width)
        for x in (centre - 0.016, centre + 0.016)
    ]


def _lugs(
    width: float, axis: tuple[float, float, float], radius: float, gap: float, lid: float
) -> list[Shape]:
    """What holds the middle barrels to the lid, above the axis."""
    return [
        box(
            (x - 0.0076, axis[1] - radius - gap - 0.001, axis[2] + gap),
            (x + 0.0076, axis[1], axis[2] + max(radius, gap + 0.5 * lid)),
        )
        for x in (-0.32 * width, 0.32 * width)
    ]
