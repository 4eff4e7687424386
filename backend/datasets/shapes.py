"""Closed triangle meshes that furniture is made of: bevelled boxes, lofts, lathes, tubes.

Metres, z up. Every function here returns a watertight shell with outward normals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shape:
    """Triangles: `vertices` (V, 3) float64 in metres and `faces` (F, 3) int32."""

    vertices: Points
    faces: NDArray[np.int32]

    def moved(self, offset: ArrayLike) -> Shape:
        """Return the shape shifted by `offset` (3,)."""
        return Shape(self.vertices + np.asarray(offset, dtype=np.float64), self.faces)

    def transformed(self, matrix: ArrayLike) -> Shape:
        """Return the shape under an affine (4, 4) matrix; mirrored shapes stay outward."""
        matrix = np.asarray(matrix, dtype=np.float64)
        vertices = self.vertices @ matrix[:3, :3].T + matrix[:3, 3]
        inverted = np.linalg.det(matrix[:3, :3]) < 0
        return Shape(vertices, self.faces[:, ::-1] if inverted else self.faces)

    def normals(self) -> Points:
        """Return the (F, 3) unit normals; zero for degenerate triangles."""
        a, b, c = self.vertices[self.faces].transpose(1, 0, 2)
        cross = np.cross(b - a, c - a)
        length = np.linalg.norm(cross, axis=1, keepdims=True)
        return np.divide(cross, length, out=np.zeros_like(cross), where=length > 0)

    def without(self, direction: ArrayLike) -> Shape:
        """Return the shape without the faces that look along `direction` (3,): an open shell."""
        direction = np.asarray(direction, dtype=np.float64)
        keep = self.normals() @ (direction / np.linalg.norm(direction)) < 0.95
        return compact(self.vertices, self.faces[keep])


def merged(shapes: Iterable[Shape]) -> Shape:
    """Return the shapes as one mesh, side by side; nothing is welded."""
    shapes = list(shapes)
    starts = np.cumsum([0] + [len(s.vertices) for s in shapes[:-1]])
    faces = [s.faces + start for s, start in zip(shapes, starts, strict=True)]
    return Shape(
        np.concatenate([s.vertices for s in shapes]), np.concatenate(faces).astype(np.int32)
    )


def compact(vertices: Points, faces: NDArray[np.int32]) -> Shape:
    """Return the shape of the vertices (V, 3) that its faces (F, 3) use."""
    used, inverse = np.unique(faces, return_inverse=True)
    return Shape(vertices[used], inverse.reshape(-1, 3).astype(np.int32))


def box(low: ArrayLike, high: ArrayLike, bevel: float = 0.0) -> Shape:
    """Return the box between two corners, its edges rounded by `bevel` metres in two segments."""
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if (high <= low).any():
        raise ValueError(f"box from {low} to {high} is empty")
    bevel = min(bevel, 0.45 * float((high - low).min()))
    lattice, faces = _cube_grid(4 if bevel > 0 else 2)
    if bevel <= 0:
        return Shape(low + lattice * (high - low), faces)
    lines = np.stack([low, low + bevel, high - bevel, high])
    points = np.take_along_axis(lines, lattice, axis=0)
    core = np.clip(points, low + bevel, high - bevel)
    outward = points - core
    length = np.linalg.norm(outward, axis=1, keepdims=True)
    return Shape(core + bevel * outward / length, faces)


def loft(rings: ArrayLike, *, closed: bool = False) -> Shape:
    """Return the skin over `rings` (K, N, 3), each a closed outline of N points in order.

    The first and last ring are capped with a fan about their centre (their outline must be
    star-shaped about it), unless `closed` joins the last ring to the first.
    """
    rings = np.asarray(rings, dtype=np.float64)
    count, size, _ = rings.shape
    index = np.arange(count * size).reshape(count, size)
    lower, upper = (index, np.roll(index, -1, axis=0)) if closed else (index[:-1], index[1:])
    faces = [_quads(lower, upper)]
    vertices = rings.reshape(-1, 3)
    if not closed:
        centres = rings[[0, -1]].mean(axis=1)
        bottom, top = len(vertices), len(vertices) + 1
        vertices = np.concatenate([vertices, centres])
        faces += [_fan(bottom, index[0][::-1]), _fan(top, index[-1])]
    return _outward(vertices, np.concatenate(faces))


def prism(outline: ArrayLike, low: float, high: float, bevel: float = 0.0) -> Shape:
    """Return `outline` (N, 2) in x, y extruded from z `low` to `high`.

    The outline must be star-shaped about its mean; `bevel` metres shrink its two ends.
    """
    outline = np.asarray(outline, dtype=np.float64)
    if bevel <= 0:
        return loft([_lifted(outline, low), _lifted(outline, high)])
    bevel = min(bevel, 0.45 * (high - low))
    small = shrunk(outline, bevel)
    levels = [(small, low), (outline, low + bevel), (outline, high - bevel), (small, high)]
    return loft([_lifted(ring, z) for ring, z in levels])


def vessel(outline: ArrayLike, low: float, high: float, wall: float, taper: float = 0.0) -> Shape:
    """Return an open container: `outline` (N, 2) at its rim, `wall` metres thick all over.

    `taper` metres is how much smaller the foot is than the rim.
    """
    rim = np.asarray(outline, dtype=np.float64)
    foot = shrunk(rim, taper)
    rings = [
        _lifted(foot, low),
        _lifted(rim, high),
        _lifted(shrunk(rim, wall), high),
        _lifted(shrunk(foot, wall), low + wall),
    ]
    return loft(rings)


def tray(low: ArrayLike, high: ArrayLike, wall: float) -> Shape:
    """Return a box between two corners that is open at the top, with walls of `wall` metres."""
    (x0, y0, z0), (x1, y1, z1) = np.asarray(low), np.asarray(high)
    return vessel([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], z0, z1, wall)


def lathe(profile: ArrayLike, sections: int = 32, *, closed: bool = False) -> Shape:
    """Return `profile` (K, 2) of radius and height turned about z.

    Its two ends are closed by flat discs, unless `closed` joins them: a ring.
    """
    profile = np.asarray(profile, dtype=np.float64)
    return loft([_lifted(circle(radius, sections), z) for radius, z in profile], closed=closed)


def disc(radius: float, low: float, high: float, bevel: float = 0.0, sections: int = 32) -> Shape:
    """Return an upright cylinder about z with bevelled rims."""
    return prism(circle(radius, sections), low, high, bevel)


def ring(inner: float, outer: float, low: float, high: float) -> Shape:
    """Return an upright tube about z between two radii."""
    profile = [(outer, low), (outer, high), (inner, high), (inner, low)]
    return lathe(profile, 32, closed=True)


def tube(path: ArrayLike, radius: ArrayLike, sections: int = 12, *, closed: bool = False) -> Shape:
    """Return a round tube along `path` (N, 3); `radius` is a number or one for each point."""
    path = np.asarray(path, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(path))
    sides, ups = _frames(path, closed)
    turn = circle(1.0, sections)
    rings = (
        path[:, None]
        + radii[:, None, None] * turn[None, :, :1] * sides[:, None]
        + radii[:, None, None] * turn[None, :, 1:] * ups[:, None]
    )
    return loft(rings, closed=closed)


def rod(start: ArrayLike, end: ArrayLike, radius: float, sections: int = 16) -> Shape:
    """Return a straight cylinder between two points."""
    return tube([np.asarray(start), np.asarray(end)], radius, sections)


def circle(radius: float, sections: int = 32) -> Points:
    """Return (sections, 2) points of a circle about the origin, counter-clockwise."""
    angles = np.linspace(0.0, 2 * np.pi, sections, endpoint=False)
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def rounded_rectangle(width: float, depth: float, radius: float, steps: int = 4) -> Points:
    """Return the outline (4 * (steps + 1), 2) of a rounded rectangle about the origin."""
    radius = min(radius, 0.49 * min(width, depth))
    corners = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * (width / 2, depth / 2)
    inner = corners - np.sign(corners) * radius
    angles = np.linspace(0.0, np.pi / 2, steps + 1) + np.arange(4)[:, None] * np.pi / 2
    arcs = radius * np.stack([np.cos(angles), np.sin(angles)], axis=2)
    return (inner[:, None] + arcs).reshape(-1, 2)


def rounded_path(points: Sequence[ArrayLike], radius: float, steps: int = 5) -> Points:
    """Return the polyline through `points` (each (3,)) with its inner corners rounded."""
    corners = np.asarray(points, dtype=np.float64)
    path = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        start = corner + _towards(corner, before, radius)
        end = corner + _towards(corner, after, radius)
        for t in np.linspace(0.0, 1.0, steps + 1):
            path.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    path = np.stack([*path, corners[-1]])
    moved = np.linalg.norm(np.diff(path, axis=0), axis=1) > 1e-9
    return path[np.append(True, moved)]


def shrunk(outline: Points, distance: float) -> Points:
    """Return the counter-clockwise `outline` (N, 2) with its edges moved inwards by `distance`."""
    outline = np.asarray(outline, dtype=np.float64)
    edges = np.roll(outline, -1, axis=0) - outline
    edges /= np.linalg.norm(edges, axis=1, keepdims=True)
    inward = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    bisector = inward + np.roll(inward, 1, axis=0)
    return outline + distance * 2 * bisector / (bisector**2).sum(axis=1, keepdims=True)


def _towards(start: Points, end: Points, distance: float) -> Points:
    step = end - start
    length = float(np.linalg.norm(step))
    return step / length * min(distance, 0.5 * length)


def _lifted(outline: Points, z: float) -> Points:
    return np.column_stack([outline, np.full(len(outline), z)])


def _frames(path: Points, closed: bool) -> tuple[Points, Points]:
    """Parallel-transported side and up directions (N, 3) along a polyline."""
    ahead = np.roll(path, -1, axis=0) - path
    behind = path - np.roll(path, 1, axis=0)
    if not closed:
        ahead[-1], behind[0] = behind[-1], ahead[0]
    tangents = _unit(_unit(ahead) + _unit(behind))
    side = np.cross(tangents[0], np.eye(3)[np.abs(tangents[0]).argmin()])
    sides = []
    for tangent in tangents:
        side = side - tangent * (side @ tangent)
        side = side / np.linalg.norm(side)
        sides.append(side)
    sides = np.stack(sides)
    return sides, np.cross(tangents, sides)


def _unit(vectors: Points) -> Points:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _quads(lower: NDArray[np.int64], upper: NDArray[np.int64]) -> NDArray[np.int64]:
    """Triangles between rows of ring indices, each (R, N)."""
    a, b = lower, np.roll(lower, -1, axis=1)
    d, c = upper, np.roll(upper, -1, axis=1)
    return np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3)


def _fan(centre: int, outline: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([np.full(len(outline), centre), outline, np.roll(outline, -1)], axis=1)


def _outward(vertices: Points, faces: NDArray[np.int64]) -> Shape:
    a, b, c = (vertices - vertices.mean(axis=0))[faces].transpose(1, 0, 2)
    volume = np.einsum("ij,ij->", a, np.cross(b, c))
    faces = faces if volume >= 0 else faces[:, ::-1]
    return Shape(vertices, np.ascontiguousarray(faces, dtype=np.int32))


def _cube_grid(lines: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Lattice points on the surface of a cube (V, 3), in 0..lines-1, and its triangles."""
    span = np.arange(lines)
    u, v = (grid.ravel() for grid in np.meshgrid(span[:-1], span[:-1], indexing="ij"))
    quads = []
    for axis in range(3):
        for level in (0, lines - 1):
            corners = np.empty((len(u), 4, 3), dtype=np.int64)
            corners[..., axis] = level
            corners[..., (axis + 1) % 3] = u[:, None] + np.array([0, 1, 1, 0])
            corners[..., (axis + 2) % 3] = v[:, None] + np.array([0, 0, 1, 1])
            quads.append(corners if level else corners[:, ::-1])
    points, index = np.unique(np.concatenate(quads).reshape(-1, 3), axis=0, return_inverse=True)
    index = index.reshape(-1, 4)
    faces = np.concatenate([index[:, [0, 1, 2]], index[:, [0, 2, 3]]])
    return points, faces.astype(np.int32)
