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

few = 64.0  # pixels, which say as much of an atom as its region does
rounds = 2
trust = 0.3  # in how likely a region is a part at all, beside how well it agrees with the votes


def counted(
    faces: Sequence[NDArray[np.int32]],
    moving: Sequence[NDArray[np.bool_]],
    whole: Sequence[bool],
    count: int,
) -> tuple[Floats, Floats]:
    """Return in how many pixels each of `count` faces moves, and is judged at all, (count,) each.

    `faces` (n S, n S) are what views see, -1 nothing, n times as fine as `moving` (S, S). A view
    that is not `whole`, for it does not show the start of every drag, judges nothing to stay.
    """
    yes, judged = np.zeros(count), np.zeros(count)
    for there, mask, all_said in zip(faces, moving, whole, strict=True):
        step = len(there) // len(mask)
        fine = mask.repeat(step, axis=0).repeat(step, axis=1)
        own = np.bincount(there[(there >= 0) & fine], minlength=count)
        judged += np.bincount(there[there >= 0], minlength=count) if all_said else own
        yes += own
    return yes, judged


def evened(atoms: Atoms, regions: Sequence[NDArray[np.int64]], yes: Floats, seen: Floats) -> Floats:
    """Return how likely each face (F,) moves: half by its atom's votes, half by the regions.

    `regions` are those that the starts of drags are on and that agree best with the votes.
    The fewer pixels show an atom, the more they alone decide.
    """
    count = len(atoms)
    together = np.zeros(len(yes))
    for region in regions:
        together[region] = 1.0
    votes = np.bincount(atoms.of_face, yes, count)[atoms.of_face]
    pixels = np.bincount(atoms.of_face, seen, count)[atoms.of_face]
    own = (votes + few * together) / (pixels + few)
    return 0.5 * (own + together)


def agreeing(
    mesh: Mesh,
    starts: Floats,
    yes: Floats,
    seen: Floats,
    owner: NDArray[np.int32] | None = None,
    progress: Progress = silent,
) -> list[NDArray[np.int64]]:
    """Return for each of the `starts` (D, 3) the faces of a region around it.

    These are those of the proposals there that agree best with the votes, all together; each is
    chosen in turn, beginning with those that are most likely parts.
    """
    found = [
        propose(mesh, seed_point=start, owner=owner, progress=progress).proposals
        for start in starts
    ]
    chosen = [max(proposals, key=lambda one: one.score) for proposals in found]
    for _ in range(rounds):
        for k, proposals in enumerate(found):
            others = np.zeros(len(yes), bool)
            for one in chosen[:k] + chosen[k + 1 :]:
                others[one.faces] = True
            fits = [agreement(one, others, yes, seen) + trust * one.score for one in proposals]
            chosen[k] = proposals[int(np.argmax(fits))]
    return [one.faces for one in chosen]


def agreement(region: Proposal, others: NDArray[np.bool_], yes: Floats, seen: Floats) -> float:
    """Intersection over union, in pixels, of a region and `others` (F,) with what moves."""
    inside = others.copy()
    inside[region.faces] = True
    both = yes[inside].sum()
    return float(both / max(yes.sum() + seen[inside].sum() - both, 1.0))
