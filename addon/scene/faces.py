"""A mesh's faces as arrays to find and draw parts in, and where modifiers took them from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.geometry import Ints
from ..core.regions import Faces, by_value
from .meshes import read
from .watching import unheard

origin_name = ".tug_origin"


class Shown(NamedTuple):
    """A mesh as it is seen: its faces, and their (T, 3) triangles with the polygon of each."""

    faces: Faces
    triangles: Ints
    polygons: Ints


class Marks(NamedTuple):
    """What a mesh says of its own faces; empty arrays for what it does not say."""

    sharp: NDArray[np.bool_]  # (edges,)
    sets: Ints  # (polygons,) the face set of each
    slots: Ints  # (polygons,) the material slot of each


def read_shown(mesh: bpy.types.Mesh) -> Shown:
    """Copy the faces of a mesh that is not in edit mode, in its own frame."""
    surface = read(mesh)
    counts = np.bincount(surface.polygons, minlength=len(mesh.polygons)) + 2
    starts = np.zeros(len(mesh.polygons) + 1, np.int32)
    np.cumsum(counts[: len(mesh.polygons)], out=starts[1:])
    normals = np.empty((len(mesh.polygons), 3), np.float32)
    mesh.polygon_normals.foreach_get("vector", normals.reshape(-1))
    corners = _values(mesh, ".corner_vert", len(mesh.loops))
    edges = _values(mesh, ".corner_edge", len(mesh.loops))
    faces = Faces(surface.vertices, corners, edges, starts, normals)
    return Shown(faces, surface.triangles, surface.polygons)


def read_marks(mesh: bpy.types.Mesh) -> Marks:
    """Copy sharp edges, face sets and material slots."""
    sharp = np.zeros(0, bool)
    if "sharp_edge" in mesh.attributes:
        sharp = np.zeros(len(mesh.edges), bool)
        mesh.attributes["sharp_edge"].data.foreach_get("value", sharp)
    empty = np.zeros(0, np.int32)
    return Marks(
        sharp,
        _values(mesh, ".sculpt_face_set", len(mesh.polygons), empty),
        _values(mesh, "material_index", len(mesh.polygons), empty),
    )


def material_names(obj: bpy.types.Object, slots: Ints) -> tuple[Ints, list[str]]:
    """Return a label for each polygon, and the material's name for each label ("" without)."""
    names = [slot.name for slot in obj.material_slots] or [""]
    known = sorted(set(names))
    of_slot = np.array([known.index(name) for name in names], np.int32)
    used = of_slot[np.clip(slots, 0, len(names) - 1)]
    return by_value(used), [known[i] for i in np.unique(used)]


@contextmanager
def shown_mesh(obj: bpy.types.Object) -> Iterator[bpy.types.Mesh | None]:
    """Lend the mesh that is seen of an object of any type, modifiers applied; None without."""
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    if evaluated.type == "MESH" and not evaluated.data.is_editmode:
        yield evaluated.data
        return
    if evaluated.type not in ("MESH", "CURVE", "SURFACE", "FONT", "META"):
        yield None
        return
    try:
        yield evaluated.to_mesh()
    finally:
        evaluated.to_mesh_clear()


def origins(obj: bpy.types.Object, count: int) -> Ints | None:
    """Return for each of the `count` polygons that are seen which own one it comes from.

    None where they are the same ones; -1 for polygons that a modifier made from nothing.
    """
    if count == len(obj.data.polygons):
        return None
    with _numbered_copy(obj) as copy, shown_mesh(copy) as mesh:
        if mesh is None or len(mesh.polygons) != count:
            return np.full(count, -1, np.int32)
        return _values(mesh, origin_name, count, np.zeros(count, np.int32)) - 1


@contextmanager
def _numbered_copy(obj: bpy.types.Object) -> Iterator[bpy.types.Object]:
    """Lend a copy whose polygons carry their number, from 1: others get 0 from modifiers."""
    copy = obj.copy()
    copy.data = mesh = obj.data.copy()
    number = mesh.attributes.new(origin_name, "INT", "FACE")
    number.data.foreach_set("value", np.arange(1, len(mesh.polygons) + 1, dtype=np.int32))
    with unheard():
        try:
            bpy.context.scene.collection.objects.link(copy)
            bpy.context.view_layer.update()
            yield copy
        finally:
            bpy.data.objects.remove(copy)
            bpy.data.meshes.remove(mesh)
            bpy.context.view_layer.update()


def _values(mesh: bpy.types.Mesh, name: str, count: int, default: Ints | None = None) -> Ints:
    """Return an integer attribute; `default` where the mesh has none of that length."""
    attribute = mesh.attributes.get(name)
    if default is not None and (
        attribute is None or attribute.data_type != "INT" or len(attribute.data) != count
    ):
        return default
    values = np.empty(count, np.int32)
    mesh.attributes[name].data.foreach_get("value", values)
    return values
