"""Which faces of a mesh, and which objects, belong to a part."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from . import controls
from .parts import PartSettings, mesh_sources


def whole_objects(obj: bpy.types.Object, part: PartSettings) -> list[bpy.types.Object]:
    """Return the objects that a joint carries directly; empty when the part is within a mesh."""
    if part.source in mesh_sources:
        return []
    if part.source == "object":
        return [obj]
    record = controls.of(obj, part)
    loose = [child for child in obj.children if not child.tug.joints]
    return loose + (list(record.id_data.children) if record else [])


def with_children(objects: list[bpy.types.Object]) -> set[bpy.types.Object]:
    """Return the objects and everything parented to them, at any depth."""
    return {found for obj in objects for found in (obj, *obj.children_recursive)}


def marked_faces(obj: bpy.types.Object, mesh: bpy.types.Mesh, part: PartSettings) -> NDArray:
    """Return (polygons,) bool: which polygons of `mesh`, as `obj` has it, are the part's.

    All False where the mesh does not know the part's attribute, group or material.
    """
    read = {"faces": _by_attribute, "vertex_group": faces_of_group, "material": _by_material}
    return read[part.source](obj, mesh, part.source_name)


def require_marking(obj: bpy.types.Object, part: PartSettings) -> None:
    """Raise TugError when what marks the part has been deleted or renamed."""
    known = {
        "faces": obj.data.attributes.keys,
        "vertex_group": obj.vertex_groups.keys,
        "material": lambda: [slot.name for slot in obj.material_slots],
    }
    if part.source_name not in known[part.source]():
        kind = {"faces": "face attribute", "vertex_group": "vertex group", "material": "material"}
        raise failure(
            "bad_input",
            f"The {kind[part.source]} '{part.source_name}' that marks '{part.name}' is gone from "
            f"'{obj.name}'; mark the part again.",
        )


def _by_attribute(obj: bpy.types.Object, mesh: bpy.types.Mesh, name: str) -> NDArray:
    mask = np.zeros(len(mesh.polygons), bool)
    attribute = mesh.attributes.get(name)
    if attribute and attribute.domain == "FACE" and attribute.data_type == "BOOLEAN":
        attribute.data.foreach_get("value", mask)
    return mask


def _by_material(obj: bpy.types.Object, mesh: bpy.types.Mesh, name: str) -> NDArray:
    slots = [slot.name == name for slot in obj.material_slots]
    slots = np.array(slots or [m is not None and m.name == name for m in mesh.materials] or [False])
    index = np.zeros(len(mesh.polygons), np.int32)
    attribute = mesh.attributes.get("material_index")
    if attribute:
        attribute.data.foreach_get("value", index)
    return slots[np.minimum(index, len(slots) - 1)]


def faces_of_group(obj: bpy.types.Object, mesh: bpy.types.Mesh, name: str) -> NDArray:
    """Return (polygons,) bool: whose corners all have over half the weight of a vertex group."""
    group = obj.vertex_groups.get(name)
    if group is None:
        return np.zeros(len(mesh.polygons), bool)
    inside = np.fromiter((_weight(v, group.index) > 0.5 for v in mesh.vertices), bool)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_vert"].data.foreach_get("value", corners)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    return np.logical_and.reduceat(inside[corners], starts) if len(starts) else inside[:0]


def _weight(vertex: bpy.types.MeshVertex, group: int) -> float:
    return next((g.weight for g in vertex.groups if g.group == group), 0.0)
