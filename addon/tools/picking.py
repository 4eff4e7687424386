"""What is under the mouse, as a point on a surface in the world."""

from __future__ import annotations

from typing import NamedTuple

import bmesh
import bpy
from bpy_extras import view3d_utils
from mathutils import Vector

from ..protocol.errors import failure


class Hit(NamedTuple):
    """An object and a point on its surface, in world space."""

    obj: bpy.types.Object
    point: tuple[float, float, float]


def under_mouse(context: bpy.types.Context, coordinates: tuple[float, float]) -> Hit:
    """Return what is seen at region `coordinates` in pixels. Raises TugError for the void."""
    region, view = context.region, context.space_data.region_3d
    origin = view3d_utils.region_2d_to_origin_3d(region, view, coordinates)
    direction = view3d_utils.region_2d_to_vector_3d(region, view, coordinates)
    depsgraph = context.evaluated_depsgraph_get()
    hit, point, _, _, obj, _ = context.scene.ray_cast(depsgraph, origin, direction)
    if not hit:
        raise failure("bad_input", "There is nothing under the mouse; point at the part.")
    return Hit(obj.original, tuple(point))


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
