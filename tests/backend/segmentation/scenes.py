"""Meshes whose parts are known: furniture of boxes, and a block carved from one piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh
from tests.backend.conftest import box


def merged(*boxes: tuple[NDArray, NDArray]) -> Mesh:
    """The boxes as one mesh, 12 faces each in their order."""
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in boxes)])
    faces = [faces + start for (_, faces), start in zip(boxes, starts, strict=False)]
    vertices = np.concatenate([vertices for vertices, _ in boxes]).astype(np.float64)
    return Mesh(vertices, np.concatenate(faces).astype(np.int32))


def dresser() -> tuple[Mesh, dict[str, NDArray[np.int64]]]:
    """A carcass of boards with a door on its left and three drawers on its right.

    The front is -y, z is up. Returns the mesh and the faces of each part.
    """
    boards = [
        box((-0.6, 0.0, 0.0), (-0.58, 0.5, 1.0)),
        box((0.58, 0.0, 0.0), (0.6, 0.5, 1.0)),
        box((-0.59, 0.0, 0.0), (0.59, 0.5, 0.02)),
        box((-0.59, 0.0, 0.98), (0.59, 0.5, 1.0)),
        box((-0.59, 0.48, 0.01), (0.59, 0.5, 0.99)),
        box((-0.01, 0.0, 0.01), (0.01, 0.49, 0.99)),
    ]
    parts = {"door": [box((-0.59, -0.024, 0.01), (-0.012, -0.004, 0.99))]}
    parts["door"].append(box((-0.06, -0.05, 0.45), (-0.05, -0.022, 0.55)))
    for number, low in enumerate((0.01, 0.34, 0.67)):
        high = low + 0.31
        parts[f"drawer {number}"] = [
            box((0.012, -0.024, low), (0.59, -0.004, high)),
            box((0.02, -0.006, low + 0.02), (0.03, 0.45, high - 0.1)),
            box((0.56, -0.006, low + 0.02), (0.57, 0.45, high - 0.1)),
            box((0.025, -0.006, low + 0.02), (0.565, 0.45, low + 0.03)),
            box((0.2, -0.05, low + 0.15), (0.4, -0.022, low + 0.16)),
        ]
    faces, start = {}, 12 * len(boards)
    for name, pieces in parts.items():
        faces[name] = np.arange(start, start + 12 * len(pieces))
        start += 12 * len(pieces)
    return merged(*boards, *(piece for pieces in parts.values() for piece in pieces)), faces


def carved() -> tuple[Mesh, NDArray[np.int64]]:
    """A closed block in one piece with two fronts set off by grooves, a knob on each.

    Returns the mesh and the faces of the upper front with its knob.
    """
    solid = np.zeros((20, 14, 30), bool)
    solid[:, 2:, :] = True
    for low, high in ((2, 14), (15, 28)):
        frame = np.zeros_like(solid)
        frame[2:18, 2:4, low:high] = True
        frame[3:17, 2:4, low + 1 : high - 1] = False
        solid &= ~frame
        solid[9:11, 0:2, (low + high) // 2] = True
    mesh = surface(solid)
    middle = mesh.corners.mean(axis=1)
    own = (middle[:, 1] < 4.0) & (middle[:, 0] > 2.5) & (middle[:, 0] < 17.5)
    return mesh, np.flatnonzero(own & (middle[:, 2] > 15.5) & (middle[:, 2] < 27.5))


def surface(solid: NDArray[np.bool_]) -> Mesh:
    """The boundary of the cells (X, Y, Z) that are full, of unit size."""
    padded, quads = np.pad(solid, 1), []
    steps = np.eye(3, dtype=int)
    for axis in range(3):
        across, along = steps[(axis + 1) % 3], steps[(axis + 2) % 3]
        for side in (0, 1):
            bare = padded & ~np.roll(padded, 1 - 2 * side, axis)
            corner = np.argwhere(bare) - 1 + side * steps[axis]
            quad = np.stack([corner, corner + across, corner + across + along, corner + along], 1)
            quads.append(quad if side else quad[:, ::-1])
    points, index = np.unique(np.concatenate(quads).reshape(-1, 3), axis=0, return_inverse=True)
    corners = index.reshape(-1, 4)
    faces = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]]).astype(np.int32)
    return Mesh(points.astype(np.float64), faces)


def overlap(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Intersection over union of two sets of faces, by their number."""
    return len(np.intersect1d(a, b)) / len(np.union1d(a, b))
