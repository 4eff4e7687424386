"""Does a joint execute? How deep the part dips into its body on the way, and whether it comes off.

Exact for parts and bodies made of closed shells, whichever way their faces look and however
they overlap. Inside a shell with holes is where every direction leaves through a wall.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from backend.geometry.components import welded
from backend.geometry.mesh import Mesh, areas_and_normals, sample, subset, without_slivers
from backend.geometry.surface import Surface
from protocol.joint import Joint, motion

Points = NDArray[np.float64]

deepest = 0.005  # of the diagonal, beyond what dips in at rest
widest = 0.02  # of the diagonal, beyond the gap at rest
stride = 0.025  # of the diagonal, that the part moves at most between two poses
spread = 2500  # points over a surface
most_vertices = 6000


class Pair:
    """A part and its body, prepared for the checks; both in one frame, any unit."""

    def __init__(self, part: Mesh, body: Mesh) -> None:
        corners = np.concatenate([mesh.corners.reshape(-1, 3) for mesh in (part, body)])
        low, high = corners.min(axis=0), corners.max(axis=0)
        self.centre = 0.5 * (low + high)
        self.diagonal = float(np.linalg.norm(high - low))
        self.part, self.body = (_solid(self._local(mesh)) for mesh in (part, body))

    def executes(self, joint: Joint) -> bool:
        """Return whether the part goes through the joint's whole range and stays on its body."""
        values = self._values(joint)
        limit = deepest * self.diagonal
        if self.penetration(joint, values) > limit:
            return False
        gaps = self.separation(joint, np.append(values, 0.0))
        return bool(gaps[:-1].max() <= gaps[-1] + widest * self.diagonal)

    def penetration(self, joint: Joint, values: NDArray[np.float64]) -> float:
        """Return how much deeper than at rest a point of one side gets inside the other."""
        there = self._poses(joint, np.append(values, 0.0))
        ways = (self.part, self.body, there), (self.body, self.part, _inverse(there))
        return self.diagonal * max(_dip(moved, still, poses) for moved, still, poses in ways)

    def separation(self, joint: Joint, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gap (N,) between part and body at each value; 0 where they cut each other."""
        there = self._poses(joint, values)
        ahead = _gaps(self.part, self.body, there)
        behind = _gaps(self.body, self.part, _inverse(there))
        return self.diagonal * np.minimum(ahead, behind)

    def _local(self, mesh: Mesh) -> Mesh:
        return Mesh((mesh.vertices - self.centre) / self.diagonal, mesh.faces)

    def _poses(self, joint: Joint, values: NDArray[np.float64]) -> Points:
        """The (N, 4, 4) motions between local coordinates."""
        inward = np.diag([1.0, 1.0, 1.0, self.diagonal])
        inward[:3, 3] = -self.centre
        inward /= self.diagonal
        return np.array([inward @ motion(joint, v) @ np.linalg.inv(inward) for v in values])

    def _values(self, joint: Joint) -> NDArray[np.float64]:
        speed = 1.0 / self.diagonal
        if joint.type != "prismatic":
            origin = (np.array(joint.origin) - self.centre) / self.diagonal
            speed = float(
                np.linalg.norm(np.cross(self.part.points - origin, joint.axis), axis=1).max()
            )
        steps = np.ceil((joint.upper - joint.lower) * speed / stride)
        return np.linspace(joint.lower, joint.upper, int(np.clip(steps, 8, 100)) + 1)


@dataclass(frozen=True, eq=False)
class Shell:
    """One shell of a solid and its bounds."""

    surface: Surface
    low: Points
    high: Points
    closed: bool

    def holds(self, points: Points) -> NDArray[np.bool_]:
        """Whether points (N, 3) are inside; of a shell with holes they must be so all round."""
        return self.surface.odd_crossings(points) > (0.5 if self.closed else 0.9)


@dataclass(frozen=True, eq=False)
class Solid:
    """A mesh as points (N, 3) on it, as one surface, and as the shells that fill it."""

    points: Points
    surface: Surface
    shells: tuple[Shell, ...]


def _solid(mesh: Mesh) -> Solid:
    areas, normals = areas_and_normals(mesh)
    kept = without_slivers(mesh, areas)
    clean = subset(mesh, kept)
    generator = np.random.default_rng(0)
    spots = sample(clean, areas[kept], normals[kept], spread, generator).points
    corners = clean.vertices
    if len(corners) > most_vertices:
        corners = corners[generator.permutation(len(corners))[:most_vertices]]
    return Solid(np.concatenate([corners, spots]), Surface(clean), tuple(_shells(clean)))


def _shells(mesh: Mesh) -> Iterator[Shell]:
    """The connected pieces; those with holes are stitched where vertices coincide first."""
    pieces = _pieces(mesh)
    open_ones = np.isin(pieces, pieces[_at_holes(mesh)])
    yield from _split(mesh, np.where(open_ones, -1, pieces), closed=True)
    if open_ones.any():
        rest = _stitched(subset(mesh, open_ones))
        pieces = _pieces(rest)
        leaky = np.isin(pieces, pieces[_at_holes(rest)])
        yield from _split(rest, np.where(leaky, -1, pieces), closed=True)
        yield from _split(rest, np.where(leaky, pieces, -1), closed=False)


def _split(mesh: Mesh, pieces: NDArray[np.int32], *, closed: bool) -> Iterator[Shell]:
    order = np.argsort(pieces, kind="stable")
    for faces in np.split(order, np.flatnonzero(np.diff(pieces[order])) + 1):
        if pieces[faces[0]] >= 0 and len(faces) >= 4:
            corners = mesh.corners[faces]
            own = Mesh(
                corners.reshape(-1, 3), np.arange(3 * len(faces), dtype=np.int32).reshape(-1, 3)
            )
            yield Shell(Surface(own), corners.min(axis=(0, 1)), corners.max(axis=(0, 1)), closed)


def _stitched(mesh: Mesh) -> Mesh:
    index = welded(mesh.vertices)
    places = np.zeros((index.max() + 1, 3))
    places[index] = mesh.vertices
    return Mesh(places, index[mesh.faces].astype(np.int32))


def _pieces(mesh: Mesh) -> NDArray[np.int32]:
    """The number (F,) of the piece a face belongs to; pieces share no vertex."""
    rows, columns = mesh.faces[:, [0, 1]].ravel(), mesh.faces[:, [1, 2]].ravel()
    shape = (len(mesh.vertices), len(mesh.vertices))
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=shape)
    return connected_components(graph, directed=False)[1][mesh.faces[:, 0]]


def _at_holes(mesh: Mesh) -> NDArray[np.bool_]:
    """Which faces (F,) have an edge that they do not share with exactly one other."""
    edges = np.sort(mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64), axis=1)
    names = edges[:, 0] * len(mesh.vertices) + edges[:, 1]
    _, index, count = np.unique(names, return_inverse=True, return_counts=True)
    return (count[index.reshape(-1, 3)] != 2).any(axis=1)


def _dip(moved: Solid, still: Solid, poses: Points) -> float:
    """How much deeper than in the last pose any point of `moved` gets inside `still`."""
    depth = _depth(_carried(moved.points, poses), still.shells)
    return float((depth[:-1] - depth[-1]).max(initial=0.0))


def _depth(points: Points, shells: tuple[Shell, ...]) -> NDArray[np.float64]:
    """Depth (N, P) of points (N, P, 3) inside any of the shells, to that shell's surface."""
    flat = points.reshape(-1, 3)
    depth = np.zeros(len(flat))
    for shell in shells:
        near = np.flatnonzero(((flat > shell.low) & (flat < shell.high)).all(axis=1))
        if len(near):
            inside = near[shell.holds(flat[near])]
            depth[inside] = np.maximum(depth[inside], shell.surface.closest(flat[inside])[0])
    return depth.reshape(points.shape[:2])


def _gaps(moved: Solid, still: Solid, poses: Points) -> NDArray[np.float64]:
    points = _carried(moved.points, poses)
    return still.surface.closest(points.reshape(-1, 3))[0].reshape(len(poses), -1).min(axis=1)


def _carried(points: Points, poses: Points) -> Points:
    """The points (P, 3) in each pose (N, 4, 4), as (N, P, 3)."""
    return np.einsum("nij,pj->npi", poses[:, :3, :3], points) + poses[:, None, :3, 3]


def _inverse(poses: Points) -> Points:
    return np.linalg.inv(poses).astype(np.float64)
