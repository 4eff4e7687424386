"""Surfaces that things can stand on, and how they are called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from backend.geometry.components import welded
from backend.placement.body import Points, few
from backend.placement.measure import Measures
from backend.placement.surroundings import Named, Surroundings

level = np.radians(1.5)
uneven = 0.01  # of a surface's width: how far it strays from a plane
smooth = np.cos(np.radians(25.0))  # across an edge, for two faces of one surface
named_at_most = 6


@dataclass(frozen=True, eq=False)
class Support:
    """A connected upward surface: `area`, its `height`, slope in radians, free `room` above it."""

    name: str
    area: float
    height: float
    slope: float
    uneven: bool
    room: float
    middle: Points

    @property
    def words(self) -> str:
        called = f"'{self.name}'" if self.name else "the scene"
        if self.uneven:
            return f"the uneven top of {called}"
        if self.slope > level:
            return f"the slope of {called} ({np.degrees(self.slope):.0f}°)"
        return f"the top of {called}"


def surfaces(around: Surroundings, size: float) -> list[Support]:
    """Return the surfaces with room for something of a size, the largest first."""
    found = [support for named in around.bodies for support in _of(named, around)]
    fit = [s for s in found if s.area > 0.05 * size * size and s.room > 0.2 * size]
    return sorted(fit, key=lambda support: -support.area)


def in_words(around: Surroundings, size: float) -> str:
    """A sentence that says on what something of a size could stand."""
    names = list(dict.fromkeys(s.words for s in surfaces(around, size)))[:named_at_most]
    if not names:
        return "The scene has no surface to stand on that large."
    return f"The scene offers {', '.join(names)}."


def said(around: Surroundings, found: Measures, pose: Points) -> str:
    """What a thing stands on, in words."""
    if not len(found.contacts):
        return "nothing"
    column = found.contacts[:, :2].mean(axis=0)
    steep = _tilt_below(around, found, column)
    names = [name for name in found.supports if name][:3]
    called = " and ".join(f"'{name}'" for name in names) or "the scene"
    return f"{called}, {steep}"


def _tilt_below(around: Surroundings, found: Measures, column: Points) -> str:
    spread = float(np.linalg.norm(np.ptp(found.contacts[:, :2], axis=0)))
    columns = np.concatenate([found.contacts[:, :2], column[None]])
    columns = column + (columns - column) * 0.9
    floors = around.floors(columns)
    heights = np.concatenate([found.contacts[:, 2], [found.contacts[:, 2].mean()]])
    own = [
        around.name(b, f) in found.supports for b, f in zip(floors.body, floors.face, strict=True)
    ]
    near = np.abs(floors.z - heights[floors.column]) < 0.2 * spread + 1e-3
    near &= np.array(own, bool)
    if not near.any():
        return "level"
    normals = floors.normal[near]
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    mean = normals.mean(axis=0)
    mean /= np.linalg.norm(mean)
    if (normals @ mean).min() < np.cos(np.radians(2.0)):
        return "uneven"
    slope = float(np.arccos(np.clip(mean[2], -1.0, 1.0)))
    return "level" if slope < level else f"a slope of {np.degrees(slope):.0f}°"


def _of(named: Named, around: Surroundings) -> list[Support]:
    body = named.body
    chosen = np.flatnonzero(named.upward)
    if not len(chosen):
        return []
    faces = welded(body.mesh.vertices)[body.mesh.faces[chosen]]
    label = _joined(faces, body.outward[chosen])
    found = []
    for one in np.unique(label):
        own = chosen[label == one]
        areas = body.areas[own]
        normal = (areas[:, None] * body.outward[own]).sum(axis=0)
        normal /= np.linalg.norm(normal)
        points = body.mesh.corners[own].reshape(-1, 3)
        middles = body.mesh.corners[own].mean(axis=1)
        middle = (areas[:, None] * middles).sum(axis=0) / areas.sum()
        off = np.abs((points - middle) @ normal).max()
        wide = float(np.linalg.norm(np.ptp(points, axis=0)))
        floors = around.floors(few(middles, 12)[:, :2])
        near = np.abs(floors.z - few(middles, 12)[floors.column, 2]) < 1e-4
        room = float(np.median(floors.room[near])) if near.any() else 0.0
        found.append(
            Support(
                name=named.names[int(body.owner[own[0]])],
                area=float(areas.sum()),
                height=float(middle[2]),
                slope=float(np.arccos(np.clip(normal[2], -1.0, 1.0))),
                uneven=bool(off > uneven * wide),
                room=room,
                middle=middle,
            )
        )
    return found


def _joined(faces: NDArray[np.int64], normals: Points) -> NDArray[np.int32]:
    """The number (F,) of the surface of each face: those that go on smoothly across an edge."""
    count = int(faces.max()) + 1
    pairs = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    names = pairs[:, 0].astype(np.int64) * count + pairs[:, 1]
    owner = np.repeat(np.arange(len(faces)), 3)
    order = np.argsort(names, kind="stable")
    same = np.flatnonzero(names[order][1:] == names[order][:-1])
    one, other = owner[order[same]], owner[order[same + 1]]
    goes_on = (normals[one] * normals[other]).sum(axis=1) > smooth
    ones = np.ones(int(goes_on.sum()), np.int8)
    graph = coo_matrix((ones, (one[goes_on], other[goes_on])), shape=(len(faces), len(faces)))
    return connected_components(graph, directed=False)[1]
