"""The shape of a part in the world, for drawing it and for pulling it."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.drags import Point, outward_drag
from ..core.geometry import transformed
from ..protocol.blobs import describe
from ..protocol.tasks import Geometry
from .geometry import Gathered, gather
from .parts import PartSettings


class Shape(NamedTuple):
    """World vertices (V, 3) float64 and triangles (F, 3) int32."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]


def part_shape(gathered: Gathered) -> Shape:
    """Return the moving triangles of a request."""
    return _joined(gathered, moving=True)


def body_shape(gathered: Gathered) -> Shape:
    """Return the triangles of a request that stay."""
    return _joined(gathered, moving=False)


def drag_along_normal(obj: bpy.types.Object, part: PartSettings) -> tuple[Point, Point]:
    """Return (start, end) of the drag that a part's surface suggests, world.

    Raises TugError `bad_input` as `gather` does.
    """
    gathered = gather(obj, part)
    shape = part_shape(gathered)
    return outward_drag(shape.vertices, shape.faces, body_shape(gathered).vertices)


def _joined(gathered: Gathered, moving: bool) -> Shape:
    arrays = {describe(array).digest: array for array in gathered.arrays}
    vertices, faces, offset = [np.zeros((0, 3))], [np.zeros((0, 3), np.int32)], 0
    for geometry in gathered.geometry:
        chosen = _chosen(geometry, arrays, moving)
        if len(chosen):
            used, compact = np.unique(chosen, return_inverse=True)
            points = arrays[geometry.vertices.digest][used].astype(np.float64)
            vertices.append(transformed(np.asarray(geometry.matrix), points))
            faces.append(compact.reshape(-1, 3).astype(np.int32) + offset)
            offset += len(used)
    return Shape(np.concatenate(vertices), np.concatenate(faces).astype(np.int32))


def _chosen(geometry: Geometry, arrays: dict[str, NDArray], moving: bool) -> NDArray:
    faces = arrays[geometry.faces.digest]
    if geometry.selection is None:
        return faces if (geometry.moving == "all") == moving else faces[:0]
    mask = np.zeros(len(faces), bool)
    mask[arrays[geometry.selection.digest]] = True
    return faces[mask == moving]
