"""What meshes say of the corners of their triangles: texture coordinates and materials."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.geometry import Floats, Ints
from .meshes import Surface


def shown_layer(mesh: bpy.types.Mesh) -> bpy.types.MeshUVLoopLayer | None:
    """Return the UV map that textures are shown by, if there is one."""
    return next((layer for layer in mesh.uv_layers if layer.active_render), None)


def layer_values(layer: bpy.types.MeshUVLoopLayer) -> Floats:
    """Return (corners, 2) float32 of a UV map."""
    found = np.empty((len(layer.uv), 2), np.float32)
    layer.uv.foreach_get("vector", found.reshape(-1))
    return found


def triangle_corners(mesh: bpy.types.Mesh, surface: Surface) -> Ints:
    """Return (T, 3): which corner of the mesh each triangle's corner is."""
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_vert"].data.foreach_get("value", corners)
    sizes = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    owners = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    keys = owners * len(mesh.vertices) + corners  # no polygon has a vertex twice
    order = np.argsort(keys)
    wanted = surface.polygons[:, None].astype(np.int64) * len(mesh.vertices) + surface.triangles
    return order[np.searchsorted(keys[order], wanted)].astype(np.int32)


def triangle_uvs(mesh: bpy.types.Mesh, surface: Surface) -> Floats | None:
    """Return (T, 3, 2) float32 texture coordinates; None without a UV map, or a finite one."""
    layer = shown_layer(mesh)
    if layer is None:
        return None
    found = layer_values(layer)[triangle_corners(mesh, surface)]
    return found if np.isfinite(found).all() else None


def triangle_slots(mesh: bpy.types.Mesh, surface: Surface) -> Ints:
    """Return (T,) the material slot of each triangle."""
    return _of_polygons(mesh, "material_index", np.int32)[surface.polygons]


def triangle_smooth(mesh: bpy.types.Mesh, surface: Surface) -> NDArray[np.bool_]:
    """Return (T,) whether each triangle is shaded smooth."""
    return ~_of_polygons(mesh, "sharp_face", np.bool_)[surface.polygons]


def _of_polygons(mesh: bpy.types.Mesh, name: str, dtype: type) -> NDArray:
    found = np.zeros(len(mesh.polygons), dtype)
    attribute = mesh.attributes.get(name)
    if attribute and attribute.domain == "FACE":
        attribute.data.foreach_get("value", found)
    return found
