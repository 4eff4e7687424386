"""Places of a mesh that an origin may snap to: corners, edges, centres of what is round.

A mesh is looked at around one polygon; all is in world space and Blender units.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["vertex", "edge", "cylinder", "face"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Project = Callable[[Floats], Floats]  # (N, 3) world to (N, 2) pixels, NaN where it is not seen

feature = np.cos(np.radians(30.0))  # edges that are sharper are seen as edges
smooth = np.cos(np.radians(np.array([20.0, 50.0])))  # edges across which a round region may go
most_faces = 2000  # of a round region
flat_normals = 0.05  # spread of a round region's normals along its axis, over that across it
least_fan = 0.004  # spread of its normals across the axis: a quarter turn
off_radius = 0.03  # deviation from a circle, or from a cone, over the radius
off_centre = 0.1  # sine of the angle between normals and radii
round_sides = 8  # a polygon with so many corners may be a circle
along_edge = np.linspace(0.0, 1.0, 65)


@dataclass(frozen=True, eq=False)
class Snap:
    """A place: `point` (3,), the direction `axis` (3,) it has, if any, and lines to draw."""

    kind: Kind
    point: Floats
    axis: Floats | None
    lines: NDArray[np.float32]  # (N, 2, 3)


@dataclass(frozen=True, eq=False)
class Facets:
    """The polygons of a mesh, as Blender stores them, and where it stands.

    `positions` (V, 3) local, `matrix` (4, 4) to world; polygon k has the corners from
    `starts[k]` to `starts[k + 1]`; `vertices` (C,) and `edges` (C,) are those of the corners, an
    edge leading from its corner to the next.
    """

    positions: NDArray
    matrix: Floats
    starts: Ints
    vertices: Ints
    edges: Ints

    def corners(self, polygon: int) -> Floats:
        """Return the corners (N, 3) of a polygon, world."""
        return self.world(self.vertices[self.starts[polygon] : self.starts[polygon + 1]])

    def world(self, vertices: Ints) -> Floats:
        """Return the positions (N, 3) of vertices, world."""
        local = self.positions[vertices].astype(np.float64)
        return local @ self.matrix[:3, :3].T + self.matrix[:3, 3]


class Neighbours:
    """Which polygons of a mesh share an edge. Costs a sort of all corners, once."""

    def __init__(self, facets: Facets) -> None:
        self.facets = facets
        self._order = np.argsort(facets.edges, kind="stable")
        self._sorted = facets.edges[self._order]
        self.rounds: dict[int, Snap | None] = {}  # by polygon: the axis it is round about

    def across(self, polygons: Ints) -> tuple[Ints, Ints]:
        """Return pairs (P,), (P,): each of the polygons, and one that it shares an edge with."""
        corners, owner = _ranges(self.facets.starts[polygons], self.facets.starts[polygons + 1])
        edges = self.facets.edges[corners]
        low = np.searchsorted(self._sorted, edges, "left")
        high = np.searchsorted(self._sorted, edges, "right")
        places, which = _ranges(low, high)
        others = np.searchsorted(self.facets.starts, self._order[places], "right") - 1
        own = polygons[owner][which]
        kept = others != own
        return own[kept].astype(np.int32), others[kept].astype(np.int32)


def places(facets: Facets, neighbours: Neighbours, polygon: int) -> list[Snap]:
    """Return the corners, edges, middle and round axis of a polygon and what it belongs to."""
    corners = facets.corners(polygon)
    sharp = _sharp(facets, neighbours, polygon)
    found = [_middle(corners)]
    axis = round_axis(facets, neighbours, polygon) or _circle(corners)
    if axis:
        found.append(axis)
    ends = np.roll(corners, -1, axis=0)
    before = np.roll(sharp, 1)
    for k, (start, end) in enumerate(zip(corners, ends, strict=True)):
        if sharp[k]:
            found.append(_edge(start, end))
        if sharp[k] or before[k] or axis is None:
            found.append(Snap("vertex", start, None, _lines([])))
    return found


def choose(
    found: Sequence[Snap],
    project: Project,
    mouse: Sequence[float],
    reach: float,
    kinds: Collection[Kind],
) -> Snap | None:
    """Return what the mouse means: the nearest corner within `reach` pixels, else the nearest
    edge (its middle where that is close), else the round axis, else the face's middle.

    An edge comes back with the point on it that is nearest to the mouse.
    """
    at = np.asarray(mouse, np.float64)
    for kind in ("vertex", "edge", "cylinder", "face"):
        if kind not in kinds:
            continue
        only = len(kinds) == 1 or kind in ("cylinder", "face")
        own = [_nearest_on(snap, project, at, reach) for snap in found if snap.kind == kind]
        best = min(own, key=lambda pair: pair[0], default=None)
        if best and (only or best[0] <= reach):
            return best[1]
    return None


def round_axis(facets: Facets, neighbours: Neighbours, polygon: int) -> Snap | None:
    """Return the axis of the cylinder or cone that the smooth region around a polygon is."""
    known = neighbours.rounds
    if polygon in known:
        return known[polygon]
    for cosine in smooth:
        region = _region(facets, neighbours, polygon, float(cosine))
        found = _fitted(facets, region) if len(region) >= 3 else None
        whole = region if found and len(region) < most_faces else [polygon]
        known |= dict.fromkeys(map(int, whole), found)
        if found:
            break
    return known[polygon]


def _fitted(facets: Facets, region: Ints) -> Snap | None:
    corners, owner = _ranges(facets.starts[region], facets.starts[region + 1])
    points = facets.world(facets.vertices[corners])
    place = points.mean(axis=0)
    points -= place
    normals, areas, centres = _shapes(points, owner, len(region))
    spread = normals - np.average(normals, axis=0, weights=areas)
    values, vectors = np.linalg.eigh((spread * areas[:, None]).T @ spread / areas.sum())
    if values[1] < least_fan or values[0] > flat_normals * values[1]:
        return None
    axis = vectors[:, 0]
    across = np.linalg.svd(axis[None])[2][1:]
    centre = _meeting(centres @ across.T, normals @ across.T, areas)
    if centre is None:
        return None
    arm = points @ across.T - centre
    radius, along = np.linalg.norm(arm, axis=1), points @ axis
    cone = np.polyfit(along, radius, 1) if np.ptp(along) > 0.0 else np.array([radius.mean()])
    ways, facing = centres @ across.T - centre, normals @ across.T
    sine = np.abs(ways[:, 0] * facing[:, 1] - ways[:, 1] * facing[:, 0])
    length = np.linalg.norm(ways, axis=1) * np.linalg.norm(facing, axis=1)
    straying = np.abs(np.polyval(cone, along) - radius).max()
    if straying > off_radius * radius.max() or (sine > off_centre * length).any():
        return None
    middle = centre @ across + axis * 0.5 * (along.min() + along.max())
    half = 0.5 * float(np.ptp(along)) or 0.5 * float(radius.max())
    return _round(place + middle, axis, across, float(radius.mean()), half)


def _meeting(points: Floats, ways: Floats, weight: Floats) -> Floats | None:
    """The point (2,) that lines through points (N, 2) along ways (N, 2) come nearest to."""
    length = np.linalg.norm(ways, axis=1, keepdims=True)
    unit = ways / np.maximum(length, 1e-12)
    off = np.eye(2) - unit[:, :, None] * unit[:, None, :]
    off = off * (weight * length[:, 0])[:, None, None]
    total = off.sum(axis=0)
    if np.linalg.cond(total) > 1e6:
        return None
    return np.linalg.solve(total, np.einsum("nij,nj->i", off, points))


def _circle(corners: Floats) -> Snap | None:
    """A polygon whose corners lie on a circle: the end of something round."""
    if len(corners) < round_sides:
        return None
    middle = corners.mean(axis=0)
    arm = corners - middle
    radius = np.linalg.norm(arm, axis=1)
    if np.ptp(radius) > off_radius * radius.max():
        return None
    axis = _normal(corners)
    return _round(middle, axis, np.linalg.svd(axis[None])[2][1:], float(radius.mean()), 0.0)


def _region(facets: Facets, neighbours: Neighbours, polygon: int, cosine: float) -> Ints:
    """The polygons that are reached across edges no sharper than that."""
    members = front = np.array([polygon], np.int32)
    normals = _normals(facets, front)
    known = np.zeros(len(facets.starts) - 1, bool)
    while len(front) and len(members) < most_faces:
        known[front] = True
        own, others = neighbours.across(front)
        own, others = own[~known[others]], others[~known[others]]
        facing = _normals(facets, others)
        smoothly = (normals[np.searchsorted(front, own)] * facing).sum(axis=1) > cosine
        front, first = np.unique(others[smoothly], return_index=True)
        normals = facing[smoothly][first]
        members = np.concatenate([members, front])
    return np.sort(members)


def _normals(facets: Facets, polygons: Ints) -> Floats:
    """Unit normals (N, 3) of some polygons."""
    corners, owner = _ranges(facets.starts[polygons], facets.starts[polygons + 1])
    points = facets.world(facets.vertices[corners])
    return _shapes(points - facets.matrix[:3, 3], owner, len(polygons))[0]


def _sharp(facets: Facets, neighbours: Neighbours, polygon: int) -> NDArray[np.bool_]:
    """Which edges of a polygon (N,) are seen as edges: borders and creases."""
    low, high = facets.starts[polygon], facets.starts[polygon + 1]
    edges, normal = facets.edges[low:high], _normal(facets.corners(polygon))
    _, others = neighbours.across(np.array([polygon], np.int32))
    flat = [np.zeros(0, np.int32)]
    for other in np.unique(others).tolist():
        if float(_normal(facets.corners(other)) @ normal) > feature:
            flat.append(facets.edges[facets.starts[other] : facets.starts[other + 1]])
    return ~np.isin(edges, np.concatenate(flat))


def _shapes(points: Floats, owner: Ints, count: int) -> tuple[Floats, Floats, Floats]:
    """Unit normals (F, 3), areas (F,) and centres (F, 3) of polygons by their corners."""
    number = np.bincount(owner, minlength=count)
    ends = np.cumsum(number)
    after = np.arange(1, len(points) + 1)
    after[ends - 1] = ends - number
    crossed = np.cross(points, points[after])
    sums = [np.bincount(owner, crossed[:, k], count) for k in range(3)]
    total = np.stack(sums, axis=1)
    length = np.linalg.norm(total, axis=1)
    centres = np.stack([np.bincount(owner, points[:, k], count) for k in range(3)], axis=1)
    normals = total / np.maximum(length, 1e-300)[:, None]
    return normals, np.maximum(0.5 * length, 1e-300), centres / number[:, None]


def _normal(corners: Floats) -> Floats:
    arm = corners - corners[0]
    total = np.cross(arm, np.roll(arm, -1, axis=0)).sum(axis=0)
    length = float(np.linalg.norm(total))
    return total / length if length > 0.0 else np.array([0.0, 0.0, 1.0])


def _middle(corners: Floats) -> Snap:
    middle, normal = corners.mean(axis=0), _normal(corners)
    outline = list(zip(corners, np.roll(corners, -1, axis=0), strict=True))
    return Snap("face", middle, normal, _lines(outline))


def _edge(start: Floats, end: Floats) -> Snap:
    way = end - start
    length = float(np.linalg.norm(way))
    axis = way / length if length > 0.0 else None
    return Snap("edge", 0.5 * (start + end), axis, _lines([(start, end)]))


def _round(middle: Floats, axis: Floats, across: Floats, radius: float, half: float) -> Snap:
    angle = np.linspace(0.0, 2.0 * np.pi, 49)
    spokes = np.outer(np.cos(angle), across[0]) + np.outer(np.sin(angle), across[1])
    rim = middle + radius * spokes
    reach = (half + 0.5 * radius) * axis
    lines = [(middle - reach, middle + reach), *pairwise(rim)]
    return Snap("cylinder", middle, axis, _lines(lines))


def _nearest_on(snap: Snap, project: Project, mouse: Floats, reach: float) -> tuple[float, Snap]:
    """How many pixels a place is away from the mouse, and the place."""
    if snap.kind != "edge":
        return _pixels(project(snap.point[None]), mouse)[0], snap
    start, end = snap.lines[0].astype(np.float64)
    points = start + along_edge[:, None] * (end - start)
    off = _pixels(project(points), mouse)
    if off[len(off) // 2] <= reach:
        return float(off[len(off) // 2]), snap
    nearest = int(np.argmin(off))
    return float(off[nearest]), Snap("edge", points[nearest], snap.axis, snap.lines)


def _pixels(seen: Floats, mouse: Floats) -> Floats:
    off = np.linalg.norm(seen - mouse, axis=1)
    return np.where(np.isfinite(off), off, np.inf)


def _ranges(starts: NDArray, ends: NDArray) -> tuple[Ints, Ints]:
    """All whole numbers of the ranges [start, end), one after the other, and whose they are."""
    count = (ends - starts).astype(np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    every = np.arange(len(owner)) - first[owner] + starts[owner]
    return every.astype(np.int32), owner.astype(np.int32)


def _lines(pairs: list[tuple[Floats, Floats]]) -> NDArray[np.float32]:
    return np.asarray(pairs, np.float32).reshape(-1, 2, 3)
