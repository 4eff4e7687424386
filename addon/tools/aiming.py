"""The surface under the mouse: which polygon of which object is seen there."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import bpy
from bpy_extras import view3d_utils
from mathutils import Matrix, Vector

most_hidden = 256  # surfaces that are looked through, one behind another
step_past = 1e-5  # of the distance


class Aim(NamedTuple):
    """A point on a surface, world; `polygon` counts in the mesh that is seen (after modifiers).

    `matrix` is where that mesh is, which for an instance is not where `obj` is.
    """

    obj: bpy.types.Object
    polygon: int
    point: Vector
    normal: Vector
    matrix: Matrix
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
    depsgraph = context.evaluated_depsgraph_get()
    return cast(context, depsgraph, *ray(context, mouse), local_view(context))


def local_view(context: bpy.types.Context) -> bpy.types.SpaceView3D | None:
    """Return the viewport that is worked in if it shows some objects only."""
    space = context.space_data
    return space if space and space.type == "VIEW_3D" and space.local_view else None


def cast(
    context: bpy.types.Context,
    depsgraph: bpy.types.Depsgraph,
    origin: Vector,
    direction: Vector,
    local_view: bpy.types.SpaceView3D | None,
    ignored: Collection[str] = (),
) -> Aim | None:
    """Return the first surface on a world ray, of those that are in the local view if it is one.

    Objects whose names are `ignored` are looked through.
    """
    for _ in range(most_hidden):
        hit, point, normal, polygon, obj, matrix = context.scene.ray_cast(
            depsgraph, origin, direction
        )
        if not hit:
            return None
        is_instance = matrix != obj.evaluated_get(depsgraph).matrix_world
        shown = is_instance or not local_view or obj.original.local_view_get(local_view)
        if shown and obj.name not in ignored:
            return Aim(obj.original, polygon, point, normal, matrix, is_instance)
        origin = point + direction * step_past * max((point - origin).length, 1.0)
    return None


def at(obj: bpy.types.Object, point: Vector) -> Aim:
    """Return the place on an object's surface nearest to a world point. Raises TugError."""
    from ..protocol.errors import failure
    from ..scene.pulled import writable
    from ..scene.surfaces import nearest

    writable(obj)
    found = nearest([obj], tuple(point))
    if not found:
        raise failure("bad_input", f"'{obj.name}' has no visible faces; show it.")
    near = found[0]
    return Aim(obj, near.face, Vector(near.point), Vector(near.normal), obj.matrix_world)
