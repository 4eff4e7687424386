"""The surface nearest to a point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import bpy
from mathutils import Vector

from .parts import PartSettings, mesh_sources
from .pulled import holds
from .selection import whole_objects, with_children

Point = tuple[float, float, float]


class Near(NamedTuple):
    """A point on the surface of `obj`, in the world, and the polygon of the evaluated mesh."""

    distance: float
    obj: bpy.types.Object
    point: Point
    normal: Point
    face: int


def nearest(objects: Iterable[bpy.types.Object], point: Point) -> list[Near]:
    """Return the point of each object's visible surface nearest to `point`, the nearest first."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found = [near for obj in objects if (near := _on(obj, depsgraph, Vector(point)))]
    return sorted(found, key=lambda near: near.distance)


def on_part(obj: bpy.types.Object, part: PartSettings, point: Point) -> Near | None:
    """Return where the surface nearest to `point` is, if the part's objects are the part there."""
    movers = [obj] if part.source in mesh_sources else with_children(whole_objects(obj, part))
    found = nearest(movers, point)
    held = (near for near in found if holds(obj, part, near.obj, near.face))
    return next(held, None)


def _on(obj: bpy.types.Object, depsgraph: bpy.types.Depsgraph, point: Vector) -> Near | None:
    if obj.type != "MESH" or not obj.visible_get() or abs(obj.matrix_world.determinant()) < 1e-30:
        return None
    evaluated = obj.evaluated_get(depsgraph)
    if not len(evaluated.data.polygons):
        return None
    inverse = obj.matrix_world.inverted()
    hit, place, normal, face = evaluated.closest_point_on_mesh(inverse @ point)
    if not hit:
        return None
    world = obj.matrix_world @ place
    turned = (inverse.to_3x3().transposed() @ normal).normalized()
    return Near((world - point).length, obj, tuple(world), tuple(turned), face)
