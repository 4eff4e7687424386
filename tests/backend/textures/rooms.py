"""Things with texture coordinates: boxes whose six sides have a chart each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh
from tests.backend.conftest import box

gap = 0.02  # between charts


def boxes(*bounds: tuple[tuple[float, ...], tuple[float, ...]]) -> tuple[Mesh, NDArray[np.float32]]:
    """Boxes as one mesh, and a square chart of its own for each side of each: (F, 3, 2)."""
    pieces = [box(low, high) for low, high in bounds]
    vertices = np.concatenate([v for v, _ in pieces]).astype(np.float64)
    faces = np.concatenate([f + 8 * k for k, (_, f) in enumerate(pieces)]).astype(np.int32)
    sides = 6 * len(pieces)
    across = int(np.ceil(np.sqrt(sides)))
    uv = np.zeros((2 * sides, 3, 2))
    square = np.array([[(0, 0), (1, 0), (1, 1)], [(0, 0), (1, 1), (0, 1)]], float)
    for side in range(sides):
        corner = np.array(divmod(side, across)[::-1]) / across
        uv[2 * side : 2 * side + 2] = corner + (gap + square * (1 - 2 * gap)) / across
    return Mesh(vertices, faces), uv.astype(np.float32)


def cabinet() -> tuple[Mesh, NDArray[np.float32], NDArray[np.bool_]]:
    """Five boards and a flush door before them; which faces (F,) are the door's.

    It is 1 wide, 0.6 deep and 1 high, its open side at y = 0.
    """
    mesh, uv = boxes(
        ((0.0, 0.0, 0.0), (0.05, 0.6, 1.0)),
        ((0.95, 0.0, 0.0), (1.0, 0.6, 1.0)),
        ((0.05, 0.0, 0.0), (0.95, 0.6, 0.05)),
        ((0.05, 0.0, 0.95), (0.95, 0.6, 1.0)),
        ((0.05, 0.55, 0.05), (0.95, 0.6, 0.95)),
        ((0.0, -0.04, 0.0), (1.0, 0.0, 1.0)),
    )
    return mesh, uv, np.arange(len(mesh.faces)) >= 60
