"""Connected pieces cut where their surface creases inwards: fronts set off by a groove, knobs.

People see the parts of a shape between its concave creases (the minima rule, Hoffman and
Richards 1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components

from backend.geometry.components import welded
from backend.geometry.mesh import Mesh

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

least_angle = np.radians(25.0)  # between the sides of a crease
cut_share = 0.25  # of the surface: smaller pieces are parts or details, and stay whole
cut_bulk = 0.5  # of the object's diagonal
least_patch = 3e-4  # of the surface: smaller patches join the neighbour they share most with


@dataclass(frozen=True, eq=False)
class _Edges:
    """The E edges that two faces share: `pair` (E, 2) faces, `length`, whether both go round
    the same way."""

    pair: NDArray[np.int64]
    length: Floats
    agree: NDArray[np.bool_]

    def within(self, labels: Labels) -> _Edges:
        """Those between faces of one label, negative labels left out."""
        first, second = labels[self.pair].T
        kept = (first == second) & (first >= 0)
        return _Edges(self.pair[kept], self.length[kept], self.agree[kept])


def creased(mesh: Mesh, areas: Floats, normals: Floats, loose: Labels) -> Labels:
    """Return regions (F,) of a mesh of unit diagonal: the loose pieces, large ones cut."""
    chosen = _composite(mesh, areas, loose)
    if not chosen.any():
        return loose
    faces = welded(mesh.vertices)[mesh.faces]
    first = _firsts(faces, loose)
    edges = _edges(mesh, faces, np.unique(first)).within(np.where(chosen[loose], loose, -1))
    outward = normals * _outward(mesh, normals, loose, edges)[:, None]
    concave = _concave(mesh, outward, edges)
    patches = _components(len(areas), edges.pair[~concave])[first]
    patches = _tidied(patches, areas, edges)
    whole = ~chosen[loose]
    patches[whole] = loose[whole] + len(areas)  # apart from the patches' numbers
    return np.unique(patches, return_inverse=True)[1].astype(np.int32)


def _composite(mesh: Mesh, areas: Floats, loose: Labels) -> NDArray[np.bool_]:
    """Which loose pieces are so large that they may be several parts in one."""
    share = np.bincount(loose, areas) / areas.sum()
    chosen = share > cut_share
    for piece in np.flatnonzero(chosen):
        corners = mesh.corners[loose == piece].reshape(-1, 3)
        chosen[piece] = np.linalg.norm(np.ptp(corners, axis=0)) > cut_bulk
    return chosen


def _firsts(faces: NDArray[np.int64], loose: Labels) -> NDArray[np.intp]:
    """For each face (F,) the first of its piece with the same three vertices."""
    code = np.zeros(len(faces), np.int64)
    for column in (*np.sort(faces, axis=1).T, loose):
        code = np.unique(code * (int(column.max()) + 1) + column, return_inverse=True)[1]
    _, first, same = np.unique(code, return_index=True, return_inverse=True)
    return first[same]


def _edges(mesh: Mesh, faces: NDArray[np.int64], used: NDArray[np.intp]) -> _Edges:
    """The edges that exactly two of the `used` faces share; more at an edge divide it."""
    faces, corners = faces[used], mesh.corners[used]
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    low, high = np.minimum(start, end), np.maximum(start, end)
    key = low * (faces.max() + 1) + high
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    twos = first[np.diff(np.r_[first, len(key)]) == 2]
    a, b = order[twos], order[twos + 1]
    following = np.roll(corners, -1, axis=1).reshape(-1, 3)
    length = np.linalg.norm(corners.reshape(-1, 3)[a] - following[a], axis=1)
    real = (low[a] != high[a]) & (a // 3 != b // 3)
    pair = used[np.stack([a, b], axis=1)[real] // 3]
    return _Edges(pair, length[real], (start[a] != start[b])[real])


def _outward(mesh: Mesh, normals: Floats, loose: Labels, edges: _Edges) -> Floats:
    """The sign (F,) that turns each normal outwards: all of a piece alike, then by its volume."""
    sign = np.ones(len(normals))
    if not edges.agree.all():
        _turn_alike(sign, edges)
    middles = mesh.corners.mean(axis=1)
    count = np.bincount(loose)
    centre = np.stack([np.bincount(loose, axis) / count for axis in middles.T], axis=1)
    cross = np.cross(mesh.corners[:, 1] - mesh.corners[:, 0], mesh.corners[:, 2] - middles)
    height = ((middles - centre[loose]) * normals).sum(axis=1) * np.linalg.norm(cross, axis=1)
    volume = np.bincount(loose, sign * height)
    return sign * np.where(volume < 0.0, -1.0, 1.0)[loose]


def _turn_alike(sign: Floats, edges: _Edges) -> None:
    """Walk over the faces and turn each like the one it was reached from; `sign` is changed."""
    count = len(sign)
    a, b = edges.pair.T
    values = np.where(edges.agree, 1, 2).astype(np.int8)
    graph = coo_matrix((values, (a, b)), shape=(count, count)).tocsr()
    graph.sum_duplicates()
    graph = graph.maximum(graph.T).tocsr()
    pieces = connected_components(graph, directed=False)[1]
    for piece in np.unique(pieces[np.unique(edges.pair[~edges.agree])]):
        start = int(np.flatnonzero(pieces == piece)[0])
        order, before = breadth_first_order(graph, start, directed=False)
        turned = np.asarray(graph[before[order[1:]], order[1:]]).ravel() == 2
        for face, flip in zip(order[1:].tolist(), turned.tolist(), strict=True):
            sign[face] = -sign[before[face]] if flip else sign[before[face]]


def _concave(mesh: Mesh, outward: Floats, edges: _Edges) -> NDArray[np.bool_]:
    """Which edges (E,) are the bottom of a crease: each side rises before the other."""
    a, b = edges.pair.T
    middles = mesh.corners.mean(axis=1)
    rise = ((middles[b] - middles[a]) * outward[a]).sum(axis=1)
    rise += ((middles[a] - middles[b]) * outward[b]).sum(axis=1)
    sharp = (outward[a] * outward[b]).sum(axis=1) < np.cos(least_angle)
    return sharp & (rise > 0.0)


def _components(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    graph = coo_matrix((np.ones(len(pairs), np.int8), tuple(pairs.T)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _tidied(patches: NDArray[np.int64], areas: Floats, edges: _Edges) -> NDArray[np.int64]:
    """Small patches join the patch they share the longest border with, until none can."""
    for _ in range(4):
        area = np.bincount(patches, areas)
        ends = np.concatenate([patches[edges.pair], patches[edges.pair[:, ::-1]]])
        border = (ends[:, 0] != ends[:, 1]) & (area[ends[:, 0]] < least_patch * areas.sum())
        if not border.any():
            break
        length = np.concatenate([edges.length, edges.length])[border]
        shape = (len(area), len(area))
        shared = coo_matrix((length, tuple(ends[border].T)), shape=shape).tocsr()
        joins = np.flatnonzero(np.diff(shared.indptr))
        target = np.arange(len(area))
        target[joins] = np.asarray(shared[joins].argmax(axis=1)).ravel()
        larger = area[target] >= area
        links = np.stack([np.arange(len(area))[larger], target[larger]], axis=1)
        patches = _components(len(area), links)[patches]
    return patches
