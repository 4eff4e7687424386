"""What groups look like to a person in front of the object: form, place, size; and their names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from backend.segmentation.atoms import Atoms
from backend.segmentation.frame import Placed
from backend.segmentation.groups import Groups, bounds

Floats = NDArray[np.float64]

outlined = 150  # faces of an atom that its outlines are drawn around
front_layer = 0.08  # of the diagonal: with a handle before it
right, away, up = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Looks:
    """G groups as seen: axes are right, away (from the viewer) and up; lengths in diagonals.

    `extent`, `centre` (G, 3); `whole` (3,) the object's own extent, around zero. `round_`
    (G, 3) is 1 where the outline along that axis is a circle. `faced` (G,) is how much of the
    rectangle that the viewer sees is a surface that faces him. `barred` (G, 6) is the share of
    it that something lies before to the right, behind, above, to the left, in front, below.
    `own` (G, 3) are the extents along the group's own axes, the smallest first.
    """

    extent: Floats
    centre: Floats
    whole: Floats
    round_: Floats
    faced: Floats
    barred: Floats
    own: Floats

    @property
    def place(self) -> Floats:
        """Where the middles are, (G, 3) in [-1, 1] from left to right, front to back, floor up."""
        return np.clip(2.0 * self.centre / np.maximum(self.whole, 1e-9), -1.0, 1.0)

    @property
    def nearest(self) -> Floats:
        """How far the group's front is behind the object's, (G,) over the object's depth."""
        front = self.centre[:, away] - 0.5 * self.extent[:, away]
        return (front + 0.5 * self.whole[away]) / max(self.whole[away], 1e-9)

    @property
    def above_floor(self) -> Floats:
        """How far the group's lowest point is above the object's, (G,) over its height."""
        lowest = self.centre[:, up] - 0.5 * self.extent[:, up]
        return (lowest + 0.5 * self.whole[up]) / max(self.whole[up], 1e-9)

    @property
    def share(self) -> Floats:
        """The extent over the object's, (G, 3)."""
        return self.extent / np.maximum(self.whole, 1e-9)

    @property
    def bulk(self) -> Floats:
        """The diagonals (G,)."""
        return np.linalg.norm(self.extent, axis=1)


def look(placed: Placed, atoms: Atoms, groups: Groups, barred: Floats) -> Looks:
    """Return how groups (G, A) of atoms look; `barred` (G, 6) is along the axes and back."""
    low, high = bounds(atoms, groups)
    ends = np.stack([low @ placed.view.T, high @ placed.view.T])
    low, high = ends.min(axis=0), ends.max(axis=0)
    whole = np.abs(placed.view) @ np.ptp(np.stack([atoms.low.min(0), atoms.high.max(0)]), axis=0)
    points, normals = (
        values @ placed.view.T for values in (atoms.samples.points, atoms.samples.normals)
    )
    outlines = _Outlines(atoms, placed.view, np.any(groups, axis=0, keepdims=True)[0])
    facing = np.where(np.abs(normals[:, away]) > 0.9, atoms.samples.area, 0.0)
    cover, own_extent = np.zeros((2, len(groups), 3))
    faced = np.zeros(len(groups))
    for k, group in enumerate(groups):
        own = np.flatnonzero(group[atoms.of_sample])
        cover[k] = outlines.cover(group)
        own_extent[k] = _own_extent(points[own])
        front = points[own, away] < low[k, away] + front_layer
        faced[k] = facing[own[front]].sum()
    extent = high - low
    faced /= np.maximum(extent[:, right] * extent[:, up], 1e-9)
    across = np.stack([extent[:, [1, 2]], extent[:, [0, 2]], extent[:, [0, 1]]], axis=1)
    square = across.min(axis=2) / np.maximum(across.max(axis=2), 1e-9)
    round_ = np.exp(-(((cover - np.pi / 4) / 0.06) ** 2)) * np.clip(6.0 * square - 5.0, 0.0, 1.0)
    return Looks(
        extent=extent,
        centre=0.5 * (low + high),
        whole=whole,
        round_=round_,
        faced=np.minimum(faced, 1.0),
        barred=_seen(placed, barred),
        own=np.minimum(own_extent, np.sort(extent, axis=1)),
    )


def _own_extent(points: Floats) -> Floats:
    centred = points - points.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1]
    return np.sort(np.ptp(points @ axes, axis=0))


def _seen(placed: Placed, barred: Floats) -> Floats:
    """What is barred along each axis and back, in the order of the view's directions."""
    ways = np.concatenate([np.eye(3), -np.eye(3)])
    seen = np.concatenate([placed.view, -placed.view])
    return barred[:, (seen @ ways.T).argmax(axis=1)]


class _Outlines:
    """The outlines of atoms along each axis of the view, from which those of groups are made."""

    def __init__(self, atoms: Atoms, view: Floats, used: NDArray[np.bool_]) -> None:
        order = np.argsort(atoms.of_face, kind="stable")
        count = np.bincount(atoms.of_face)
        starts = np.cumsum(count) - count
        self._rims: dict[int, list[Floats]] = {}
        for atom in np.flatnonzero(used):
            stride = max(1, count[atom] // outlined)
            faces = order[starts[atom] : starts[atom] + count[atom] : stride]
            points = atoms.mesh.corners[faces].reshape(-1, 3) @ view.T
            self._rims[int(atom)] = [_rim(np.delete(points, axis, axis=1)) for axis in range(3)]

    def cover(self, group: NDArray[np.bool_]) -> list[float]:
        """The area of a group's outline along each axis over that of its rectangle."""
        rims = [self._rims[int(atom)] for atom in np.flatnonzero(group)]
        return [_filled(np.concatenate([rim[axis] for rim in rims])) for axis in range(3)]


def _rim(points: Floats) -> Floats:
    """Those of the points (N, 2) that are corners of their convex hull."""
    try:
        return points[ConvexHull(points).vertices]
    except (QhullError, ValueError):  # all on a line
        return points


def _filled(points: Floats) -> float:
    size = np.prod(np.ptp(points, axis=0))
    if len(points) < 3 or size <= 0.0:
        return 1.0
    try:
        return float(ConvexHull(points).volume / size)
    except QhullError:
        return 1.0


def name(looks: Looks, k: int) -> str:
    """Return words for group k by its form and place, such as "upper left plate"."""
    return f"{_where(looks, k)} {_form(looks, k)}".strip()


def _where(looks: Looks, k: int) -> str:
    x, y, z = looks.place[k]
    words = [
        "upper" if z > 0.33 else "lower" if z < -0.33 else "",
        "left" if x < -0.33 else "right" if x > 0.33 else "",
    ]
    if not any(words):
        words = ["front" if y < -0.33 else "back" if y > 0.33 else "middle"]
    return " ".join(word for word in words if word)


def _form(looks: Looks, k: int) -> str:
    small, medium, large = looks.own[k]
    spun = int(looks.round_[k].argmax())
    if looks.round_[k, spun] > 0.5:
        return "disc" if looks.extent[k, spun] < 0.5 * large else "cylinder"
    if medium < 0.3 * large:
        return "bar"
    return "plate" if small < 0.25 * medium else "block"
