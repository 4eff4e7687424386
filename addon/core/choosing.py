"""Which of the proposed parts a prompt means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from ..protocol.tasks import PartProposal, close_fit, least_fit

apart = 0.3  # of their faces: proposals that share less are different parts


def meant(
    prompt: str,
    proposals: Sequence[PartProposal],
    faces: Sequence[NDArray],
    notes: Sequence[str] = (),
) -> int:
    """Return the index of the proposal that fits best.

    `faces` are sorted numbers of each proposal's triangles, `notes` what the backend remarked:
    it knows better why nothing fits. Raises TugError `bad_input` when nothing does, or when
    several parts do equally well.
    """
    if not proposals:
        raise failure("bad_input", _reason(notes, f"No part fits '{prompt}'; mark it."))
    best = max(range(len(proposals)), key=lambda i: (proposals[i].fits, proposals[i].score))
    fits = proposals[best].fits
    if fits < least_fit:
        raise failure("bad_input", _reason(notes, f"No part fits '{prompt}'; mark it."))
    rivals = [
        i
        for i, other in enumerate(proposals)
        if other.fits > close_fit * fits and _overlap(faces[i], faces[best]) < apart
    ]
    if rivals:
        names = " and ".join(f"'{proposals[i].name or 'part'}'" for i in (best, rivals[0]))
        text = f"{names} fit '{prompt}' equally well; say where it is, or mark it."
        raise failure("bad_input", _reason(notes, text))
    return best


def _reason(notes: Sequence[str], otherwise: str) -> str:
    return notes[0] if notes else otherwise


def _overlap(one: NDArray, other: NDArray) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / max(len(one) + len(other) - shared, 1)
