"""Knives lying on a table: pocket knives whose blades fold, cutters whose blade slides."""

from __future__ import annotations

import numpy as np

from backend.datasets import materials
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.placing import frame
from backend.datasets.shapes import (
    Shape,
    box,
    disc,
    loft,
    merged,
    prism,
    rounded_rectangle,
)

_tools = ("blade", "small blade", "saw", "screwdriver", "bottle opener")


def knife(rng: np.random.Generator) -> list[Part]:
    """Return a pocket knife with one blade or several tools, or a cutter."""
    return _cutter(rng) if rng.random() < 0.35 else _pocket_knife(rng)


def _pocket_knife(rng: np.random.Generator) -> list[Part]:
    """Tools in layers between scales; each folds out to +x from a pin at one end."""
    count = int(rng.choice([1, 1, 2, 3]))
    length, width = rng.uniform(0.1, 0.125), rng.uniform(0.022, 0.03)
    blade, gap, plate = rng.uniform(0.002, 0.003), rng.uniform(0.0003, 0.0006), 0.0012
    scale = rng.uniform(0.003, 0.005)
    outline = rounded_rectangle(width, length, 0.45 * width, 6)
    steel = materials.metal(rng, "steel")
    kinds = [materials.wood, materials.plastic, materials.metal]
    skin = kinds[int(rng.integers(3))](rng)
    low = prism(outline, 0.0, scale, 0.4 * scale)
    pieces, parts, z = [Piece(low, skin, bare=(0, 0, -1))], [], scale
    room = blade + 2 * gap
    opened = bool(count == 1 and rng.random() < 0.35)
    for index in range(count):
        end = 1 if index % 2 == 0 else -1
        pieces.append(Piece(_spine(length, width, z, z + room, end), steel, hidden=True))
        layer = (z + gap, z + gap + blade)
        parts.append(_tool(rng, _tools[index], length, width, layer, end, steel, opened))
        z += room
        if index < count - 1:
            pieces.append(Piece(prism(outline, z, z + plate), steel))
            z += plate
    top = prism(outline, z, z + scale, 0.4 * scale)
    pieces.append(Piece(top, skin, bare=(0, 0, -1)))
    pins = [
        disc(0.003, z + scale - 0.001, z + scale + 0.0006, sections=16).moved(
            (0, s * _pin(length, width), 0)
        )
        for s in (-1, 1)
    ]
    pieces.append(Piece(merged(pins), steel))
    return [Part("handle", pieces), *parts]


def _pin(length: float, width: float) -> float:
    return length / 2 - 0.45 * width


def _spine(length: float, width: float, low: float, high: float, end: int) -> Shape:
    """The back of a layer, clear of the turning end of its tool."""
    near, far = -length / 2 + 0.35 * width, _pin(length, width) - 0.5 * width
    y0, y1 = sorted((end * near, end * far))
    return box((-0.46 * width, y0, low), (-0.34 * width, y1, high))


def _tool(
    rng: np.random.Generator,
    word: str,
    length: float,
    width: float,
    layer: tuple[float, float],
    end: int,
    steel: Material,
    opened: bool,
) -> Part:
    """A blade folded in, its back a little out of the handle for the thumb."""
    pin = np.array([0.0, end * _pin(length, width), 0.0])
    reach = (length - 0.75 * width) * (rng.uniform(0.9, 0.97) if "small" not in word else 0.7)
    out = width * rng.uniform(0.54, 0.62)
    edge = -0.26 * width
    shares = np.array([0.0, 0.15, 0.6, 0.85, 1.0])
    inner = edge + (out - edge) * np.array([0.3, 0.0, 0.05, 0.4, 0.9])
    outer = np.array([0.4 * width, out, out, out, 0.97 * out])
    if word in ("screwdriver", "bottle opener"):
        inner, outer = (
            np.full(5, 0.2 * width),
            np.array([0.4 * width, out, out, 0.9 * out, 0.85 * out]),
        )
    rings = [
        [
            (x0, -end * share * reach, layer[0]),
            (x1, -end * share * reach, layer[0]),
            (x1, -end * share * reach, layer[1]),
            (x0, -end * share * reach, layer[1]),
        ]
        for share, x0, x1 in zip(shares, inner, outer, strict=True)
    ]
    tang = disc(0.42 * width, *layer, sections=24)
    shape = merged([loft(rings), tang]).moved(pin)
    joint = hinge((0, 0, end), pin, rng.uniform(165, 180))
    grip = (out, float(pin[1]) - end * 0.7 * reach, sum(layer) / 2)
    noun = "blade" if word == "blade" else word
    prompt = f"{rng.choice(['open', 'fold out', 'unfold'])} the {noun}"
    return Part(
        noun.replace(" ", "_"),
        [Piece(shape, steel)],
        "handle",
        joint,
        prompt,
        grip,
        float(np.radians(rng.uniform(70, 120))),
        rest=joint.upper if opened else 0.0,
        closing=f"{rng.choice(['fold in', 'close', 'fold'])} the {noun}",
    )


def _cutter(rng: np.random.Generator) -> list[Part]:
    """A hollow handle; the thumb pushes the blade out of it along a slot."""
    length, width = rng.uniform(0.12, 0.16), rng.uniform(0.022, 0.032)
    wall, blade, gap = rng.uniform(0.002, 0.003), rng.uniform(0.0008, 0.0015), 0.0006
    room, low = blade + 2 * gap, 2 * wall
    skin, dark = materials.plastic(rng), materials.plastic(rng)
    half, slot = width / 2, rng.uniform(0.0025, 0.004)
    outline = rounded_rectangle(width, length, 0.3 * width, 6)
    top = low + room
    travel = rng.uniform(0.3, 0.45) * length
    slot_low, slot_high = -0.2 * length, -0.2 * length + travel + 0.02
    hole = rounded_rectangle(2 * slot, slot_high - slot_low, 0.9 * slot, 6)
    hole = hole + np.array([0.0, (slot_low + slot_high) / 2])
    sides = []
    for side in (-1, 1):
        near, far = sorted((side * half * 0.72, side * half * 0.98))
        sides.append(box((near, -0.42 * length, low - 0.0002), (far, 0.42 * length, top + 0.0002)))
    pieces = [
        Piece(prism(outline, 0.0, low, 0.4 * wall), skin, bare=(0, 0, -1)),
        Piece(frame(outline, hole, top, top + wall), skin),
        Piece(merged(sides), skin, hidden=True),
    ]
    for y in np.linspace(-0.45, -0.3, 4) * length if rng.random() < 0.6 else ():
        rib = box((-0.4 * width, y - 0.0012, -0.0004), (0.4 * width, y + 0.0012, 0.0012), 0.0004)
        pieces.append(Piece(rib.moved((0, 0, top + wall)), dark))
    w = 0.3 * width
    tip = length / 2 - 0.002
    outline = np.array([(-w, slot_low), (w, slot_low), (w, tip - 1.6 * w), (-w, tip)])
    steel = materials.metal(rng, "steel")
    z = (low + gap, low + gap + blade)
    stem, above = slot - 0.0006, top + wall
    high = above + rng.uniform(0.004, 0.007)
    start = slot_low + 0.003
    thumb = [
        box((-stem, start, z[0]), (stem, start + 0.012, above + 0.003)),
        box(
            (-0.3 * width, start - 0.001, above + 0.0008),
            (0.3 * width, start + 0.015, high),
            0.0012,
        ),
    ]
    joint = slide((0, 1, 0), travel)
    noun = str(rng.choice(["blade", "blade", "slider"]))
    prompt = f"{rng.choice(['slide out', 'push out', 'slide'])} the {noun}"
    grip = (0.0, start + 0.007, high)
    extended = rng.uniform(0.2, 0.5) * travel if rng.random() < 0.3 else 0.0
    moved = [Piece(prism(outline, *z), steel), Piece(merged(thumb), dark)]
    part = Part("blade", moved, "handle", joint, prompt, grip, 0.8 * travel, rest=extended)
    return [Part("handle", pieces), part]
