"""The polygons of an object as it is seen, for snapping to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Matrix

from ..core.snapping import Facets


def read(obj: bpy.types.Object, matrix: Matrix) -> Facets | None:
    """Return the polygons of an evaluated object placed in the world; None without any."""
    with _mesh_of(obj) as mesh:
        if not len(mesh.polygons):
            return None
        positions = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.attributes["position"].data.foreach_get("vector", positions.reshape(-1))
        starts = np.empty(len(mesh.polygons) + 1, np.int32)
        mesh.polygons.foreach_get("loop_start", starts[:-1])
        starts[-1] = len(mesh.loops)
        vertices, edges = (np.empty(len(mesh.loops), np.int32) for _ in range(2))
        mesh.attributes[".corner_vert"].data.foreach_get("value", vertices)
        mesh.attributes[".corner_edge"].data.foreach_get("value", edges)
    return Facets(positions, np.array(matrix, np.float64), starts, vertices, edges)


@contextmanager
def _mesh_of(obj: bpy.types.Object) -> Iterator[bpy.types.Mesh]:
    if obj.type == "MESH" and not obj.data.is_editmode:
        yield obj.data
        return
    yield obj.to_mesh()
    obj.to_mesh_clear()
