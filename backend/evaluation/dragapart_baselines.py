"""What needs no learning: leave the picture as it is, or shift what moves as it does on average."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.datasets.drag_a_move import Sample

Picture = NDArray[np.uint8]
white = 255


def copied(sample: Sample) -> Picture:
    """Return the picture before."""
    return sample.before


def warped(sample: Sample, *, fill: bool = True) -> Picture:
    """Return the picture before with each moving part shifted by its true flow's mean.

    The shift is a whole number of pixels; what leaves the picture is lost. Where a part was,
    it is white with `fill`, otherwise the part is still seen there, too.
    """
    found = sample.before.copy()
    parts = [sample.moving_before == k for k in np.unique(sample.moving_before) if k]
    if fill:
        found[sample.moving_before > 0] = white
    for part in parts:
        rows, columns = np.nonzero(part)
        across, down = np.rint(sample.flow[part].mean(axis=0)).astype(int)
        to_row, to_column = rows + down, columns + across
        inside = (np.minimum(to_row, to_column) >= 0) & (np.maximum(to_row, to_column) < len(found))
        found[to_row[inside], to_column[inside]] = sample.before[rows[inside], columns[inside]]
    return found
