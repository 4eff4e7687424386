"""Finds and draws the place under the mouse that an origin would snap to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy
import gpu
from mathutils import Vector

from . import aiming, drawing
from .deciding import pixels
from .viewport import Pixel, Viewport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.snapping import Facets, Kind, Neighbours, Snap

reach = 14.0  # units of the interface from the mouse
color = (1.0, 0.92, 0.25, 1.0)
names: dict[Kind, str] = {
    "vertex": "Corner",
    "edge": "Edge",
    "cylinder": "Centre of what is round",
    "face": "Middle of the face",
}
every: tuple[Kind, ...] = ("vertex", "edge", "cylinder", "face")
ring = [(math.cos(a * math.pi / 4.0), math.sin(a * math.pi / 4.0)) for a in range(8)]


class OriginPicker:
    """What is under the mouse in one viewport. `kinds` are looked for, `aligns` draws the axis."""

    def __init__(self, seen: Viewport) -> None:
        self.kinds: tuple[Kind, ...] = every
        self.aligns = False
        self.found: Snap | None = None
        self._seen = seen
        self._meshes: dict[object, tuple[Facets, Neighbours] | None] = {}
        self._layers = (
            drawing.Layer(self._draw_lines),
            drawing.Layer(self._draw_words, "POST_PIXEL"),
        )

    @property
    def is_lost(self) -> bool:
        """Whether the viewport is gone, by a click on its corner or a quad view."""
        windows = bpy.context.window_manager.windows
        regions = (r for w in windows for area in w.screen.areas for r in area.regions)
        return self._seen.region not in regions

    def show(self) -> None:
        """Draw what is found from now on."""
        for layer in self._layers:
            layer.show()

    def hide(self) -> None:
        """Draw it no more, and let go of the meshes."""
        for layer in self._layers:
            layer.hide()
        self._meshes.clear()

    def look(self, context: bpy.types.Context, mouse: Pixel) -> None:
        """Find what is at a pixel of the region; close beside a surface counts as on it."""
        from ..core.snapping import choose

        near = 0.6 * reach * drawing.ui_scale()
        spots = [mouse, *((mouse[0] + near * x, mouse[1] + near * y) for x, y in ring)]
        self.found = None
        for spot in spots:
            found = self._at(context, spot)
            if found:
                self.found = choose(
                    found, self._pixels, mouse, reach * drawing.ui_scale(), self.kinds
                )
                return

    def _at(self, context: bpy.types.Context, spot: Pixel) -> list[Snap]:
        from ..core.snapping import Neighbours, places
        from ..scene import facets

        origin, way = map(Vector, self._seen.ray(spot))
        depsgraph = context.evaluated_depsgraph_get()
        aim = aiming.cast(context, depsgraph, origin, way, aiming.local_view(context))
        if aim is None or aim.polygon < 0:
            return []
        key = aim.obj.name_full, tuple(map(tuple, aim.matrix))
        if key not in self._meshes:
            read = facets.read(aim.obj.evaluated_get(depsgraph), aim.matrix)
            self._meshes[key] = (read, Neighbours(read)) if read else None
        known = self._meshes[key]
        if known is None or aim.polygon >= len(known[0].starts) - 1:
            return []
        return places(*known, aim.polygon)

    def _pixels(self, points: NDArray) -> NDArray:
        return pixels(self._seen, points)

    def _draw_lines(self) -> None:
        import numpy as np

        found = self.found
        if found is None or bpy.context.region != self._seen.region:
            return
        gpu.state.blend_set("ALPHA")
        drawing.lines(found.lines, color, 2.5, halo=True)
        if self.aligns and found.axis is not None:
            long = 0.5 * self._seen.view.view_distance * found.axis
            ends = np.array([[found.point - long, found.point + long]], np.float32)
            drawing.lines(ends, color, 1.5, halo=True)
        gpu.state.blend_set("NONE")

    def _draw_words(self) -> None:
        import numpy as np

        found = self.found
        if found is None or bpy.context.region != self._seen.region:
            return
        (place,) = self._pixels(found.point[None])
        if not np.isfinite(place).all():
            return
        gpu.state.blend_set("ALPHA")
        drawing.ring(place, 6.0, color)
        scale = drawing.ui_scale()
        beside = place[0] + 12.0 * scale, place[1] + 8.0 * scale
        drawing.words(names[found.kind], beside, (1.0, 1.0, 1.0, 1.0))
        gpu.state.blend_set("NONE")
