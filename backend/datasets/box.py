"""Boxes: chests, tool boxes and suitcases with hinged lids, latches and handles, sliding boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.hardware import hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.placing import frame, knuckles, sideways, turn
from backend.datasets.shapes import (
    Points,
    Shape,
    box,
    disc,
    merged,
    rod,
    rounded_path,
    rounded_rectangle,
    shrunk,
    tray,
    tube,
    vessel,
)
from backend.datasets.words import place_words
from protocol.joint import Joint, Vector

_flipped = np.diag([1.0, 1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; the box lies about the z axis, lid and body meet at `seam`."""

    width: float
    depth: float
    height: float
    seam: float
    wall: float
    gap: float
    corner: float  # radius of the upright edges
    shell: Material
    cover: Material
    trim: Material

    @property
    def outline(self) -> Points:
        """The walls from above."""
        w, d = self.width, self.depth
        if self.corner:
            return rounded_rectangle(w, d, self.corner, 5)
        return np.array([(-w, -d), (w, -d), (w, d), (-w, d)]) / 2


def box_with_lid(rng: np.random.Generator) -> list[Part]:
    """Return a closed box of one of several makes."""
    makers = [_chest, _chest, _suitcase, _toolbox, _gift_box, _sliding_lid, _sleeve]
    return makers[int(rng.integers(len(makers)))](rng)


def _chest(rng: np.random.Generator) -> list[Part]:
    """A lid on hinges behind it; latches, a handle on the lid and a drawer are options."""
    design = _design(rng, (0.15, 0.6), (0.5, 0.8), (0.3, 0.7), rng.uniform(0.6, 0.85))
    domed = bool(rng.random() < 0.3)
    lid, fixed, joint = _hung(rng, design)
    lid += [Piece(_dome(design), design.cover, bare=(0, 0, -1)) if domed else _pot(design)]
    pieces = [Piece(_lower(design), design.shell, bare=(0, 0, -1)), *fixed]
    if rng.random() < 0.4:
        pieces.append(Piece(merged(_feet(design)), design.trim))
    parts = [_lid(rng, design, lid, joint)]
    if rng.random() < 0.5:
        parts += _latches(rng, design, int(rng.integers(1, 3)))
    if not domed and rng.random() < 0.4:
        handle, brackets = _top_handle(rng, design)
        parts[0].pieces.append(brackets)
        parts.append(handle)
    return [Part("body", pieces), *parts]


def _suitcase(rng: np.random.Generator) -> list[Part]:
    """Two shallow shells with round corners, a handle and two latches in front."""
    design = _design(rng, (0.4, 0.7), (0.6, 0.75), (0.22, 0.35), rng.uniform(0.45, 0.6), 0.04)
    lid, fixed, joint = _hung(rng, design)
    lid.append(_pot(design))
    handle, brackets = _front_handle(rng, design)
    pieces = [Piece(_lower(design), design.shell, bare=(0, 0, -1)), *fixed, brackets]
    latches = _latches(rng, design, 2) if rng.random() < 0.7 else []
    return [Part("body", pieces), _lid(rng, design, lid, joint), handle, *latches]


def _toolbox(rng: np.random.Generator) -> list[Part]:
    """Two lids that open from the middle to both sides, under a fixed handle."""
    design = _design(rng, (0.3, 0.55), (0.45, 0.6), (0.4, 0.6), rng.uniform(0.75, 0.88))
    half, d, bar = design.width / 2, design.depth / 2, 0.012
    z, top = design.seam + design.gap, design.height
    rail = box((-bar, -d, design.seam - 0.03), (bar, d, design.seam), 0.002)
    corners = [
        (0, -0.8 * d, z),
        (0, -0.8 * d, top + 0.07),
        (0, 0.8 * d, top + 0.07),
        (0, 0.8 * d, z),
    ]
    grip = tube(rounded_path([(x, y, h - 0.002) for x, y, h in corners], 0.03), 0.008)
    posts = [rod((0, s * 0.8 * d, design.seam - 0.01), (0, s * 0.8 * d, z), 0.008) for s in (-1, 1)]
    body = [
        Piece(_lower(design), design.shell, bare=(0, 0, -1)),
        Piece(merged([rail, grip, *posts]), design.trim),
    ]
    style, upper, lids = hinge_style(rng, ("butts", "concealed")), rng.uniform(90, 125), []
    for side, word in ((-1, "left"), (1, "right")):
        edges = sorted((side * half, side * (bar + 0.002)))
        shell = _tray_over((edges[0], -d, z), (edges[1], d, top), design.wall)
        at = (side * (half + style.ahead), 0.0, design.seam + design.gap / 2)
        start, end = (at[0], -0.9 * d, at[2]), (at[0], 0.9 * d, at[2])
        reach = 0.6 * (top - z)
        metal = hardware(style, start, end, (0, 0, reach), (0, 0, -reach), (-side, 0, 0))
        pieces = [Piece(shell, design.cover, bare=(0, 0, -1))]
        pieces += [Piece(shape, design.trim) for shape in metal.part]
        body += [Piece(shape, design.trim) for shape in metal.body]
        joint = hinge((0, side, 0), at, upper)
        prompt = f"{rng.choice(['open', 'lift', 'raise'])} the {word} lid"
        middle = (side * (bar + 0.01), -d, (z + top) / 2)
        opening = float(np.radians(rng.uniform(50, 85)))
        lids.append(Part(f"{word}_lid", pieces, "body", joint, prompt, middle, opening))
    return [Part("body", body), *lids]


def _gift_box(rng: np.random.Generator) -> list[Part]:
    """A lid that is lifted off, its rim outside the walls."""
    design = _design(rng, (0.1, 0.4), (0.6, 1.0), (0.3, 1.0), rng.uniform(0.9, 0.97))
    lip = rng.uniform(0.1, 0.5) * design.seam
    rim = shrunk(design.outline, -design.gap - design.wall)
    low = vessel(rim, -design.seam - design.wall, -design.seam + lip, design.wall)
    pieces = [
        Piece(low.transformed(_flipped).moved((0, 0, design.gap)), design.cover, bare=(0, 0, -1))
    ]
    if rng.random() < 0.5:
        knob = disc(0.05 * design.width, design.seam, design.seam + design.wall + 0.02, 0.004)
        pieces.append(Piece(knob.moved((0, 0, 2 * design.gap)), design.trim))
    body = [Piece(_lower(design), design.shell, bare=(0, 0, -1))]
    grip = (0.0, float(rim[:, 1].min()), design.seam - 0.3 * lip)
    prompt = str(rng.choice(["lift the lid", "raise the lid", "lift up the lid"]))
    joint = slide((0, 0, 1), lip + 0.002)
    lid = Part("lid", pieces, "body", joint, prompt, grip, rng.uniform(0.7, 1.0) * lip)
    return [Part("body", body), lid]


def _sliding_lid(rng: np.random.Generator) -> list[Part]:
    """A board in grooves of the long walls, with a notch or a strip for the thumb."""
    design = _design(rng, (0.12, 0.35), (0.4, 0.7), (0.25, 0.5), 0.9, 0.0)
    w, d, t = design.width / 2, design.depth / 2, max(design.wall, 0.004)
    z, thick = design.seam, rng.uniform(0.003, 0.006)
    room, rails = 0.6 * t, []
    top = z + thick + 2 * design.gap
    for side in (-1, 1):
        for inner, low, high in ((d - t + room, z, top), (d - t, top, top + 0.004)):
            near, far = sorted((side * inner, side * d))
            rails.append(box((-w, near, low), (w, far, high), 0.0005))
    back = box((-w, -d + t - room, z), (-w + t, d - t + room, top))
    body = tray((-w, -d, 0), (w, d, z), t)
    half = d - t + room - design.gap
    board = box(
        (-w + t + design.gap, -half, z + design.gap), (w, half, z + design.gap + thick), 0.0004
    )
    tab = box((0.8 * w, -0.3 * d, z + thick), (0.8 * w + 0.006, 0.3 * d, top + 0.004), 0.001)
    joint = slide((1, 0, 0), rng.uniform(0.75, 0.97) * (2 * w - t))
    prompt = str(rng.choice(["slide the lid open", "slide open the lid", "slide the lid"]))
    grip = (0.8 * w, 0.0, top + 0.002)
    pieces = [Piece(board, design.cover, bare=(0, 0, -1)), Piece(tab, design.cover)]
    lid = Part("lid", pieces, "body", joint, prompt, grip, rng.uniform(0.5, 0.9) * joint.upper)
    fixed = [
        Piece(merged([*rails, back]), design.shell),
        Piece(body, design.shell, bare=(0, 0, -1)),
    ]
    return [Part("body", fixed), lid]


def _sleeve(rng: np.random.Generator) -> list[Part]:
    """A tray in a sleeve, as of matches."""
    design = _design(rng, (0.12, 0.3), (0.5, 1.2), (0.2, 0.4), 0.9, 0.0)
    w, d, h, t = design.width / 2, design.depth / 2, design.height, min(design.wall, 0.004)
    outer = np.array([(-w, 0), (w, 0), (w, h), (-w, h)])
    sleeve = frame(outer, shrunk(outer, t), -d, d)
    low, g = t + design.gap, t + design.gap
    ahead = rng.uniform(0.0, 0.01)
    inner = tray((-w + g, -d - ahead, low), (w - g, d - 0.002, h - g), t)
    pieces = [Piece(inner, design.cover, bare=(0, 0, -1))]
    front, grip = -d - ahead, (0.0, -d - ahead, h / 2)
    if rng.random() < 0.6:
        knob = rod((0, front + 0.001, h / 2), (0, front - 0.015, h / 2), 0.15 * h)
        pieces.append(Piece(knob, design.trim))
        grip = (0.0, front - 0.015, h / 2)
    joint = slide((0, -1, 0), rng.uniform(0.6, 0.95) * 2 * d)
    noun = str(rng.choice(["tray", "drawer", "inner box"]))
    prompt = f"{rng.choice(['pull out', 'slide out', 'open'])} the {noun}"
    body = Part("sleeve", [Piece(sleeve.transformed(facing_front), design.shell)])
    opening = rng.uniform(0.5, 0.9) * joint.upper
    return [body, Part("tray", pieces, "sleeve", joint, prompt, grip, opening)]


def _design(
    rng: np.random.Generator,
    width: tuple[float, float],
    depth: tuple[float, float],
    height: tuple[float, float],
    seam: float,
    corner: float = -1.0,
) -> Design:
    """`depth` and `height` are shares of the width, `seam` of the height."""
    w = rng.uniform(*width)
    d, h = w * rng.uniform(*depth), w * rng.uniform(*height)
    if corner < 0:
        corner = float(rng.choice([0.0, rng.uniform(0.004, 0.03)]))
    kinds = [materials.wood, materials.paint, materials.plastic, materials.metal]
    shell, cover = (kinds[int(rng.integers(4))](rng) for _ in range(2))
    return Design(
        width=w,
        depth=d,
        height=h,
        seam=seam * h,
        wall=min(rng.uniform(0.002, 0.012), 0.06 * d),
        gap=rng.uniform(0.0006, 0.003),
        corner=corner,
        shell=shell,
        cover=shell if rng.random() < 0.6 else cover,
        trim=materials.metal(rng),
    )


def _lower(design: Design) -> Shape:
    return vessel(design.outline, 0.0, design.seam, design.wall)


def _pot(design: Design) -> Piece:
    """The upper shell, open below."""
    low = vessel(design.outline, -design.height, -design.seam - design.gap, design.wall)
    return Piece(low.transformed(_flipped), design.cover, bare=(0, 0, -1))


def _dome(design: Design) -> Shape:
    """The round lid of a treasure chest."""
    d, low = design.depth / 2, design.seam + design.gap
    rise = max(design.height - design.seam, 0.5 * d)
    angles = np.linspace(0.0, np.pi, 17)
    arc = np.column_stack([d * np.cos(angles), low + 0.01 + rise * np.sin(angles)])
    outline = np.vstack([[(-d, low), (d, low)], arc])
    return sideways(outline, -design.width / 2, design.width / 2, 0.002)


def _tray_over(low: Vector, high: Vector, wall: float) -> Shape:
    mirrored = tray((low[0], low[1], -high[2]), (high[0], high[1], -low[2]), wall)
    return mirrored.transformed(_flipped)


def _feet(design: Design) -> list[Shape]:
    x, y = 0.42 * design.width, 0.42 * design.depth
    return [
        disc(0.03 * design.depth, 0.0, 0.004).moved((sx * x, sy * y, 0.0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]


def _hung(rng: np.random.Generator, design: Design) -> tuple[list[Piece], list[Piece], Joint]:
    """Hardware of the lid, of the body, and the joint at the back of the seam."""
    back, level = design.depth / 2, design.seam + design.gap / 2
    upper, span = rng.uniform(85, 115), 0.8 * design.width
    if rng.random() < 0.5:
        style = hinge_style(rng, ("butts", "straps", "concealed"))
        at = (0.0, back + style.ahead, level)
        reach = 0.6 * min(design.seam, design.height - design.seam)
        start, end = ((x, at[1], level) for x in (-span / 2, span / 2))
        metal = hardware(style, start, end, (0, 0, reach), (0, 0, -reach), (0, -1, 0))
        lid, fixed = metal.part, metal.body
    else:
        # Arms to pins that stand off the back, level with the seam or below it.
        behind, drop = rng.uniform(0.008, 0.02), rng.uniform(0.0, 0.015)
        at, radius = (0.0, back + behind, level - drop), rng.uniform(0.003, 0.006)
        lid, fixed = [], []
        for x in np.linspace(-0.35, 0.35, int(rng.integers(2, 4))) * design.width:
            moving, still = knuckles(
                (x, at[1], at[2]),
                (1, 0, 0),
                min(0.04, 0.2 * design.width),
                radius,
                (0, -behind - 0.6 * design.wall, drop + 1.2 * radius + design.gap),
                (0, -behind - 0.6 * design.wall, -1.2 * radius),
            )
            lid.append(moving)
            fixed.append(still)
    return (
        [Piece(shape, design.trim) for shape in lid],
        [Piece(shape, design.trim) for shape in fixed],
        hinge((-1, 0, 0), at, upper),
    )


def _lid(rng: np.random.Generator, design: Design, pieces: list[Piece], joint: Joint) -> Part:
    noun = str(rng.choice(["lid", "lid", "cover", "top"]))
    prompt = f"{rng.choice(['open', 'lift', 'raise'])} the {noun}"
    front = -design.depth / 2
    grip = (0.0, front, design.seam + min(0.02, 0.5 * (design.height - design.seam)))
    opening = float(np.radians(rng.uniform(45, 80)))
    return Part("lid", pieces, "body", joint, prompt, grip, opening)


def _latches(rng: np.random.Generator, design: Design, count: int) -> list[Part]:
    """Plates that hang from the lid over the seam; they flip up."""
    front, half = -design.depth / 2, rng.uniform(0.012, 0.02)
    xs = [0.0] if count == 1 else [-0.3 * design.width, 0.3 * design.width]
    room = min(0.03, 0.6 * (design.height - design.seam))
    z, radius = design.seam + room, 0.0025
    below = min(rng.uniform(0.02, 0.04), 0.5 * design.seam)
    parts = []
    for x, word in zip(xs, place_words([(x, z) for x in xs]), strict=True):
        at = (x, front - radius - 0.0006, z)
        plate = box(
            (x - half, at[1] - 0.0015, design.seam - below), (x + half, at[1] + 0.001, z), 0.0005
        )
        pin = rod((x - half, at[1], z), (x + half, at[1], z), radius)
        lip = box(
            (x - half, at[1] - 0.006, design.seam - below),
            (x + half, at[1], design.seam - below + 0.003),
            0.0008,
        )
        noun = str(rng.choice(["latch", "clasp"]))
        name = f"{word} {noun}".strip()
        parts.append(
            Part(
                name.replace(" ", "_"),
                [Piece(merged([plate, pin, lip]), design.trim, bare=(0, 1, 0))],
                "lid",
                hinge((-1, 0, 0), at, rng.uniform(85, 150)),
                f"{rng.choice(['open', 'lift', 'raise'])} the {name}",
                (x, at[1] - 0.006, design.seam - below),
                float(np.radians(rng.uniform(50, 80))),
            )
        )
    return parts


def _top_handle(rng: np.random.Generator, design: Design) -> tuple[Part, Piece]:
    """A bail that lies on the lid and is raised."""
    z, radius = design.height + 0.008, rng.uniform(0.003, 0.006)
    half, reach = min(0.06, 0.3 * design.width), min(rng.uniform(0.03, 0.05), 0.3 * design.depth)
    ears = [
        box((x - 0.003, -0.006, design.height - 0.001), (x + 0.003, 0.006, z + 0.007), 0.001)
        for x in (-half - radius - 0.0073, half + radius + 0.0073)
    ]
    part = _bail(rng, half, reach, radius, (0.0, 0.0, z), design.trim, "lid")
    return part, Piece(merged(ears), design.trim)


def _front_handle(rng: np.random.Generator, design: Design) -> tuple[Part, Piece]:
    """A bail that hangs in front of the lower shell and is pulled out."""
    front, z, radius = -design.depth / 2, 0.75 * design.seam, rng.uniform(0.004, 0.007)
    half, reach = 0.055, 0.55 * design.seam
    ears = [
        box((x - 0.004, front - 0.016, z - 0.008), (x + 0.004, front + 0.001, z + 0.008), 0.001)
        for x in (-half - radius - 0.0083, half + radius + 0.0083)
    ]
    at = (0.0, front - 0.01, z)
    part = _bail(rng, half, reach, radius, at, design.trim, "body", hanging=True)
    return part, Piece(merged(ears), design.trim)


def _bail(
    rng: np.random.Generator,
    half: float,
    reach: float,
    radius: float,
    at: Vector,
    metal: Material,
    parent: str,
    *,
    hanging: bool = False,
) -> Part:
    """A bent rod whose feet turn on the x axis at `at`; it lies towards -y or hangs."""
    out = half + radius + 0.004
    corners = [
        (-out, 0, 0),
        (-half, 0, 0),
        (-half, -reach, 0),
        (half, -reach, 0),
        (half, 0, 0),
        (out, 0, 0),
    ]
    lying = tube(rounded_path(corners, min(0.4 * reach, 0.012)), radius)
    shape = lying.transformed(turn((1, 0, 0), 90 if hanging else 0)).moved(at)
    grip = (at[0], at[1], at[2] - reach) if hanging else (at[0], at[1] - reach, at[2])
    prompt = (
        f"{rng.choice(['lift', 'raise', 'fold out'] if hanging else ['lift', 'raise'])} the handle"
    )
    joint = hinge((-1, 0, 0), at, rng.uniform(80, 90) if hanging else rng.uniform(85, 95))
    opening = float(np.radians(rng.uniform(50, 80)))
    return Part("handle", [Piece(shape, metal)], parent, joint, prompt, grip, opening)
