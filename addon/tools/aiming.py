"""The surface under the mouse: which polygon of which object is seen there."""

from __future__ import annotations

from typing import NamedTuple

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector

from ..protocol.errors import failure

most_hidden = 64  # surfaces that this viewport does not show, one behind another
step_past = 1e-5  # of the distance


class Aim(NamedTuple):
    """A point on a surface, world; `polygon` counts in the mesh that is seen (after modifiers)."""

    obj: bpy.types.Object
    polygon: int
    point: Vector
    is_instance: bool = False


def ray(context: bpy.types.Context, mouse: tuple[float, float]) -> tuple[Vector, Vector]:
    """Return origin and direction of what is seen at region pixels `mouse`, in any view."""
    region, view = context.region, context.region_data
    return (
        view3d_utils.region_2d_to_origin_3d(region, view, mouse),
        view3d_utils.region_2d_to_vector_3d(region, view, mouse),
    )


def aim(context: bpy.types.Context, mouse: tuple[float, float]) -> Aim | None:
    """Return what is seen at region pixels `mouse`; None for the void."""
    depsgraph, space = context.evaluated_depsgraph_get(), context.space_data
    return cast(context, depsgraph, *ray(context, mouse), space if space.local_view else None)


def cast(
    context: bpy.types.Context,
    depsgraph: bpy.types.Depsgraph,
    origin: Vector,
    direction: Vector,
    local_view: bpy.types.SpaceView3D | None,
) -> Aim | None:
    """Return the first surface on a world ray, of those that are in the local view if it is one."""
    for _ in range(most_hidden):
        hit, point, _, polygon, obj, matrix = context.scene.ray_cast(depsgraph, origin, direction)
        if not hit:
            return None
        is_instance = matrix != obj.evaluated_get(depsgraph).matrix_world
        if is_instance or not local_view or obj.original.local_view_get(local_view):
            return Aim(obj.original, polygon, point, is_instance)
        origin = point + direction * step_past * max((point - origin).length, 1.0)
    return None


def nearest(obj: bpy.types.Object, point: Vector) -> Aim:
    """Return the place on an object's surface nearest to a world point. Raises TugError."""
    matrix = obj.matrix_world
    if abs(matrix.determinant()) < 1e-30:
        raise failure("bad_input", f"'{obj.name}' has a scale of zero; give it a size first.")
    depsgraph = bpy.context.evaluated_depsgraph_get()
    there, found, polygon = False, Vector(), -1
    if obj.type == "MESH" and len(obj.evaluated_get(depsgraph).data.polygons):
        local = matrix.inverted() @ point
        there, found, _, polygon = obj.closest_point_on_mesh(local, depsgraph=depsgraph)
    if not there:
        raise failure("bad_input", f"'{obj.name}' has no visible faces; show it.")
    return Aim(obj, polygon, matrix @ found)
