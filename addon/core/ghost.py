"""Fewer triangles for a shape that is only looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import Ints


def thinned(vertices: NDArray, faces: Ints, budget: int) -> tuple[NDArray, Ints]:
    """Return a shape of at most `budget` triangles that looks like the one given.

    (V, 3) vertices and (F, 3) int32 triangles in and out. Vertices are merged in the cells of a
    grid that is made coarser until the budget is met; a shape within it comes back as it is.
    """
    cells = np.sqrt(budget)
    while len(faces) > budget:
        vertices, faces = _merged(vertices, faces, cells)
        cells *= 0.7
    return vertices, faces


def _merged(vertices: NDArray, faces: Ints, cells: float) -> tuple[NDArray, Ints]:
    low = vertices.min(axis=0)
    size = float((vertices.max(axis=0) - low).max()) or 1.0
    x, y, z = ((vertices - low) * (max(cells, 1.0) / size)).astype(np.int64).T
    _, kept, cell_of = np.unique((x << 42) | (y << 21) | z, return_index=True, return_inverse=True)
    merged = np.sort(cell_of.reshape(-1).astype(np.int32)[faces], axis=1)
    proper = (merged[:, 0] != merged[:, 1]) & (merged[:, 1] != merged[:, 2])
    return vertices[kept], np.unique(merged[proper], axis=0)
