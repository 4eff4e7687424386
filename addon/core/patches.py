"""Triangles and outlines of labelled faces, sorted so that drawing one label is drawing a range."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .geometry import Ints
from .regions import Faces, sides, smoothly

most_segments = 60_000  # an outline of more is thinned
few_segments = 2_000  # always readable
crowded = 0.2  # of the edges; where more than these are creases, they say nothing of the shape


class Runs(NamedTuple):
    """Items sorted by label; those of label i are order[starts[i]:starts[i + 1]]."""

    order: Ints
    starts: Ints

    def of(self, label: int) -> Ints:
        """Return the items with a label."""
        return self.order[self.starts[label] : self.starts[label + 1]]


def runs(labels: Ints) -> Runs:
    """Sort by label; items labelled below 0 are left out."""
    shifted = labels + 1
    count = int(shifted.max()) + 1 if len(shifted) else 1
    if count < 65_536:
        shifted = shifted.astype(np.uint16)  # which numpy sorts by radix
    order = np.argsort(shifted, kind="stable").astype(np.int32)
    starts = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(shifted, minlength=count), out=starts[1:])
    return Runs(order, starts[1:])


class Outlines:
    """The segments around each label's faces; for faces that close on themselves, their creases."""

    def __init__(self, faces: Faces, labels: Ints) -> None:
        counts, first, last = sides(faces.edges)
        owners = faces.owners()
        one, other = owners[first], owners[last]
        used, inner = counts > 0, counts == 2
        apart = labels[one] != labels[other]
        self._faces, self._after = faces, faces.following()
        self._borders = _of_both(used & (~inner | apart), first, last, labels[owners])
        inside = np.flatnonzero(inner & ~apart)
        creased = inside[~smoothly(faces.normals, one[inside], other[inside])]
        self._creases = _runs_of(first[creased], labels[owners])
        self._sizes = np.bincount(labels[owners] + 1)

    def of(self, label: int) -> Ints:
        """Return the vertices of the segments, (K, 2)."""
        corners = _found(self._borders, label)
        if not len(corners):
            corners = _found(self._creases, label)
            if len(corners) > few_segments and self._is_crowded(len(corners), label):
                corners = corners[:0]
        corners = corners[:: max(1, -(-len(corners) // most_segments))]
        vertices = self._faces.corners
        return np.stack([vertices[corners], vertices[self._after[corners]]], axis=1)

    def _is_crowded(self, creases: int, label: int) -> bool:
        return creases > crowded * self._sizes[label + 1] / 2


class Marked(NamedTuple):
    """The faces of a mask for drawing: (T, 3) vertices of triangles, (K, 2) of the outline."""

    triangles: Ints
    outline: Ints


def marked(faces: Faces, triangles: Ints, polygons: Ints, mask: NDArray[np.bool_]) -> Marked:
    """Return how to draw the polygons in `mask`; `polygons` are those of the `triangles`."""
    outlines = Outlines(faces, mask.astype(np.int32) - 1)
    return Marked(triangles[mask[polygons]], outlines.of(0))


def _of_both(chosen: NDArray[np.bool_], first: Ints, last: Ints, labels: Ints) -> tuple[Ints, Runs]:
    """Sort the edges by the labels on either side, each edge once for a label."""
    one, other = first[chosen], last[chosen]
    differs = labels[one] != labels[other]
    return _runs_of(np.concatenate([one, other[differs]]), labels)


def _runs_of(corners: Ints, labels: Ints) -> tuple[Ints, Runs]:
    return corners, runs(labels[corners])


def _found(sorted_corners: tuple[Ints, Runs], label: int) -> Ints:
    corners, found = sorted_corners
    if label + 1 >= len(found.starts):
        return corners[:0]
    return corners[found.of(label)]
