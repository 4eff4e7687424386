"""Where a stroke on the screen lies in the world: on surfaces, on the ground, in the view plane."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import bpy
from mathutils import Vector

from . import aiming
from .viewport import Pixel, Viewport

if TYPE_CHECKING:
    from ..core.pulling import Floats, Ray

placements = (
    ("SURFACE", "Surface", "On what is under the mouse, except what will move"),
    ("GROUND", "Ground", "On the plane through the world's origin, level"),
    ("VIEW", "View", "In a plane that faces the viewer"),
)


class Place(NamedTuple):
    """A world point, and whether it is in the view plane because there was nothing else."""

    point: Floats
    beside: bool


class Placer:
    """Puts pixels of one viewport into the world.

    `depth` is a world point that the view plane goes through, such as the stroke's last one.
    """

    def __init__(
        self, viewport: Viewport, ignored: Collection[bpy.types.Object], depth: Floats
    ) -> None:
        self.viewport, self.depth = viewport, depth
        self._ignored = {obj.name for obj in ignored}

    def place(self, context: bpy.types.Context, mouse: Pixel, kind: str, offset: float) -> Place:
        """Return where a pixel lies; `offset` lifts it off the surface or the ground."""
        ray = self.viewport.ray(mouse)
        if kind == "VIEW":
            return Place(self._in_view(ray), False)
        find = self._on_surface if kind == "SURFACE" else self._on_ground
        point = find(context, ray, offset)
        return Place(self._in_view(ray), True) if point is None else Place(point, False)

    def _on_surface(self, context: bpy.types.Context, ray: Ray, offset: float) -> Floats | None:
        import numpy as np

        depsgraph = context.evaluated_depsgraph_get()
        origin, direction = Vector(ray.origin), Vector(ray.direction)
        shown = aiming.local_view(context)
        found = aiming.cast(context, depsgraph, origin, direction, shown, self._ignored)
        if not found:
            return None
        facing = -1.0 if found.normal.dot(direction) > 0.0 else 1.0
        return np.array(found.point + found.normal * (facing * offset))

    def _on_ground(self, context: bpy.types.Context, ray: Ray, offset: float) -> Floats | None:
        if abs(ray.direction[2]) < 1e-6:
            return None
        way = (offset - ray.origin[2]) / ray.direction[2]
        perspective = self.viewport.view.is_perspective
        clip = context.space_data.clip_end if context.space_data else 1000.0
        seen = 0.0 < way < clip if perspective else abs(way) < 1e3 * clip  # beyond: the horizon
        return ray.origin + ray.direction * way if seen else None

    def _in_view(self, ray: Ray) -> Floats:
        """Return the point on the plane that faces the viewer; before the viewer in any case."""
        facing = self.viewport.forward
        way = float((self.depth - ray.origin) @ facing) / float(ray.direction @ facing)
        if way <= 0.0 and self.viewport.view.is_perspective:
            way = self.viewport.view.view_distance
        return ray.origin + ray.direction * way


def depth_of(context: bpy.types.Context, target: bpy.types.Object | None) -> Floats:
    """Return the point whose depth a stroke has that hits nothing."""
    import numpy as np

    return np.array(target.matrix_world.translation if target else context.scene.cursor.location)
