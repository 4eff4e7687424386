"""Makes part of a mesh a rigid piece of its own."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.geometry import Ints, transformed
from .parenting import Transform, world
from .parts import PartSettings
from .selection import marked_faces


def own_mesh(obj: bpy.types.Object, notes: list[str]) -> None:
    """Give the object a mesh of its own where it shares one: it is about to be cut."""
    if obj.data.users - obj.data.use_fake_user > 1:
        obj.data = obj.data.copy()
        notes.append(f"'{obj.name}' shared its mesh with other objects and now has its own copy.")


def separate(obj: bpy.types.Object, part: PartSettings, notes: list[str]) -> Ints:
    """Cut the part's faces from the others; return its vertices, (N,) int32."""
    vertices, shared = _vertices(obj, part)
    if shared:
        _cut(obj.data, marked_faces(obj, obj.data, part))
        notes.append(f"'{obj.name}' was cut along the edge of '{part.name}'.")
        vertices, shared = _vertices(obj, part)
    return vertices


def move(mesh: bpy.types.Mesh, vertices: Ints, transform: Transform) -> None:
    """Move vertices, and their places in every shape key, by a (4, 4) in the mesh's frame."""
    _move(mesh.attributes["position"].data, "vector", vertices, transform)
    for block in mesh.shape_keys.key_blocks if mesh.shape_keys else ():
        _move(block.data, "co", vertices, transform)
    mesh.update()


def extent(obj: bpy.types.Object, vertices: Ints) -> float:
    """Return the diagonal of the vertices' box in world."""
    points = np.empty((len(obj.data.vertices), 3), np.float32)
    obj.data.attributes["position"].data.foreach_get("vector", points.reshape(-1))
    return float(np.linalg.norm(np.ptp(transformed(world(obj), points[vertices]), axis=0)))


def bind(obj: bpy.types.Object, vertices: Ints, bone: str, others: list[str]) -> None:
    """Weigh the vertices fully to `bone`, and to none of the `others`."""
    indices = vertices.tolist()
    obj.vertex_groups.new(name=bone).add(indices, 1.0, "REPLACE")
    for name in others:
        if name in obj.vertex_groups:
            obj.vertex_groups[name].remove(indices)


def _vertices(obj: bpy.types.Object, part: PartSettings) -> tuple[Ints, bool]:
    """Return the part's vertices and whether other faces use some of them too."""
    mesh = obj.data
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_vert"].data.foreach_get("value", corners)
    sizes = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    marked = np.repeat(marked_faces(obj, mesh, part), sizes)
    inside = _used(corners[marked], len(mesh.vertices))
    outside = _used(corners[~marked], len(mesh.vertices))
    return np.flatnonzero(inside).astype(np.int32), bool((inside & outside).any())


def _used(corners: Ints, count: int) -> NDArray[np.bool_]:
    used = np.zeros(count, bool)
    used[corners] = True
    return used


def _cut(mesh: bpy.types.Mesh, marked: NDArray[np.bool_]) -> None:
    work = bmesh.new()
    try:
        work.from_mesh(mesh)
        work.faces.ensure_lookup_table()
        faces = [work.faces[i] for i in np.flatnonzero(marked)]
        bmesh.ops.split(work, geom=faces, use_only_faces=True)
        work.to_mesh(mesh)
    finally:
        work.free()
    mesh.update()


def _move(data: bpy.types.bpy_prop_collection, name: str, vertices: Ints, by: Transform) -> None:
    points = np.empty((len(data), 3), np.float32)
    data.foreach_get(name, points.reshape(-1))
    points[vertices] = transformed(by, points[vertices])
    data.foreach_set(name, points.reshape(-1))
