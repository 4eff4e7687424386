"""Votes of views for the faces they see, evened out over a surface's natural regions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress, silent
from backend.geometry.mesh import Mesh
from backend.segmentation.atoms import Atoms
from backend.segmentation.propose import Proposal, propose

Floats = NDArray[np.float64]

trust = 0.3  # in how likely a region is a part at all, beside how well it agrees with the votes


def counted(
    faces: Sequence[NDArray[np.int32]], moving: Sequence[NDArray[np.bool_]], count: int
) -> tuple[Floats, Floats]:
    """Return in how many pixels each of `count` faces moves, and is seen at all, (count,) each.

    `faces` (n S, n S) are what views see, -1 nothing, n times as fine as `moving` (S, S).
    """
    yes, seen = np.zeros(count), np.zeros(count)
    for there, mask in zip(faces, moving, strict=True):
        step = len(there) // len(mask)
        fine = mask.repeat(step, axis=0).repeat(step, axis=1)
        seen += np.bincount(there[there >= 0], minlength=count)
        yes += np.bincount(there[(there >= 0) & fine], minlength=count)
    return yes, seen


def evened(atoms: Atoms, regions: Sequence[NDArray[np.int64]], yes: Floats, seen: Floats) -> Floats:
    """Return how likely each face (F,) moves: half by its atom's votes, half by the regions.

    `regions` are those that the starts of drags are on and that agree best with the votes.
    Where no view shows an atom they alone decide.
    """
    count = len(atoms)
    votes = np.bincount(atoms.of_face, yes, count)
    pixels = np.bincount(atoms.of_face, seen, count)
    together = np.zeros(len(yes))
    for region in regions:
        together[region] = 1.0
    own = (votes / np.maximum(pixels, 1.0))[atoms.of_face]
    return np.where(pixels[atoms.of_face] > 0.0, 0.5 * (own + together), together)


def agreeing(
    mesh: Mesh,
    start: Floats,
    yes: Floats,
    seen: Floats,
    owner: NDArray[np.int32] | None = None,
    progress: Progress = silent,
) -> NDArray[np.int64]:
    """Return the faces of the region around `start` (3,) that agrees best with the votes."""
    found = propose(mesh, seed_point=start, owner=owner, progress=progress).proposals
    return max(found, key=lambda one: agreement(one, yes, seen) + trust * one.score).faces


def agreement(region: Proposal, yes: Floats, seen: Floats) -> float:
    """Intersection over union, in pixels, of a region with what moves in the views."""
    inside = yes[region.faces].sum()
    return float(inside / max(yes.sum() + seen[region.faces].sum() - inside, 1.0))
