"""A 3D viewport under the mouse: from pixels to the world and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector

if TYPE_CHECKING:
    from ..core.pulling import Floats, Ray

Pixel = tuple[float, float]
drag_tool, pick_tool, place_tool = "tug.drag", "tug.pick", "tug.place"
behind = (float("nan"), float("nan"))


class Viewport(NamedTuple):
    """One region of a 3D viewport (a quad view has four) and how it is looked through."""

    region: bpy.types.Region
    view: bpy.types.RegionView3D

    def mouse(self, event: bpy.types.Event) -> Pixel:
        """Return where the mouse is in the region, whichever region the event came from."""
        return event.mouse_x - self.region.x, event.mouse_y - self.region.y

    def ray(self, mouse: Pixel) -> Ray:
        """Return what the mouse points along."""
        import numpy as np

        from ..core.pulling import Ray

        origin = view3d_utils.region_2d_to_origin_3d(self.region, self.view, mouse)
        direction = view3d_utils.region_2d_to_vector_3d(self.region, self.view, mouse)
        return Ray(np.array(origin), np.array(direction.normalized()))

    @property
    def forward(self) -> Floats:
        """Where the view looks."""
        import numpy as np

        return -np.array(self.view.view_matrix[2][:3])

    def pixel(self, point: Sequence[float] | Floats) -> Pixel:
        """Return where a world point is seen in the region; NaN behind the viewer."""
        seen = view3d_utils.location_3d_to_region_2d(self.region, self.view, Vector(point))
        return behind if seen is None else (seen.x, seen.y)

    def pixel_size(self, point: Sequence[float] | Floats) -> float:
        """Return how much of the world, in Blender units, one pixel shows at a point."""
        depth = abs((self.view.perspective_matrix @ Vector((*point, 1.0))).w)
        return 2.0 * depth / (abs(self.view.window_matrix[0][0]) * self.region.width)


def of_context(context: bpy.types.Context) -> Viewport | None:
    """Return the viewport that is being drawn or worked in."""
    region, view = context.region, context.region_data
    if region is None or not isinstance(view, bpy.types.RegionView3D):
        return None
    return Viewport(region, view)


def under(context: bpy.types.Context, event: bpy.types.Event) -> Viewport | None:
    """Return the viewport under the mouse; of a sidebar's button, the one that it belongs to."""
    area = context.area
    if area is None or area.type != "VIEW_3D":
        return None
    found = [Viewport(r, r.data) for r in area.regions if r.type == "WINDOW" and r.data]
    inside = (v for v in found if _holds(v.region, event.mouse_x, event.mouse_y))
    return next(inside, found[-1] if found else None)


def icon(tool: str) -> str:
    """Return what `bl_icon` is to be; building/icons.py draws it."""
    return str(Path(__file__).with_name("icons") / tool)


def in_use(context: bpy.types.Context, tool: str) -> bool:
    """Return whether a tool is the active one in this mode's viewports."""
    if context.workspace is None:
        return False
    active = context.workspace.tools.from_space_view3d_mode(context.mode, create=False)
    return active is not None and active.idname == tool


def is_ours_in_use(context: bpy.types.Context) -> bool:
    """Return whether any tool of this add-on is the active one in this mode's viewports."""
    active = context.workspace.tools.from_space_view3d_mode(context.mode, create=False)
    return active is not None and active.idname.startswith("tug.")


def _holds(region: bpy.types.Region, x: int, y: int) -> bool:
    return 0 <= x - region.x < region.width and 0 <= y - region.y < region.height
