"""Geometry as artists make it: what objects look like that nobody modelled for a simulation.

A habit changes how an object is modelled, never how it moves. Each is drawn for itself, so
an object may have none or several. The shells keep their places up to 0.3 % of the diagonal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import trimesh
from numpy.typing import NDArray

from backend.datasets.object import Part, Piece
from backend.datasets.shapes import Points, Shape, compact, merged
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Surface
from protocol.joint import Vector, motion

chances: Mapping[str, float] = {
    "open": 0.4,  # backs and interiors are missing
    "fans": 0.25,  # flat faces are triangulated from one corner
    "slivers": 0.2,  # edges are split on one side only: T-junctions and thin triangles
    "flipped": 0.25,  # shells, or single faces, look inwards
    "doubled": 0.2,  # some faces do not share their vertices with their neighbours
    "soup": 0.15,  # no face does
    "flush": 0.15,  # no gap between a closed part and its body: faces coincide
    "overlap": 0.1,  # a closed part reaches a little into its body
    "ajar": 0.45,  # some parts rest half open
}
ajar_share = 0.35  # of the parts, where the object has that habit
widest_gap = 0.004  # of the diagonal, that is closed when a part is pushed home


def drawn(rng: np.random.Generator) -> tuple[str, ...]:
    """Return the habits of one object."""
    return tuple(name for name, chance in chances.items() if rng.random() < chance)


def modelled(rng: np.random.Generator, parts: list[Part], habits: Sequence[str]) -> list[Part]:
    """Return the parts, closed, as someone with these habits models them."""
    if "flush" in habits or "overlap" in habits:
        parts = _pushed_home(rng, parts, over="overlap" in habits)
    for name, change in _changes.items():
        if name in habits:
            parts = [replace(part, pieces=_changed(rng, part.pieces, change)) for part in parts]
    return parts


def left_open(rng: np.random.Generator, parts: list[Part], share: float = ajar_share) -> dict:
    """Return the joint values, by name, at which some parts rest: never shut, never wide open."""
    values = {}
    for part in parts:
        if part.joint is None or not part.ajar or part.rest or rng.random() >= share:
            continue
        whole = part.joint.type == "continuous"
        values[part.name] = part.joint.upper * rng.uniform(0.0 if whole else 0.15, 0.6)
    return values


def _changed(
    rng: np.random.Generator,
    pieces: list[Piece],
    change: Callable[[np.random.Generator, Shape], Shape],
) -> list[Piece]:
    return [replace(piece, shape=change(rng, piece.shape)) for piece in pieces]


def _fanned(rng: np.random.Generator, shape: Shape) -> Shape:
    """Each flat and convex region of a shell as one fan from a corner of its outline."""
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    kept = np.ones(len(shape.faces), dtype=bool)
    fans = []
    for region, edges in zip(mesh.facets, mesh.facets_boundary, strict=True):
        fan = _fan(rng, shape, region, edges)
        if fan is not None:
            kept[region] = False
            fans.append(fan)
    return compact(shape.vertices, np.concatenate([shape.faces[kept], *fans]))


def _fan(
    rng: np.random.Generator, shape: Shape, region: NDArray, edges: NDArray
) -> NDArray[np.int64] | None:
    """Triangles (N - 2, 3) over the region's outline, or None where they would fold over."""
    outline = _loop(shape.faces[region])
    if outline is None or len(outline) != len(edges):
        return None
    outline = np.roll(outline, -int(rng.integers(len(outline))))
    fan = np.stack([np.full(len(outline) - 2, outline[0]), outline[1:-1], outline[2:]], axis=1)
    fan = fan[~_collinear(shape.vertices[fan])]
    before, after = (_vector_areas(shape.vertices[f]) for f in (shape.faces[region], fan))
    folded = (after @ before.sum(axis=0) <= 0).any()
    same = np.allclose(before.sum(axis=0), after.sum(axis=0), rtol=1e-6, atol=0)
    return fan if same and not folded else None


def _loop(faces: NDArray) -> NDArray[np.int64] | None:
    """The outline of a region in order, in the sense of its faces; None if it is not one loop."""
    ways = {
        (int(a), int(b)) for face in faces for a, b in zip(face, np.roll(face, -1), strict=True)
    }
    following = {a: b for a, b in sorted(ways) if (b, a) not in ways}
    start = next(iter(following), None)
    if start is None:
        return None
    loop = [start]
    while (vertex := following.get(loop[-1], start)) != start and len(loop) <= len(following):
        loop.append(vertex)
    return np.array(loop) if len(loop) == len(following) else None


def _collinear(corners: Points) -> NDArray[np.bool_]:
    area = np.linalg.norm(_vector_areas(corners), axis=1)
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    return area < 1e-7 * longest**2


def _slivered(rng: np.random.Generator, shape: Shape) -> Shape:
    """Long edges of some faces get a vertex that their neighbour lacks."""
    corners = shape.vertices[shape.faces]
    lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    longest = lengths.argmax(axis=1)
    large = np.flatnonzero(lengths.max(axis=1) > 0.3 * lengths.max())
    split = large[rng.random(len(large)) < 0.5]
    turned = (longest[split, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(shape.faces[split], turned, axis=1).T
    # Many of them close to a corner: that makes slivers.
    share = rng.choice([0.02, 0.1, 0.5], len(split))[:, None]
    middle = len(shape.vertices) + np.arange(len(split))
    added = shape.vertices[a] * (1 - share) + shape.vertices[b] * share
    faces = np.delete(shape.faces, split, axis=0)
    halves = [np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)]
    return Shape(
        np.concatenate([shape.vertices, added]),
        np.concatenate([faces, *halves]).astype(np.int32),
    )


def _flipped(rng: np.random.Generator, shape: Shape) -> Shape:
    """A whole shell, or some of its faces, the wrong way round; most stay as they are."""
    draw = rng.random()
    share = 1.0 if draw < 0.25 else rng.uniform(0.05, 0.4) if draw < 0.45 else 0.0
    wrong = rng.random(len(shape.faces)) < share
    return Shape(shape.vertices, np.where(wrong[:, None], shape.faces[:, ::-1], shape.faces))


def _doubled(rng: np.random.Generator, shape: Shape) -> Shape:
    return _torn(shape, rng.random(len(shape.faces)) < 0.3)


def _soup(_rng: np.random.Generator, shape: Shape) -> Shape:
    return _torn(shape, np.ones(len(shape.faces), dtype=bool))


def _torn(shape: Shape, loose: NDArray[np.bool_]) -> Shape:
    """The shape with vertices of their own for the `loose` faces (F,)."""
    own = shape.vertices[shape.faces[loose]].reshape(-1, 3)
    faces = shape.faces.copy()
    faces[loose] = len(shape.vertices) + np.arange(len(own)).reshape(-1, 3)
    return compact(np.concatenate([shape.vertices, own]), faces)


# The order matters: faces are split before they are torn from each other.
_changes: Mapping[str, Callable[[np.random.Generator, Shape], Shape]] = {
    "fans": _fanned,
    "slivers": _slivered,
    "flipped": _flipped,
    "doubled": _doubled,
    "soup": _soup,
}


def _pushed_home(rng: np.random.Generator, parts: list[Part], *, over: bool) -> list[Part]:
    """Moves parts against their motion until they touch the rest, or `over` reach into it."""
    diagonal = np.linalg.norm(np.ptp(_whole(parts).vertices, axis=0))
    for name in [part.name for part in parts if part.joint is not None]:
        part = next(part for part in parts if part.name == name)
        carried = _carried_by(parts, part.name)
        mesh, rest = (
            _whole([other for other in parts if (other.name in carried) == moves])
            for moves in (True, False)
        )
        gap, way = min(((_gap(mesh, rest, way), way) for way in _home(part)), key=lambda g: g[0])
        if not 0.0 < gap < widest_gap * diagonal:
            continue
        depth = rng.uniform(0.0005, 0.002) * diagonal if over else 0.0
        shift = (gap + depth) * way
        parts = [_shifted(p, shift) if p.name in carried else p for p in parts]
    return parts


def _home(part: Part) -> list[Points]:
    """The ways, along the object's axes, in which the part is pushed shut."""
    if part.joint is None:
        raise ValueError(f"{part.name} does not move")
    if part.joint.type in ("continuous", "screw", "cylindrical"):
        return [_along_an_axis(sign * np.array(part.joint.axis)) for sign in (-1, 1)]
    grip = np.array(part.grip)
    small = 0.01 * (part.opening or part.joint.upper)
    return [_along_an_axis(grip - (motion(part.joint, small) @ np.append(grip, 1.0))[:3])]


def _along_an_axis(way: Points) -> Points:
    largest = int(np.abs(way).argmax())
    return np.eye(3)[largest] * np.sign(way[largest])


def _gap(moved: Shape, still: Shape, way: Points) -> float:
    """How far `moved` goes along the unit `way` before it touches `still`, by their corners."""
    points = np.concatenate([moved.vertices, still.vertices])
    centre, size = points.mean(axis=0), float(np.ptp(points, axis=0).max())
    local = [Mesh((s.vertices - centre) / size, s.faces) for s in (moved, still)]
    ahead = Surface(local[1]).cast(local[0].vertices, way)[0]
    behind = Surface(local[0]).cast(local[1].vertices, -way)[0]
    return size * float(min(ahead.min(), behind.min()))


def _shifted(part: Part, shift: Points) -> Part:
    joint = part.joint
    if joint is not None:
        joint = msgspec.structs.replace(joint, origin=_vector(joint.origin + shift))
    return replace(
        part,
        pieces=[replace(piece, shape=piece.shape.moved(shift)) for piece in part.pieces],
        joint=joint,
        grip=_vector(part.grip + shift),
    )


def _carried_by(parts: list[Part], name: str) -> set[str]:
    """The names of a part and of all that hangs on it."""
    names = {name}
    for part in parts:
        if part.parent in names:
            names.add(part.name)
    return names


def _whole(parts: list[Part]) -> Shape:
    return merged(piece.shape for part in parts for piece in part.pieces)


def _vector_areas(corners: Points) -> Points:
    """Twice the area of triangles (F, 3, 3) along their normals, (F, 3)."""
    a, b, c = corners.transpose(1, 0, 2)
    return np.cross(b - a, c - a)


def _vector(values: Points) -> Vector:
    x, y, z = values.tolist()
    return (x, y, z)
