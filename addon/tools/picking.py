"""What is under the mouse, as a point on a surface in the world."""

from __future__ import annotations

from typing import NamedTuple

import bmesh
import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..protocol.errors import failure
from . import viewport
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


def under_mouse(context: bpy.types.Context, coordinates: tuple[float, float]) -> Hit:
    """Return what is seen at region `coordinates` in pixels. Raises TugError for the void."""
    seen = viewport.of_context(context)
    hit = seen and cast(context, seen, coordinates)
    if not hit:
        raise failure("bad_input", "There is nothing under the mouse; point at the part.")
    return hit


def cast(context: bpy.types.Context, seen: Viewport, mouse: tuple[float, float]) -> Hit | None:
    """Return what is seen at a pixel of a viewport; None for the void."""
    depsgraph = context.evaluated_depsgraph_get()
    origin, direction = map(Vector, seen.ray(mouse))
    hit, point, normal, face, obj, matrix = context.scene.ray_cast(depsgraph, origin, direction)
    if not hit:
        return None
    owner = _owner(depsgraph, obj, matrix)
    marks = _marks(obj.evaluated_get(depsgraph), matrix, face)
    known = owner == obj.original
    return Hit(owner, tuple(point), tuple(normal), face if known else -1, marks)


def selected_face(obj: bpy.types.Object) -> Hit | None:
    """Return the middle of the active, else of any selected face in edit mode; None without."""
    if obj.mode != "EDIT" or obj.type != "MESH":
        return None
    mesh = bmesh.from_edit_mesh(obj.data)
    chosen = [face for face in (mesh.faces.active, *mesh.faces) if face and face.select]
    if not chosen:
        return None
    middle: Vector = obj.matrix_world @ chosen[0].calc_center_median()
    return Hit(obj, tuple(middle))


def _owner(
    depsgraph: bpy.types.Depsgraph, obj: bpy.types.Object, matrix: Matrix
) -> bpy.types.Object:
    """Return what an artist would select: of an instance, the object that brings it there."""
    if np.allclose(matrix, obj.matrix_world, atol=1e-5):
        return obj.original
    for instance in depsgraph.object_instances:
        same = instance.is_instance and instance.object.original == obj.original
        if same and np.allclose(matrix, instance.matrix_world, atol=1e-5):
            return instance.parent.original
    return obj.original


def _marks(evaluated: bpy.types.Object, matrix: Matrix, face: int) -> tuple[Point, ...]:
    """Return the corners of a polygon and the middles of its edges, in the world."""
    mesh = evaluated.data
    if evaluated.type != "MESH" or not 0 <= face < len(mesh.polygons):
        return ()
    corners = [matrix @ mesh.vertices[i].co for i in mesh.polygons[face].vertices]
    middles = [(a + b) / 2.0 for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    return tuple(tuple(place) for place in (*corners, *middles))
