"""The shape of a part in the world, for drawing it and for pulling it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.drags import Point, outward_drag
from ..core.geometry import transformed
from ..protocol.blobs import Blob, describe
from ..protocol.meshes import Geometry, Piece
from .geometry import Gathered, gather, gather_sorted
from .parts import PartSettings
from .selection import with_children

Read = Callable[[Blob], NDArray]


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


def shape_of(geometry: Sequence[Geometry], pieces: Sequence[Piece], read: Read) -> Shape:
    """Return the triangles of some pieces; `read` gives the array of a blob."""
    chosen = []
    for piece in pieces:
        source = geometry[piece.geometry]
        faces = read(source.faces)
        if piece.selection is not None:
            faces = faces[read(piece.selection)]
        chosen.append((read(source.vertices), np.asarray(source.matrix), faces))
    return _merged(chosen)


def object_shape(obj: bpy.types.Object) -> Shape:
    """Return the triangles of an object and all that is parented to it; none without faces.

    Raises TugError `bad_input` where they are not finite.
    """
    found = gather_sorted(with_children([obj]), lambda _item, _mesh: ())
    arrays = {describe(array).digest: array for array in found.arrays}
    everything = [Piece(geometry=index) for index in range(len(found.geometry))]
    return shape_of(found.geometry, everything, lambda blob: arrays[blob.digest])


def drag_along_normal(obj: bpy.types.Object, part: PartSettings) -> tuple[Point, Point]:
    """Return (start, end) of the drag that a part's surface suggests, world.

    Raises TugError `bad_input` as `gather` does.
    """
    gathered = gather(obj, part)
    shape = part_shape(gathered)
    return outward_drag(shape.vertices, shape.faces, body_shape(gathered).vertices)


def _joined(gathered: Gathered, moving: bool) -> Shape:
    arrays = {describe(array).digest: array for array in gathered.arrays}
    chosen = (
        (arrays[g.vertices.digest], np.asarray(g.matrix), _chosen(g, arrays, moving))
        for g in gathered.geometry
    )
    return _merged(chosen)


def _merged(chosen: Iterable[tuple[NDArray, NDArray, NDArray]]) -> Shape:
    """Return one shape of several (local vertices, matrix to world, triangles)."""
    vertices, faces, offset = [np.zeros((0, 3))], [np.zeros((0, 3), np.int32)], 0
    for local, matrix, triangles in chosen:
        if len(triangles):
            used, compact = np.unique(triangles, return_inverse=True)
            vertices.append(transformed(matrix, local[used].astype(np.float64)))
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
