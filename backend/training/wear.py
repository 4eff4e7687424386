"""Cases as other people would have modelled them, to fit on.

Generated objects have hinges that show, gaps that are even and proportions that somebody chose.
What is fitted must not rely on any of it, so much is taken from them at random: hardware goes,
parts grow or sink into their bodies, and everything is stretched. Only the rest pose matters to
the fit: a worn object need not move as it did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.datasets import Case
from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh, subset

Points = NDArray[np.float64]

bare, grown, sunk, stretched = 0.4, 0.25, 0.25, 0.4  # how often
small = 0.12  # of the diagonal of its side: loose pieces up to here may be hardware
close = 0.08  # of the part's diagonal, from its hinge line
growth = 0.004, 0.03
sinking = 0.002, 0.015  # of the diagonal
stretch = 0.6, 1.6


def worn(case: Case, generator: np.random.Generator) -> Case:
    """Return a case with some, all or none of these habits; its joint fits what it has become."""
    if generator.random() < bare:
        case = without_hardware(case)
    if generator.random() < grown:
        case = _with_part(case, lambda points: _grown(points, generator.uniform(*growth)))
    if generator.random() < sunk:
        shift = _direction(generator) * generator.uniform(*sinking) * _size(case.vertices)
        case = _with_part(case, lambda points: points + shift)
    if generator.random() < stretched and case.joint_type != "continuous":
        case = stretched_by(case, np.exp(generator.uniform(*np.log(stretch), size=3)))
    return case


def without_hardware(case: Case) -> Case:
    """Return the case without the small loose pieces near a hinge's line; slides stay."""
    if case.joint_type == "prismatic":
        return case
    mesh = Mesh(case.vertices.astype(np.float64), case.faces)
    reach = close * _size(case.vertices[case.faces[case.moving_faces]].reshape(-1, 3))
    gone = np.zeros(len(case.faces), dtype=bool)
    for side in (case.moving_faces, ~case.moving_faces):
        own = np.flatnonzero(side)
        corners = mesh.vertices[mesh.faces[own]]
        piece = face_components(subset(mesh, side))
        whole = _size(corners.reshape(-1, 3))
        for k in range(int(piece.max()) + 1):
            points = corners[piece == k].reshape(-1, 3)
            if _size(points) < small * whole and _from_line(case, points).min() < reach:
                gone[own[piece == k]] = True
    if (gone[case.moving_faces]).all() or gone[~case.moving_faces].all():
        return case
    return replace(
        case,
        faces=case.faces[~gone],
        face_part=case.face_part[~gone],
        moving_faces=case.moving_faces[~gone],
    )


def stretched_by(case: Case, factors: Points) -> Case:
    """Return the case with its coordinates times `factors` (3,).

    Axis and origin are stretched with it; a hinge that is askew to the stretch keeps the line
    that its two ends get.
    """
    axis = case.axis * factors
    moved = (case.drag_end - case.drag_start) * factors
    return replace(
        case,
        vertices=(case.vertices * factors).astype(np.float32),
        axis=axis / np.linalg.norm(axis),
        origin=case.origin * factors,
        drag_start=case.drag_start * factors,
        drag_end=case.drag_start * factors + moved,
    )


def _with_part(case: Case, change: Callable[[Points], Points]) -> Case:
    moving = np.unique(case.faces[case.moving_faces])
    moving = np.setdiff1d(moving, np.unique(case.faces[~case.moving_faces]))
    points = case.vertices.astype(np.float64)
    before = points[moving]
    points[moving] = change(before) if len(moving) else before
    return replace(case, vertices=points.astype(np.float32))


def _grown(points: Points, share: float) -> Points:
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    return middle + (points - middle) * (1.0 + share)


def _direction(generator: np.random.Generator) -> Points:
    way = generator.normal(size=3)
    return way / np.linalg.norm(way)


def _from_line(case: Case, points: Points) -> Points:
    arm = points - case.origin
    return np.linalg.norm(arm - np.outer(arm @ case.axis, case.axis), axis=1)


def _size(points: ArrayLike) -> float:
    return float(np.linalg.norm(np.ptp(np.asarray(points), axis=0)))
