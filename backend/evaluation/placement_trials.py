"""Generated trials of placing: a room or open ground, a thing, and where it is wished."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets import rooms
from backend.datasets.things import thing
from backend.formats.model import Link, Model, Shape, moved
from backend.placement.item import Item, Part
from protocol.errors import failure
from protocol.placement import Wish

salt = 0x9113
splits = {"validation": range(5000, 8000), "test": range(30_000, 40_000)}
on_ground = 0.2  # of the trials
deepest_start = 0.3  # of the height: how deep what is wished may be in its support
tries = 60


@dataclass(frozen=True, eq=False)
class Trial:
    """One question; `where` is the kind of support that was meant."""

    seed: int
    where: str
    item: Item
    scene: tuple[Part, ...]


def seeds_of(split: str, count: int) -> range:
    """Return the first `count` seeds of a split. Raises TugError bad_input."""
    seeds = splits[split]
    if not 0 < count <= len(seeds):
        raise failure("bad_input", f"A split has 1 to {len(seeds)} trials, not {count}.")
    return seeds[:count]


def trial(seed: int) -> Trial:
    """Return the trial of a seed."""
    generator = np.random.default_rng([salt, seed])
    model = thing(seed)
    points = np.concatenate([s.mesh.vertices for link in model.links for s in link.shapes])
    size = np.ptp(points, axis=0)
    if generator.random() < on_ground:
        ground = rooms.ground(seed)
        part = Part("ground", ground)
        x, y = generator.uniform(-8.0, 8.0, 2)
        z = _height(ground.vertices, x, y)
        return Trial(
            seed, "ground", _asked(generator, model, size, (x, y, z), False, False), (part,)
        )
    room = rooms.room(seed)
    scene = tuple(Part(part.name, part.mesh) for part in room.parts)
    part = _meant(generator, room, size)
    x, y, z = _spot(generator, part, size)
    wall = part.kind == "floor" and generator.random() < 0.3
    upright = part.kind != "ramp" or generator.random() < 0.0
    item = _asked(generator, model, size, (x, y, z), upright, wall)
    return Trial(seed, "wall" if wall else part.kind, item, scene)


def _meant(generator: np.random.Generator, room: rooms.Room, size: np.ndarray) -> rooms.RoomPart:
    """A part whose top is large enough to carry the thing; every kind as often."""
    fit = [
        part
        for part in room.parts
        if part.kind != "wall"
        and (np.ptp(part.mesh.vertices, axis=0)[:2].min() > 0.9 * size[:2].max())
        and (part.kind != "shelf" or size[2] < 0.2)
        and (part.kind not in ("clutter", "step") or size[:2].max() < 0.3)
    ]
    kinds = sorted({part.kind for part in fit})
    kind = kinds[int(generator.integers(len(kinds)))]
    of_kind = [part for part in fit if part.kind == kind]
    return of_kind[int(generator.integers(len(of_kind)))]


def _spot(
    generator: np.random.Generator, part: rooms.RoomPart, size: np.ndarray
) -> tuple[float, float, float]:
    """A point on one of the upward faces of a part, as somebody clicks it."""
    corners = part.mesh.corners
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1) / 2.0
    up = cross[:, 2] > 0.9 * 2.0 * area
    if part.kind == "table":  # its top, not the foot of its column
        up &= corners[:, :, 2].min(axis=1) > part.mesh.vertices[:, 2].max() - 1e-6
    weight = np.where(up, area, 0.0)
    face = corners[generator.choice(len(corners), p=weight / weight.sum())]
    u, v = sorted(generator.random(2))
    x, y, z = u * face[0] + (v - u) * face[1] + (1.0 - v) * face[2]
    return float(x), float(y), float(z)


def _asked(
    generator: np.random.Generator,
    model: Model,
    size: np.ndarray,
    spot: tuple[float, float, float],
    upright: bool,
    wall: bool,
) -> Item:
    """A click, a box, or the thing itself put there by hand: somewhat in its support or above."""
    kind = int(generator.integers(3))
    angle = generator.uniform(-np.pi, np.pi)
    turn = (float(np.cos(angle / 2)), 0.0, 0.0, float(np.sin(angle / 2)))
    turned = generator.random() < 0.5 and not wall
    sink = generator.uniform(-deepest_start, deepest_start)
    centre = (spot[0], spot[1], spot[2] + float(size[2]) * (0.5 - sink))
    if kind == 0:
        wish = Wish(spot=spot, turn=turn if turned else None)
    elif kind == 1:
        scale = generator.uniform(0.6, 1.2)
        w, d, h = (np.maximum(size, 1e-3) * scale).tolist()
        box = (w, d, h)
        middle = (spot[0], spot[1], spot[2] + box[2] * (0.5 - sink))
        wish = Wish(centre=middle, size=box, turn=turn if turned else None)
    else:
        wish = Wish()
        model = _put(model, np.array(centre))
    return Item(model, wish, upright=upright, against_wall=wall)


def _put(model: Model, centre: np.ndarray) -> Model:
    """The model with the middle of its box at a point, without its joints' being lost."""
    from dataclasses import replace

    import msgspec

    points = np.concatenate([s.mesh.vertices for link in model.links for s in link.shapes])
    matrix = np.eye(4)
    matrix[:3, 3] = centre - 0.5 * (points.min(axis=0) + points.max(axis=0))
    links: list[Link] = []
    for link in model.links:
        shapes = tuple(Shape(s.name, moved(s.mesh, matrix)) for s in link.shapes)
        joint = link.joint
        if joint is not None:
            x, y, z = (np.array(joint.origin) + matrix[:3, 3]).tolist()
            joint = msgspec.structs.replace(joint, origin=(x, y, z))
        links.append(replace(link, shapes=shapes, joint=joint))
    return replace(model, links=tuple(links))


def _height(points: np.ndarray, x: float, y: float) -> float:
    return float(points[((points[:, :2] - (x, y)) ** 2).sum(axis=1).argmin(), 2])
