"""What motion is measured on: generated ways, movers, ground and obstacles, by seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from backend.datasets import generate, rooms, shapes, things
from backend.evaluation.trajectory_ways import (
    TrueWay,
    flat_kinds,
    free_kinds,
    radius,
    way,
)
from backend.geometry.mesh import Mesh
from backend.motion.bodies import Body, Part
from backend.motion.engine import Plan
from backend.motion.stage import Piece
from backend.motion.timing import Timing, eased
from backend.motion.way import Way

Floats = NDArray[np.float64]
Generator = np.random.Generator
salt = 0x3A11
splits = {"development": 0, "test": 100_000}
least_radius = 2.0  # of bends that carts are driven round, in metres
frames_in = {"fast": (3, 8), "usual": (60, 241)}


@dataclass(frozen=True, eq=False)
class Obstacle:
    """An upright box or cylinder: `turn` about the vertical, half extents or radius."""

    centre: Floats
    half: Floats
    turn: float
    round: bool

    def depth(self, points: Floats) -> Floats:
        """How deep points (N, 3) are in it, by formula; 0 outside."""
        x, y = (points - self.centre)[:, 0], (points - self.centre)[:, 1]
        z = self.half[2] - np.abs((points - self.centre)[:, 2])
        if self.round:
            side = self.half[0] - np.hypot(x, y)
        else:
            c, s = np.cos(self.turn), np.sin(self.turn)
            side = np.minimum(
                self.half[0] - np.abs(c * x + s * y), self.half[1] - np.abs(c * y - s * x)
            )
        return np.maximum(np.minimum(side, z), 0.0)

    def mesh(self) -> Mesh:
        w, d, h = self.half
        shape = shapes.disc(w, -h, h) if self.round else shapes.box((-w, -d, -h), (w, d, h))
        c, s = np.cos(self.turn), np.sin(self.turn)
        turned = shape.vertices @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]).T
        return Mesh(turned + self.centre, np.asarray(shape.faces, np.int32))


@dataclass(frozen=True, eq=False)
class Case:
    """A plan and what is known of it. Each mover has its true way, and its true shares of it at
    frames; `ground` is a height field or none.
    """

    seed: int
    name: str
    plan: Plan
    ways: tuple[TrueWay, ...]
    shares: tuple
    ground: Mesh | None = None
    flat: bool = False
    obstacles: tuple[Obstacle, ...] = field(default=())
    fast: bool = False


def case(seed: int) -> Case:
    """The case of a seed."""
    rng = np.random.default_rng([salt, seed])
    kind = str(
        rng.choice(
            ["free", "flat", "ground", "obstacles", "meeting"], p=[0.35, 0.2, 0.2, 0.15, 0.1]
        )
    )
    fast = kind in ("free", "flat") and rng.random() < 0.12
    if kind == "meeting":
        return _meeting(seed, rng)
    if kind == "obstacles":
        return _obstacles(seed, rng)
    ground = rooms.ground(seed) if kind == "ground" else _floor() if kind == "flat" else None
    body, found, share = _driven(rng, kind, fast)
    pieces = (Piece("ground", ground),) if ground else ()
    name = f"{found.kind} {kind} {body.name}{' fast' if fast else ''}"
    plan = Plan((body,), pieces, collisions="ignore")
    return Case(seed, name, plan, (found,), (share,), ground, kind == "flat", fast=fast)


def _driven(rng: Generator, kind: str, fast: bool):
    """A mover on a way: what kinds go together."""
    wheeled = rng.random() < (0.6 if kind != "free" else 0.2)
    parts, name = _parts(rng, wheeled)
    size = _size(parts)
    kinds = free_kinds if kind == "free" else flat_kinds
    found = _wide(str(rng.choice(kinds)), rng, size, wheeled and kind != "free")
    timing, share = _timing(rng, fast)
    pivot = _pivot(parts, name)
    level = kind != "free"
    orientation = "follow" if level or rng.random() < 0.7 else str(rng.choice(["bank", "upright"]))
    body = Body(
        name=name,
        parts=parts,
        way=Way(found.points, closed=found.closed),
        timing=timing,
        pivot=pivot,
        forward=np.array([0.0, -1.0, 0.0]),
        up=np.array([0.0, 0.0, 1.0]),
        orientation=orientation,  # pyright: ignore[reportArgumentType]
        on_ground=level,
        rotation="quaternion" if not level or rng.random() < 0.3 else "xyz",
    )
    return body, found, share


def _wide(kind: str, rng: Generator, size: float, wheeled: bool) -> TrueWay:
    """A way that is not too narrow for a mover, and inside of the ground."""
    if not wheeled:
        return way(kind, rng, float(rng.uniform(4.0, 8.0)) * max(0.4, min(size, 1.2)))
    for _ in range(20):
        found = way(kind, rng, float(rng.uniform(6.0, 9.0)))
        if found.kind in ("corners", "cusp") or radius(found) > least_radius:
            return found
    return way("line", rng, 6.0)


def _timing(rng: Generator, fast: bool):
    """A timing, and its true share of the way at frames (N,)."""
    low, high = frames_in["fast" if fast else "usual"]
    start = int(rng.integers(-20, 60))
    end = start + int(rng.integers(low, high))
    if not fast and rng.random() < 0.3:
        knots = np.array([0.0, 0.3, 0.45, 0.55, 0.75, 1.0])
        values = np.array([0.0, 0.35, 0.5, 0.5, rng.choice([0.4, 0.7]), 1.0])
        curve = PchipInterpolator(knots, values)
        timing = Timing(start, end, "constant", curve(np.linspace(0.0, 1.0, 257)))
        return timing, lambda f: curve(np.clip((f - start) / (end - start), 0.0, 1.0))
    ease = str(rng.choice(["constant", "both", "in", "out"]))
    timing = Timing(start, end, ease)  # pyright: ignore[reportArgumentType]
    return timing, lambda f: eased(np.clip((f - start) / (end - start), 0.0, 1.0), timing.ease)


def _parts(rng: Generator, wheeled: bool) -> tuple[tuple[Part, ...], str]:
    if wheeled:
        seed = int(rng.integers(0, 1000))
        item = generate("cart", seed)
        links = tuple(
            Part(k.name, Mesh(k.vertices, k.faces), k.parent, k.joint) for k in item.links
        )
        return links, f"cart {seed}"
    if rng.random() < 0.5:
        half = 0.5 * rng.uniform(0.2, 0.8, 3)
        shape = shapes.box((-half[0], -half[1], 0.0), (half[0], half[1], 2.0 * half[2]))
        return (Part("box", Mesh(shape.vertices, np.asarray(shape.faces, np.int32))),), "box"
    seed = int(rng.integers(0, 1000))
    model = things.thing(seed)
    links = []
    for link in model.links:
        whole = shapes.merged(shapes.Shape(s.mesh.vertices, s.mesh.faces) for s in link.shapes)
        mesh = Mesh(whole.vertices, np.asarray(whole.faces, np.int32))
        links.append(Part(link.name, mesh, link.parent, link.joint))
    return tuple(links), f"thing {seed}"


def _size(parts: tuple[Part, ...]) -> float:
    points = np.concatenate([part.mesh.vertices for part in parts])
    return float(np.linalg.norm(np.ptp(points, axis=0)))


def _pivot(parts: tuple[Part, ...], name: str) -> Floats:
    """On the ground half way between wheels that do not swivel, or in the middle."""
    points = np.concatenate([part.mesh.vertices for part in parts])
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    if name.startswith("cart"):
        fixed = [
            p.joint.origin for p in parts if p.name.endswith("wheel") and p.parent == 0 and p.joint
        ]
        if fixed:
            middle = np.mean(fixed, axis=0)
    return np.array([middle[0], middle[1], points[:, 2].min()])


def _floor() -> Mesh:
    corners = np.array([[-40.0, -40, 0], [40, -40, 0], [40, 40, 0], [-40, 40, 0]])
    return Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def _obstacles(seed: int, rng: Generator) -> Case:
    """A mover on a floor whose way leads through things."""
    body, found, share = _driven(rng, "flat", False)
    while found.kind in ("cusp", "corners", "eight"):
        body, found, share = _driven(rng, "flat", False)
    size = body.size
    obstacles = []
    for _ in range(int(rng.integers(1, 4))):
        at = found.at(np.array([rng.uniform(0.25, 0.75) * found.length]))[0]
        side = rng.uniform(-0.4, 0.4, 2) * size
        half = size * np.array([*rng.uniform(0.08, 0.4, 2), rng.uniform(0.1, 0.5)])
        centre = np.array([at[0] + side[0], at[1] + side[1], half[2]])
        ends = found.at(np.array([0.0, found.length]))
        if (np.linalg.norm(ends[:, :2] - centre[:2], axis=1) > 2.0 * size + half[:2].max()).all():
            obstacles.append(Obstacle(centre, half, rng.uniform(0, 3), bool(rng.random() < 0.4)))
    pieces = [Piece("floor", _floor())]
    pieces += [Piece(f"obstacle {k}", o.mesh()) for k, o in enumerate(obstacles)]
    plan = Plan((body,), tuple(pieces), collisions="avoid")
    name = f"{found.kind} obstacles {body.name}"
    return Case(seed, name, plan, (found,), (share,), _floor(), True, tuple(obstacles))


def _meeting(seed: int, rng: Generator) -> Case:
    """Two or three movers whose ways cross in the middle at about the same time."""
    from dataclasses import replace

    bodies, ways, shares = [], [], []
    for k in range(int(rng.integers(2, 4))):
        parts, name = _parts(rng, bool(rng.random() < 0.6))
        angle = k * 1.1 + rng.uniform(-0.2, 0.2)
        ahead = np.array([np.cos(angle), np.sin(angle), 0.0])
        reach = rng.uniform(4.0, 6.0)
        found = _straight(-reach * ahead, reach * ahead)
        start = float(rng.integers(0, 20))
        timing = Timing(start, start + float(rng.integers(90, 160)), "constant")
        body = Body(
            name=f"{name} {k}",
            parts=parts,
            way=Way(found.points),
            timing=timing,
            pivot=_pivot(parts, name),
            forward=np.array([0.0, -1.0, 0.0]),
            up=np.array([0.0, 0.0, 1.0]),
            on_ground=True,
        )
        bodies.append(replace(body))
        ways.append(found)
        shares.append(lambda f, t=timing: np.clip((f - t.start) / (t.end - t.start), 0.0, 1.0))
    plan = Plan(tuple(bodies), (Piece("floor", _floor()),), collisions="avoid")
    return Case(seed, f"meeting of {len(bodies)}", plan, tuple(ways), tuple(shares), _floor(), True)


def _straight(start: Floats, end: Floats) -> TrueWay:
    u = np.linspace(0.0, 1.0, 4001)
    return TrueWay(
        "line",
        start + np.linspace(0.0, 1.0, 50)[:, None] * (end - start),
        False,
        lambda u: start + u[:, None] * (end - start),
        lambda u: np.broadcast_to(end - start, (len(u), 3)),
        u,
        u * float(np.linalg.norm(end - start)),
        np.zeros(0),
    )
