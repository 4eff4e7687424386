"""What is under the mouse, as a point on a surface in the world."""

from __future__ import annotations

from typing import NamedTuple

import bpy
from mathutils import Matrix, Vector

from . import aiming
from .viewport import Viewport

Point = tuple[float, float, float]


class Hit(NamedTuple):
    """An object and a point on its surface, in world space.

    `face` is the polygon of the evaluated mesh there, -1 of an instance; `marks` are the
    polygon's corners and the middles of its edges.
    """

    obj: bpy.types.Object
    point: Point
    normal: Point = (0.0, 0.0, 1.0)
    face: int = -1
    marks: tuple[Point, ...] = ()


def cast(context: bpy.types.Context, seen: Viewport, mouse: tuple[float, float]) -> Hit | None:
    """Return what is seen at a pixel of a viewport; None for the void."""
    depsgraph = context.evaluated_depsgraph_get()
    origin, direction = map(Vector, seen.ray(mouse))
    found = aiming.cast(context, depsgraph, origin, direction, aiming.local_view(context))
    if not found:
        return None
    owner = _owner(depsgraph, found) if found.is_instance else found.obj
    marks = _marks(found.obj.evaluated_get(depsgraph), found.matrix, found.polygon)
    face = found.polygon if owner == found.obj else -1
    return Hit(owner, tuple(found.point), tuple(found.normal), face, marks)


def _owner(depsgraph: bpy.types.Depsgraph, found: aiming.Aim) -> bpy.types.Object:
    """Return what an artist would select: of an instance, the object that brings it there."""
    import numpy as np

    for instance in depsgraph.object_instances:
        same = instance.is_instance and instance.object.original == found.obj
        if same and np.allclose(found.matrix, instance.matrix_world, atol=1e-5):
            return instance.parent.original
    return found.obj


def _marks(evaluated: bpy.types.Object, matrix: Matrix, face: int) -> tuple[Point, ...]:
    """Return the corners of a polygon and the middles of its edges, in the world."""
    mesh = evaluated.data
    if evaluated.type != "MESH" or not 0 <= face < len(mesh.polygons):
        return ()
    corners = [matrix @ mesh.vertices[i].co for i in mesh.polygons[face].vertices]
    middles = [(a + b) / 2.0 for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    return tuple(tuple(place) for place in (*corners, *middles))
