"""Builds the objects and joints of a model that comes from another program."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.geometry import Ints
from ..protocol.blobs import Blob
from ..protocol.errors import TugError
from ..protocol.meshes import Geometry, ModelLink
from ..protocol.tasks import ImportModelResult
from . import joints
from .parenting import below, inverted, put_back, world
from .parts import add_part
from .shapes import Read


def build(model: ImportModelResult, read: Read) -> tuple[list[bpy.types.Object], list[str]]:
    """Build all links, hung on each other by joints; return the topmost objects, and remarks.

    `read` gives the array of a blob. The new objects are selected. A joint that cannot move is
    left out, and its part hangs plainly on its parent.
    """
    made = [_link(link, model, read) for link in model.links]
    notes: list[str] = []
    bpy.context.view_layer.update()
    base = None
    for link, obj in zip(model.links, made, strict=True):
        parent = made[link.parent] if link.parent >= 0 else None
        if link.joint and parent is None:
            parent = base = base or _empty(model.name)
        if parent:
            notes += _hang(link, obj, parent)
    roots = [obj for link, obj in zip(model.links, made, strict=True) if obj.parent is None]
    roots += [base] if base else []
    _select(roots)
    return roots, notes


def _link(link: ModelLink, model: ImportModelResult, read: Read) -> bpy.types.Object:
    """Return a link's object: its mesh, with further ones as children; an empty without any."""
    meshes = [
        _mesh_object(link.name, model.geometry[p.geometry], p.selection, read) for p in link.pieces
    ]
    if not meshes:
        return _empty(link.name)
    bpy.context.view_layer.update()
    for other in meshes[1:]:
        put_back(other, below(meshes[0]), inverted(world(meshes[0]), meshes[0]))
    return meshes[0]


def _mesh_object(
    name: str, geometry: Geometry, selection: Blob | None, read: Read
) -> bpy.types.Object:
    faces = read(geometry.faces)
    vertices = read(geometry.vertices)
    if selection is not None:
        used, compact = np.unique(faces[read(selection)], return_inverse=True)
        vertices, faces = vertices[used], compact.reshape(-1, 3).astype(np.int32)
    obj = bpy.data.objects.new(name, _mesh(geometry.name or name, vertices, faces))
    obj.matrix_world = Matrix(geometry.matrix)
    bpy.context.collection.objects.link(obj)
    return obj


def _mesh(name: str, vertices: NDArray, faces: Ints) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.attributes["position"].data.foreach_set("vector", np.asarray(vertices, np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", np.asarray(faces, np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.validate()
    return mesh


def _empty(name: str) -> bpy.types.Object:
    obj = bpy.data.objects.new(name, None)
    bpy.context.collection.objects.link(obj)
    bpy.context.view_layer.update()
    return obj


def _hang(link: ModelLink, obj: bpy.types.Object, parent: bpy.types.Object) -> list[str]:
    """Hang a link on its parent, by its joint if that can move; return remarks."""
    notes = []
    if link.joint:
        try:
            joints.apply(obj, add_part(obj, "object", link.name), link.joint, body=[parent])
            return []
        except TugError as problem:
            obj.tug.parts.clear()
            notes = [f"'{link.name}' hangs plainly on '{parent.name}': {problem.error.message}"]
    put_back(obj, below(parent), inverted(world(parent), parent))
    bpy.context.view_layer.update()
    return notes


def _select(roots: list[bpy.types.Object]) -> None:
    for other in bpy.context.selected_objects:
        other.select_set(False)
    for obj in roots:
        for member in (obj, *obj.children_recursive):
            member.select_set(True)
    bpy.context.view_layer.objects.active = roots[0]
