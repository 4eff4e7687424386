"""Which faces of a mesh belong together: regions between sharp edges, values, loose pieces.

Labels are (polygons,) int32, counted from 0; polygons with the same label belong together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .geometry import Floats, Ints

smooth_cosine = math.cos(math.radians(30.1))  # an edge of just 30 degrees is not sharp
split_share = 0.25  # of the edges; a mesh that shares less is taken for one of split vertices


class Faces(NamedTuple):
    """Polygons as arrays: what each corner touches, and where each polygon's corners start."""

    positions: Floats  # (vertices, 3)
    corners: Ints  # (corners,) the vertex of each
    edges: Ints  # (corners,) the edge from each corner to the next of its polygon
    starts: Ints  # (polygons + 1,)
    normals: Floats  # (polygons, 3)

    @property
    def size(self) -> int:
        """How many polygons there are."""
        return len(self.starts) - 1

    def owners(self) -> Ints:
        """Return the polygon of each corner."""
        return np.repeat(np.arange(self.size, dtype=np.int32), np.diff(self.starts))

    def following(self) -> Ints:
        """Return for each corner the next one of its polygon."""
        after = np.arange(1, len(self.corners) + 1, dtype=np.int32)
        after[self.starts[1:] - 1] = self.starts[:-1]
        return after


class Sides(NamedTuple):
    """What meets at each edge: how many polygons, and the first and last corner it starts at."""

    counts: Ints
    first: Ints
    last: Ints


def sides(edges: Ints) -> Sides:
    """Return what meets at each edge, (edges,) arrays; edges without polygons count 0."""
    total = int(edges.max()) + 1 if len(edges) else 0
    corners = np.arange(len(edges), dtype=np.int32)
    first, last = np.zeros(total, np.int32), np.zeros(total, np.int32)
    last[edges] = corners
    first[edges[::-1]] = corners[::-1]
    return Sides(np.bincount(edges, minlength=total).astype(np.int32), first, last)


def joined(faces: Faces) -> Faces:
    """Return the faces with vertices welded by place where hardly any edge is shared.

    Imports of flat-shaded meshes give every face vertices of its own.
    """
    counts = np.bincount(faces.edges)
    used = counts[counts > 0]
    if not len(used) or np.mean(used > 1) >= split_share:
        return faces
    corners = _welded(faces.positions)[faces.corners]
    after = corners[faces.following()]
    keys = np.minimum(corners, after) * np.int64(len(faces.positions)) + np.maximum(corners, after)
    edges = np.unique(keys, return_inverse=True)[1].reshape(-1).astype(np.int32)
    return faces._replace(corners=corners, edges=edges)


def regions(faces: Faces, sharp: NDArray[np.bool_]) -> Ints:
    """Return labels of the regions that sharp edges, borders and forks of the surface bound.

    `sharp` are the edges that are marked as such, (edges,); edges over 30 degrees are as well.
    """
    counts, first, last = sides(faces.edges)
    owners = faces.owners()
    inner = counts == 2
    if len(sharp) == len(inner):
        inner &= ~sharp
    one, other = owners[first[inner]], owners[last[inner]]
    smooth = smoothly(faces.normals, one, other)
    return connected(faces.size, one[smooth], other[smooth])


def pieces(faces: Faces) -> Ints:
    """Return labels of the loose pieces: faces connected by vertices."""
    within = np.ones(len(faces.corners), bool)
    within[faces.starts[1:] - 1] = False
    from_here = np.flatnonzero(within)
    vertices = connected(
        len(faces.positions), faces.corners[from_here], faces.corners[from_here + 1]
    )
    return by_value(vertices[faces.corners[faces.starts[:-1]]])


def by_value(values: Ints) -> Ints:
    """Return labels of polygons with the same value."""
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int32)


def connected(count: int, first: Ints, second: Ints) -> Ints:
    """Return the connected component of each of `count` nodes, given pairs that are connected.

    Each component's largest labels are hooked to smaller neighbours, then all follow their
    pointers to the end; what is left between components is done again.
    """
    parents = np.arange(count, dtype=np.int32)
    while len(first):
        first, second = parents[first], parents[second]
        apart = first != second
        first, second = first[apart], second[apart]
        np.minimum.at(parents, np.maximum(first, second), np.minimum(first, second))
        parents = _followed(parents)
    roots = parents == np.arange(count, dtype=np.int32)
    return (np.cumsum(roots, dtype=np.int32) - 1)[parents]


def _followed(parents: Ints) -> Ints:
    while True:
        further = parents[parents]
        if np.array_equal(further, parents):
            return parents
        parents = further


def _welded(positions: Floats) -> Ints:
    """Return for each vertex one that stands in for all at exactly the same place."""
    place = np.ascontiguousarray(positions + np.float32(0.0))  # -0 is 0
    bits = place.view(np.uint32).astype(np.uint64)
    mixed = bits @ np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
    order = np.argsort(mixed)
    new = np.ones(len(order), bool)
    new[1:] = (place[order[1:]] != place[order[:-1]]).any(axis=1)
    stands_in = np.empty(len(order), np.int32)
    stands_in[order] = order[new][np.cumsum(new) - 1]
    return stands_in


def smoothly(normals: Floats, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """Return for pairs of polygons whether they meet at no more than 30 degrees."""
    with np.errstate(invalid="ignore", over="ignore"):  # of vertices that are not finite
        return np.einsum("ij,ij->i", normals[one], normals[other]) >= smooth_cosine
