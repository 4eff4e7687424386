"""Gates between posts: one or two wings on straps or eyes, with a bolt or a latch on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import materials
from backend.datasets.handles import facing_front
from backend.datasets.hardware import HingeStyle, hardware, hinge_style
from backend.datasets.materials import Material
from backend.datasets.object import Part, Piece, hinge, slide
from backend.datasets.placing import along_x
from backend.datasets.shapes import Shape, box, disc, loft, merged, ring, rod


@dataclass(frozen=True, eq=False)
class Design:
    """Measures in metres; wings fill y from 0 to `thick`, their fronts flush with the posts'."""

    opening: float
    height: float
    lift: float  # of the wings above the ground
    post: float
    thick: float
    gap: float
    offset: float  # between post and axis, for eyes
    fill: str
    hinges: HingeStyle
    both_ways: bool
    material: Material
    metal: Material


@dataclass(frozen=True)
class Wing:
    """Where it begins at its post and ends, and the side of that post: -1 left, 1 right."""

    hung: float
    free: float
    side: int
    word: str


def gate(rng: np.random.Generator) -> list[Part]:
    """Return a closed gate, its lock open."""
    double = bool(rng.random() < 0.35)
    design = _design(rng, double)
    body = _posts(design)
    parts = []
    wings = _wings(rng, design, double)
    for wing in wings:
        parts.append(_wing(rng, design, wing, body))
    lock = wings[-1]
    # What the lock holds on to: the post opposite, or the other wing.
    keeper = parts[0].pieces if double else body
    kind = rng.random()
    # A latch before the other wing or the post would be in the way of some gates.
    if kind < 0.5:
        parts.append(_bolt(rng, design, lock, parts[-1].pieces, keeper))
    elif kind < 0.85 and not double and not design.both_ways:
        parts.append(_latch(rng, design, lock, parts[-1].pieces))
    return [Part("posts", body), *parts]


def _design(rng: np.random.Generator, double: bool) -> Design:
    wooden = bool(rng.random() < 0.6)
    style = hinge_style(rng, ("straps", "eyes", "eyes"))
    return Design(
        opening=rng.uniform(1.8, 2.5) if double else rng.uniform(0.9, 1.4),
        height=rng.uniform(0.9, 1.4),
        lift=rng.uniform(0.04, 0.08),
        post=rng.uniform(0.09, 0.14),
        thick=rng.uniform(0.045, 0.06),
        gap=rng.uniform(0.01, 0.018),
        offset=rng.uniform(0.042, 0.055) if style.kind == "eyes" else 0.0,
        fill=str(rng.choice(["pickets", "pickets", "bars", "boards"])),
        hinges=style,
        both_ways=bool(style.kind == "eyes" and rng.random() < 0.4),
        material=materials.wood(rng) if wooden else materials.paint(rng),
        metal=materials.metal(rng, "black_metal"),
    )


def _posts(design: Design) -> list[Piece]:
    """Two posts with caps, on a sill that joins them below the ground's surface."""
    w, p, h = design.opening / 2, design.post, design.height + 0.1
    pieces = []
    for side in (-1, 1):
        x0, x1 = sorted((side * w, side * (w + p)))
        shaft = box((x0, 0, 0), (x1, p, h), 0.004)
        rings = [
            [(x0 - e, -e, z), (x1 + e, -e, z), (x1 + e, p + e, z), (x0 - e, p + e, z)]
            for e, z in ((0.012, h), (0.012, h + 0.015), (-0.3 * p, h + 0.05))
        ]
        cap = Piece(loft(rings), design.material, bare=(0, 0, -1))
        pieces += [Piece(shaft, design.material, bare=(0, 0, -1)), cap]
    sill = box((-w, 0.02, 0), (w, p - 0.02, 0.012))
    return [*pieces, Piece(sill, design.metal)]


def _wings(rng: np.random.Generator, design: Design, double: bool) -> list[Wing]:
    w, start = design.opening / 2, max(design.gap, design.offset + 0.02)
    if double:
        half = design.gap / 2
        return [Wing(-w + start, -half, -1, "left"), Wing(w - start, half, 1, "right")]
    side = (-1, 1)[rng.integers(2)]
    return [Wing(side * (w - start), -side * (w - design.gap), side, "")]


def _wing(rng: np.random.Generator, design: Design, wing: Wing, body: list[Piece]) -> Part:
    s, t = wing.side, design.thick
    z0, z1 = design.lift, design.lift + design.height
    eyes = design.hinges.kind == "eyes"
    post = s * design.opening / 2
    x, y = (post - s * design.offset, t / 2) if eyes else (post - s * design.gap / 2, 0.0)
    y -= design.hinges.ahead
    if eyes:
        hung, fixed = _eyes(design, wing, (x, y))
    else:
        reach = -s * 0.55 * abs(wing.free - wing.hung)
        made = hardware(
            design.hinges, (x, y, z0), (x, y, z1), (reach, 0, 0), (s * 0.06, 0, 0), (0, 1, 0)
        )
        hung, fixed = made.part, made.body
    body += [Piece(shape, design.metal) for shape in fixed]
    # Backwards the wing comes to lie beside its post.
    upper, lower = rng.uniform(85, 105), -rng.uniform(80, 88) if design.both_ways else 0.0
    verb = str(rng.choice(["open", "swing open"]))
    noun = str(rng.choice(["gate", "wing"])) if wing.word else "gate"
    return Part(
        name=f"{wing.word}_gate".strip("_"),
        pieces=[*_lattice(design, wing), Piece(merged(hung), design.metal)],
        parent="posts",
        joint=hinge((0, 0, s), (x, y, z0), upper, lower),
        prompt=" ".join(f"{verb} the {wing.word} {noun}".split()),
        grip=(wing.free + s * 0.03, 0.0, z0 + rng.uniform(0.6, 0.9) * (z1 - z0)),
        opening=float(np.radians(rng.uniform(45, 75))),
    )


def _eyes(design: Design, wing: Wing, axis: tuple[float, float]) -> tuple[list[Shape], list[Shape]]:
    """Eye bolts of the wing between those of the post, all on one upright axis."""
    (x, y), r = axis, 1.4 * design.hinges.radius
    hung, fixed = [], []
    for share in (0.15, 0.85):
        z = design.lift + share * design.height
        hung += [
            rod((x, y, z - 0.012), (x, y, z + 0.012), r),
            rod((x, y, z), (wing.hung - wing.side * 0.02, y, z), 0.6 * r),
        ]
        for end in (-1, 1):
            middle = z + end * 0.0205
            post = (wing.side * (design.opening / 2 + 0.02), y, middle)
            fixed += [
                rod((x, y, middle - 0.008), (x, y, middle + 0.008), r),
                rod((x, y, middle), post, 0.5 * r),
            ]
    return hung, fixed


def _lattice(design: Design, wing: Wing) -> list[Piece]:
    """Stiles and rails, filled with pickets, bars or boards."""
    x0, x1 = sorted((wing.hung, wing.free))
    z0, z1, t, bar = design.lift, design.lift + design.height, design.thick, 0.06
    shapes = [
        box((x0, 0, z0), (x0 + bar, t, z1), 0.003),
        box((x1 - bar, 0, z0), (x1, t, z1), 0.003),
    ]
    shapes += [
        box((x0 + bar, 0, z), (x1 - bar, t, z + bar), 0.003)
        for z in (z0 + 0.05, z0 + 0.5 * design.height, z1 - 0.11)
    ]
    return [Piece(s, design.material) for s in shapes] + [
        Piece(shape, design.material) for shape in _filling(design, (x0 + bar, x1 - bar))
    ]


def _filling(design: Design, span: tuple[float, float]) -> list[Shape]:
    """Uprights between the stiles; pickets stand before the rails and end in points."""
    low, high, t = design.lift + 0.02, design.lift + design.height - 0.02, design.thick
    if design.fill == "boards":
        return [box((span[0], 0.6 * t, low), (span[1], 0.9 * t, high), 0.002)]
    count = max(3, int((span[1] - span[0]) / 0.11))
    xs = np.linspace(*span, count + 2)[1:-1]
    if design.fill == "bars":
        return [rod((x, t / 2, low), (x, t / 2, high), 0.008, 10) for x in xs]
    shapes = []
    for x in xs:
        rings = [
            [(x - e, 0.55 * t, z), (x + e, 0.55 * t, z), (x + e, 0.95 * t, z), (x - e, 0.95 * t, z)]
            for e, z in ((0.03, low), (0.03, high + 0.04), (0.004, high + 0.1))
        ]
        shapes.append(loft(rings))
    return shapes


def _bolt(
    rng: np.random.Generator,
    design: Design,
    wing: Wing,
    frame: list[Piece],
    keeper: list[Piece],
) -> Part:
    """A round bar in two loops on the wing's front, drawn back from a loop across the gap."""
    s, r, z = wing.side, rng.uniform(0.006, 0.009), design.lift + 0.5 * design.height + 0.03
    y, start = -r - 0.008, wing.free + s * 0.012
    end = start + s * rng.uniform(0.22, 0.28)
    knob = start + s * 0.55 * abs(end - start)
    loops = [_loop(x, y, z, r) for x in (start + s * 0.018, knob + s * 0.022)]
    frame += [Piece(shape, design.metal) for loop in loops for shape in loop]
    across = -wing.free if wing.word else -s * design.opening / 2
    catch = across - s * 0.02
    keeper += [Piece(shape, design.metal) for shape in _loop(catch, y, z, r)]
    travel = abs(catch - start) + 0.014
    shapes = [
        rod((start, y, z), (end, y, z), r),
        rod((knob, y, z), (knob, y - 0.035, z), 0.7 * r),
    ]
    side = "left" if s > 0 else "right"
    prompts = ["slide the bolt", "close the bolt", "shut the bolt", f"slide the bolt to the {side}"]
    return Part(
        name="bolt",
        pieces=[Piece(merged(shapes), design.metal)],
        parent=f"{wing.word}_gate".strip("_"),
        joint=slide((-s, 0, 0), travel),
        prompt=str(rng.choice(prompts)),
        grip=(knob, y - 0.035, z),
        opening=rng.uniform(0.7, 1.0) * travel,
        ajar=False,
    )


def _loop(x: float, y: float, z: float, radius: float) -> list[Shape]:
    """A ring about a bar along x, on a foot that stands on the face at y = 0."""
    low, high = x - 0.006, x + 0.006
    eye = ring(radius + 0.0012, radius + 0.005, -0.006, 0.006).transformed(along_x)
    foot = box((low, y + radius + 0.003, z - 0.008), (high, 0.0, z + 0.008))
    return [eye.moved((x, y, z)), foot]


def _latch(rng: np.random.Generator, design: Design, wing: Wing, frame: list[Piece]) -> Part:
    """A flat bar on a pivot in it; its nose, past the wing's end, is lifted."""
    s, z = wing.side, design.lift + 0.5 * design.height + 0.03
    pivot, tail = wing.free + s * rng.uniform(0.06, 0.09), rng.uniform(0.05, 0.1)
    nose = wing.free - s * (design.gap + 0.035)
    x0, x1 = sorted((nose, pivot + s * tail))
    at = (pivot, -0.012, z)
    frame.append(Piece(_washer(0.012, 0.0, 0.0056).moved((pivot, 0, z)), design.metal))
    bar = box((x0, -0.012, z - 0.011), (x1, -0.006, z + 0.011), 0.001)
    head = _washer(0.012, 0.012, 0.017).moved((pivot, 0, z))
    knob = rod((nose + s * 0.02, -0.012, z), (nose + s * 0.02, -0.04, z), 0.006)
    return Part(
        name="latch",
        pieces=[Piece(merged([bar, head, knob]), design.metal)],
        parent=f"{wing.word}_gate".strip("_"),
        joint=hinge((0, s, 0), at, rng.uniform(35, 70)),
        prompt=str(rng.choice(["lift the latch", "raise the latch", "open the latch"])),
        grip=(nose + s * 0.02, -0.04, z),
        opening=float(np.radians(rng.uniform(22, 34))),
    )


def _washer(radius: float, low: float, high: float) -> Shape:
    return disc(radius, low, high, 0.0005, 20).transformed(facing_front)
