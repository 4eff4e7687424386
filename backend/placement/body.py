"""A mesh ready for the questions of placing: how far, how deep, and where its edges are."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.geometry.components import face_components, welded
from backend.geometry.mesh import Mesh, areas_and_normals, sample, subset, without_slivers
from backend.geometry.solid import Solid, matrices
from backend.geometry.surface import Surface, vectors
from backend.placement import kernels

wp: Any = kernels.wp
Points = NDArray[np.float64]
Box = tuple[Points, Points]

sharp = np.cos(np.radians(1.0))  # edges between faces flatter than this hold nothing up
most_reach = 8.0  # how far is looked along a way


class Body:
    """A mesh in a frame in which its size is near 1; `owner` (F,) says whose each face is."""

    def __init__(self, mesh: Mesh, owner: NDArray[np.int32] | None = None) -> None:
        areas, normals = areas_and_normals(mesh)
        kept = without_slivers(mesh, areas)
        self.mesh = mesh if kept.all() else subset(mesh, kept)
        self.areas, self.normals = areas[kept], normals[kept]
        self.owner = np.zeros(len(kept), np.int32) if owner is None else owner
        self.owner = self.owner[kept]

    @property
    def empty(self) -> bool:
        """Whether it has no face of any area."""
        return not len(self.mesh.faces)

    @cached_property
    def box(self) -> Box:
        return self.mesh.vertices.min(axis=0), self.mesh.vertices.max(axis=0)

    @cached_property
    def surface(self) -> Surface:
        return Surface(self.mesh)

    @cached_property
    def solid(self) -> Solid:
        return Solid(self.mesh)

    @cached_property
    def shells(self) -> tuple[NDArray[np.int32], NDArray[np.bool_], Points, Points]:
        """The shell (F,) of each face, and of each shell whether it is closed, its volume (signed)
        and its own centre of mass (S, 3), by area where it is not closed.
        """
        return _shells(self.mesh, self.areas)

    @cached_property
    def outward(self) -> Points:
        """The normals (F, 3), outward of closed shells, upward of sheets."""
        piece, closed, volume, _ = self.shells
        sign = np.where(volume < 0.0, -1.0, 1.0)[piece]
        up = np.where(self.normals[:, 2] < 0.0, -1.0, 1.0)
        return self.normals * np.where(closed[piece], sign, up)[:, None]

    def meets(self, face: NDArray[np.int32], ways: Points) -> NDArray[np.bool_]:
        """Return which rays (K, P) along `ways` (K, 3) come from outside to the face they hit.

        Those of sheets always do.
        """
        piece, closed, _, _ = self.shells
        against = np.einsum("fd,kd->kf", self.outward, ways) <= 0.0
        against |= ~closed[piece]
        return np.take_along_axis(against, np.maximum(face, 0), axis=1) & (face >= 0)

    @cached_property
    def weight(self) -> tuple[Points, float]:
        """Where it balances (3,) with an even density, and its volume.

        Shells count by what they enclose; where none encloses anything, by their area.
        """
        piece, closed, volume, middle = self.shells
        share = np.where(closed, np.abs(volume), 0.0)
        whole = float(share.sum())
        if whole < 1e-12:
            share = np.bincount(piece, self.areas)
        return (share[:, None] * middle).sum(axis=0) / share.sum(), whole

    @cached_property
    def edges(self) -> tuple[Points, Points]:
        """Tails and heads (E, 3) of the edges that are not inside a flat face."""
        return _sharp_edges(self.mesh, self.normals)

    @cached_property
    def corners(self) -> Points:
        """The vertices (V, 3) at sharp edges: all others lie in flat faces."""
        return np.unique(np.concatenate(self.edges), axis=0)

    @cached_property
    def _edge_arrays(self) -> tuple[Any, Any, Any]:
        tails, heads = self.edges
        boxes = wp.Bvh(
            vectors(np.minimum(tails, heads), "cpu"), vectors(np.maximum(tails, heads), "cpu")
        )
        return boxes, vectors(tails, "cpu"), vectors(heads, "cpu")

    def spots(self, count: int, seed: int = 0) -> tuple[Points, Points, float]:
        """Points (N, 3) over the surface, their normals, and the area each stands for."""
        found = sample(self.mesh, self.areas, self.normals, count, np.random.default_rng(seed))
        return found.points, found.normals, float(found.area[0])

    def reach(
        self, points: Points, poses: Points, ways: Points, lifts: Points
    ) -> tuple[Points, NDArray[np.int32]]:
        """Return how far posed points (K, P) go along `ways` (K, 3) to the surface, and its face.

        Looking starts `lifts` (K,) before the point, so it may be negative; infinite for none.
        """
        clearance = wp.empty((len(poses), len(points)), dtype=float)
        face = wp.empty(clearance.shape, dtype=int)
        inputs = [
            self.surface.id,
            vectors(points, "cpu"),
            matrices(poses, "cpu"),
            vectors(ways, "cpu"),
            _floats(lifts),
            most_reach,
            clearance,
            face,
        ]
        if len(points):
            wp.launch(kernels.reach_kernel, dim=clearance.shape, inputs=inputs, device="cpu")
        return clearance.numpy().astype(float), face.numpy()

    def edge_reach(
        self, tails: Points, heads: Points, poses: Points, ways: Points, lifts: Points, most: float
    ) -> tuple[Points, Points]:
        """Return the same for posed edges (K, E) against the edges of this body, and the points
        (K, E, 3) of theirs that touch.
        """
        clearance = wp.empty((len(poses), len(tails)), dtype=float)
        touch = wp.empty(clearance.shape, dtype=wp.vec3)
        if not len(tails) or not len(self.edges[0]):
            return np.full(clearance.shape, np.inf), np.zeros((*clearance.shape, 3))
        boxes, own_tails, own_heads = self._edge_arrays
        inputs = [
            boxes.id,
            own_tails,
            own_heads,
            vectors(tails, "cpu"),
            vectors(heads, "cpu"),
            matrices(poses, "cpu"),
            vectors(ways, "cpu"),
            vectors(_across(ways), "cpu"),
            _floats(lifts),
            most,
            clearance,
            touch,
        ]
        wp.launch(kernels.edges_kernel, dim=clearance.shape, inputs=inputs, device="cpu")
        return clearance.numpy().astype(float), touch.numpy().astype(float)

    def cut(self, tails: Points, heads: Points, poses: Points) -> Points:
        """Return how deep (K,) posed edges (E, 3) go through the shells with holes."""
        sheets = self.solid.sheets
        if sheets is None or not len(tails):
            return np.zeros(len(poses))
        depth = wp.empty((len(poses), len(tails)), dtype=float)
        inputs = [
            sheets.id,
            vectors(tails, "cpu"),
            vectors(heads, "cpu"),
            matrices(poses, "cpu"),
            depth,
        ]
        wp.launch(kernels.cut_kernel, dim=depth.shape, inputs=inputs, device="cpu")
        return depth.numpy().astype(float).max(axis=1)

    def near(
        self, points: Points, poses: Points, limit: float
    ) -> tuple[Points, Points, NDArray[np.int32]]:
        """Return distance (K, P), nearest point and face of posed points; `limit` where farther."""
        distance = wp.empty((len(poses), len(points)), dtype=float)
        nearest = wp.empty(distance.shape, dtype=wp.vec3)
        face = wp.empty(distance.shape, dtype=int)
        inputs = [
            self.surface.id,
            vectors(points, "cpu"),
            matrices(poses, "cpu"),
            limit,
            distance,
            nearest,
            face,
        ]
        if len(points):
            wp.launch(kernels.near_kernel, dim=distance.shape, inputs=inputs, device="cpu")
        return distance.numpy().astype(float), nearest.numpy().astype(float), face.numpy()

    def points_in(self, low: Points, high: Points, spacing: float, most: int) -> Points:
        """Return corners and points along sharp edges (N, 3) that are in a box.

        At most so many of each, corners before all.
        """
        tails, heads = self.edges
        along = spaced(*clipped(tails, heads, low, high), spacing)
        return np.concatenate([few(within(self.corners, low, high), most), few(along, most)])


def clipped(tails: Points, heads: Points, low: Points, high: Points) -> tuple[Points, Points]:
    """Return what of segments (E, 3) is in a box."""
    way = heads - tails
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - tails) / way, (high - tails) / way
    flat = np.abs(way) < 1e-12
    inside = (tails >= low) & (tails <= high)
    enter = np.where(flat, np.where(inside, 0.0, 2.0), np.minimum(first, second)).max(axis=1)
    leave = np.where(flat, 1.0, np.maximum(first, second)).min(axis=1)
    enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
    kept = enter < leave
    start = tails[kept] + enter[kept, None] * way[kept]
    return start, tails[kept] + leave[kept, None] * way[kept]


def spaced(tails: Points, heads: Points, spacing: float, most: int = 40_000) -> Points:
    """Return points (N, 3) along segments, about `spacing` apart."""
    if not len(tails):
        return np.zeros((0, 3))
    counts = np.ceil(np.linalg.norm(heads - tails, axis=1) / spacing).astype(int)
    if counts.sum() > most:
        counts = np.maximum(counts * most // counts.sum(), 1)
    index = np.repeat(np.arange(len(tails)), counts)
    rank = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = ((rank + 0.5) / counts[index])[:, None]
    return tails[index] * (1.0 - share) + heads[index] * share


def within(points: Points, low: Points, high: Points) -> Points:
    """Return those of the points (N, 3) that are in a box."""
    return points[((points >= low) & (points <= high)).all(axis=1)]


def inverse(poses: Points) -> Points:
    """Return the inverse of affine maps (..., 4, 4)."""
    return np.linalg.inv(poses).astype(np.float64)


def posed(points: Points, pose: Points) -> Points:
    """Return points (N, 3) under an affine (4, 4)."""
    return points @ pose[:3, :3].T + pose[:3, 3]


def _floats(values: Points) -> Any:
    return wp.array(np.ascontiguousarray(values, dtype=np.float32), dtype=float, device="cpu")


def _across(ways: Points) -> Points:
    helper = np.eye(3)[np.abs(ways).argmin(axis=1)]
    across = np.cross(ways, helper)
    return across / np.linalg.norm(across, axis=1, keepdims=True)


def _sharp_edges(mesh: Mesh, normals: Points) -> tuple[Points, Points]:
    if not len(mesh.faces):
        return np.zeros((0, 3)), np.zeros((0, 3))
    index = welded(mesh.vertices)
    pairs = mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    names = np.sort(index[pairs], axis=1)
    names = names[:, 0] * (int(index.max()) + 1) + names[:, 1]
    owner = np.repeat(np.arange(len(mesh.faces)), 3)
    order = np.argsort(names, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(names[order]) != 0))
    counts = np.diff(np.append(starts, len(order)))
    first = owner[order[starts]]
    second = owner[order[np.minimum(starts + 1, len(order) - 1)]]
    flat = (counts == 2) & (np.abs((normals[first] * normals[second]).sum(axis=1)) > sharp)
    chosen = pairs[order[starts[~flat]]]
    return mesh.vertices[chosen[:, 0]], mesh.vertices[chosen[:, 1]]


def _shells(
    mesh: Mesh, areas: Points
) -> tuple[NDArray[np.int32], NDArray[np.bool_], Points, Points]:
    piece = face_components(mesh)
    count = int(piece.max()) + 1
    corners = mesh.corners
    base = _sums(piece, areas[:, None] * corners.mean(axis=1), count)
    base /= np.bincount(piece, areas, count)[:, None]
    a, b, c = (corners - base[piece][:, None]).transpose(1, 0, 2)
    parts = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0
    volume = np.bincount(piece, parts, count).astype(np.float64)
    leaky = np.bincount(piece, _at_borders(mesh), count) > 0
    closed: NDArray[np.bool_] = ~leaky & (np.abs(volume) > 1e-12)
    shift = _sums(piece, parts[:, None] * (a + b + c) / 4.0, count)
    shift /= np.where(closed, volume, np.inf)[:, None]
    return piece, closed, volume, base + shift


def _sums(piece: NDArray[np.int32], values: Points, count: int) -> Points:
    sums = [np.bincount(piece, values[:, k], count) for k in range(3)]
    return np.stack(sums, axis=1).astype(np.float64)


def _at_borders(mesh: Mesh) -> NDArray[np.bool_]:
    """Which faces (F,) have an edge that an odd number of faces shares."""
    index = welded(mesh.vertices)
    pairs = np.sort(index[mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)], axis=1)
    names = pairs[:, 0] * (int(index.max()) + 1) + pairs[:, 1]
    _, inverse, times = np.unique(names, return_inverse=True, return_counts=True)
    return (times[inverse].reshape(-1, 3) % 2 == 1).any(axis=1)


def few(points: Points, count: int, generator: np.random.Generator | None = None) -> Points:
    """Return at most `count` of the points (N, 3)."""
    if len(points) <= count:
        return points
    generator = generator or np.random.default_rng(0)
    return points[generator.choice(len(points), count, replace=False)]
