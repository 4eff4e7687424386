"""The loose pieces of a mesh: faces that hang together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import Ints


def piece_of(corners: Ints, sizes: Ints, vertex: int) -> NDArray[np.bool_]:
    """Return (polygons,) bool: the faces that hang together with those at `vertex`.

    `corners` (C,) are the polygons' vertex indices one after another, `sizes` (P,) how many of
    them each polygon has.
    """
    if not len(sizes):
        return np.zeros(0, bool)
    label = np.arange(int(corners.max(initial=vertex)) + 1)
    starts = np.cumsum(sizes) - sizes
    while True:
        lowest = np.minimum.reduceat(label[corners], starts)
        joined = label.copy()
        np.minimum.at(joined, label[corners], np.repeat(lowest, sizes))
        if (joined == label).all():
            return lowest == label[vertex]
        label = _roots(joined)


def _roots(label: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return what each label leads to in the end."""
    while True:
        further = label[label]
        if (further == label).all():
            return label
        label = further
