"""Blender meshes as arrays, read fast."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np

from ..core.geometry import Floats, Ints, triangulate


class Surface(NamedTuple):
    """`vertices` (V, 3) float32, `triangles` (T, 3) int32, `polygons` (T,) int32 they come from."""

    vertices: Floats
    triangles: Ints
    polygons: Ints


def read(mesh: bpy.types.Mesh) -> Surface:
    """Copy a mesh's geometry, in its own frame. The mesh must not be in edit mode.

    Going through the attributes, not `vertices` and `loops`, is 30 to 190 times faster.
    """
    vertices = np.empty((len(mesh.vertices), 3), np.float32)
    if not len(mesh.polygons):
        return Surface(vertices[:0], np.empty((0, 3), np.int32), np.empty(0, np.int32))
    mesh.attributes["position"].data.foreach_get("vector", vertices.reshape(-1))
    mesh.calc_loop_triangles()
    polygons = np.empty(len(mesh.loop_triangles), np.int32)
    mesh.loop_triangle_polygons.foreach_get("value", polygons)
    return Surface(vertices, _triangles(mesh, vertices, polygons), polygons)


def _triangles(mesh: bpy.types.Mesh, vertices: Floats, polygons: Ints) -> Ints:
    if np.bincount(polygons).max() > 2:
        triangles = np.empty((len(polygons), 3), np.int32)
        mesh.loop_triangles.foreach_get("vertices", triangles.reshape(-1))
        return triangles
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_vert"].data.foreach_get("value", corners)
    return triangulate(vertices, corners, polygons)
