"""Where a stroke on the screen lies in the world: on surfaces, on the ground, in the view plane."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector
from mathutils.geometry import intersect_line_plane

Pixel = tuple[float, float]
most_skipped = 256  # layers of what is to be seen through
placements = (
    ("SURFACE", "Surface", "On what is under the mouse, except what will move"),
    ("GROUND", "Ground", "On the plane through the world's origin, level"),
    ("VIEW", "View", "In a plane that faces the viewer"),
)


class Place(NamedTuple):
    """A world point, and whether it is in the view plane because there was nothing else."""

    point: Vector
    beside: bool


class Ray(NamedTuple):
    """From the viewer through a pixel."""

    origin: Vector
    direction: Vector


class Placer:
    """Puts pixels of one region into the world; remembers how deep the last one was."""

    def __init__(
        self,
        region: bpy.types.Region,
        view: bpy.types.RegionView3D,
        ignored: Collection[bpy.types.Object],
        depth: Vector,
    ) -> None:
        self.region, self.view = region, view
        self._ignored = {obj.name for obj in ignored}
        self.depth = depth  # a world point that the view plane goes through
        self.placement = "SURFACE"
        self.offset = 0.0

    def place(self, context: bpy.types.Context, mouse: Pixel) -> Place:
        """Return where a pixel lies."""
        ray = self._ray(mouse)
        found = {"SURFACE": self._on_surface, "GROUND": self._on_ground}.get(self.placement)
        point = found(context, ray) if found else None
        return Place(point or self._in_view(ray), found is not None and point is None)

    def pixel(self, point: Vector) -> Pixel | None:
        """Return where a world point is seen; None behind the viewer."""
        seen = view3d_utils.location_3d_to_region_2d(self.region, self.view, point)
        return None if seen is None else (seen.x, seen.y)

    def holds(self, mouse: Pixel) -> bool:
        """Return whether a pixel is within the region."""
        return 0 <= mouse[0] < self.region.width and 0 <= mouse[1] < self.region.height

    def _ray(self, mouse: Pixel) -> Ray:
        origin = view3d_utils.region_2d_to_origin_3d(self.region, self.view, mouse)
        direction = view3d_utils.region_2d_to_vector_3d(self.region, self.view, mouse)
        return Ray(origin, direction.normalized())

    def _on_surface(self, context: bpy.types.Context, ray: Ray) -> Vector | None:
        depsgraph, origin = context.evaluated_depsgraph_get(), ray.origin
        for _ in range(most_skipped):
            hit, point, normal, _, obj, _ = context.scene.ray_cast(depsgraph, origin, ray.direction)
            if not hit:
                return None
            if obj.name not in self._ignored:
                facing = -1.0 if normal.dot(ray.direction) > 0.0 else 1.0
                return point + normal * (facing * self.offset)
            step = 1e-5 * max(1.0, (point - ray.origin).length)
            origin = point + ray.direction * step
        return None

    def _on_ground(self, context: bpy.types.Context, ray: Ray) -> Vector | None:
        if abs(ray.direction.z) < 1e-6:
            return None
        way = (self.offset - ray.origin.z) / ray.direction.z
        seen = way > 0.0 or not self.view.is_perspective
        near = abs(way) < _farthest(context, self.view)
        return ray.origin + ray.direction * way if seen and near else None

    def _in_view(self, ray: Ray) -> Vector:
        facing = self.view.view_rotation @ Vector((0.0, 0.0, -1.0))
        point = intersect_line_plane(ray.origin, ray.origin + ray.direction, self.depth, facing)
        if point is None or (point - ray.origin).dot(ray.direction) <= 0.0:
            return ray.origin + ray.direction * self.view.view_distance
        return point


def _farthest(context: bpy.types.Context, view: bpy.types.RegionView3D) -> float:
    """Return how far the ground is taken for where the mouse is; beyond is the horizon."""
    clip = context.space_data.clip_end if context.space_data else 1000.0
    return clip if view.is_perspective else 1e3 * clip


def depth_of(context: bpy.types.Context, target: bpy.types.Object | None) -> Vector:
    """Return the point whose depth a stroke has that hits nothing."""
    return (target.matrix_world.translation if target else context.scene.cursor.location).copy()
