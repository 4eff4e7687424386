"""Where an object would come to stand, shown under the mouse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy
import gpu
from mathutils import Matrix, Vector

from .. import runtime
from . import aiming, drawing
from .overlay import ghost_of
from .viewport import Pixel, Viewport

if TYPE_CHECKING:
    from numpy.typing import NDArray

normal_length = 0.35  # of the object's size


class Footprint:
    """An object's ghost and the outline of its underside at a spot of the scene.

    `spot` is a world point, None while the mouse is over nothing; `angle` turns the object about
    the vertical. Raises TugError `bad_input` for an object without faces.
    """

    def __init__(self, obj: bpy.types.Object) -> None:
        from ..core.placing import outline
        from ..protocol.errors import failure
        from ..scene.places import front_of, wholes
        from ..scene.selection import with_children
        from ..scene.shapes import object_shape

        obj = wholes([obj])[0]
        shape = object_shape(obj)
        if not len(shape.faces):
            raise failure(
                "bad_input",
                f"'{obj.name}' has no visible faces, so it cannot stand anywhere; select an "
                "object with a mesh.",
            )
        self.spot: Vector | None = None
        self.angle = 0.0
        self._normal = Vector((0.0, 0.0, 1.0))
        self._ignored = {member.name for member in with_children([obj])}
        front = front_of(obj)
        self._facing = math.atan2(front.y, front.x)
        ghost = ghost_of(shape)
        self._size = ghost.size
        self._edges = drawing.Lines(ghost.edges.astype("float32"))
        box = outline(shape.vertices).astype("float32")
        self._corners: NDArray = box.reshape(-1, 3)
        self._base, self._box = drawing.Lines(box[:4]), drawing.Lines(box[4:])
        self._layer = drawing.Layer(self.draw)
        self._area: bpy.types.Area | None = None

    def show(self, area: bpy.types.Area) -> None:
        """Draw it from now on."""
        self._area = area
        self._layer.show()

    def hide(self) -> None:
        """Draw it no more."""
        self._layer.hide()
        if self._area:
            self._area.tag_redraw()

    def hover(self, context: bpy.types.Context, seen: Viewport, mouse: Pixel) -> None:
        """Have it stand where the mouse points; the object itself is looked through."""
        ray = seen.ray(mouse)
        found = aiming.cast(
            context,
            context.evaluated_depsgraph_get(),
            Vector(ray.origin),
            Vector(ray.direction),
            aiming.local_view(context),
            self._ignored,
        )
        self.spot = found.point.copy() if found else None
        if found:
            away = found.normal.dot(Vector(ray.direction)) > 0.0
            self._normal = -found.normal if away else found.normal.copy()

    def face(self, seen: Viewport, mouse: Pixel, step: float) -> None:
        """Turn it so that its front looks to where the mouse is, in steps if there are any."""
        ray = seen.ray(mouse)
        if self.spot is None or abs(ray.direction[2]) < 1e-6:
            return
        way = (self.spot.z - ray.origin[2]) / ray.direction[2]
        x, y = (ray.origin + way * ray.direction)[:2] - (self.spot.x, self.spot.y)
        angle = math.remainder(math.atan2(y, x) - self._facing, math.tau)
        self.angle = round(angle / step) * step if step else angle

    def draw(self) -> None:
        """Blender's call for each redraw of a viewport."""
        import numpy as np

        from ..core.placing import footprint

        colors = runtime.preferences()
        if self.spot is None or colors is None:
            return
        gpu.state.blend_set("ALPHA")
        with gpu.matrix.push_pop():
            move = footprint(self._corners, self.spot, self.angle)
            gpu.matrix.multiply_matrix(Matrix(move.tolist()))
            self._edges.draw(colors.ghost_color, 1.5)
            self._box.draw((*colors.ghost_color[:3], 0.35), 1.0)
            self._base.draw(colors.joint_color, 3.0, halo=True)
        tip = self.spot + normal_length * self._size * self._normal
        normal = np.array([[self.spot, tip]], np.float32)
        drawing.lines(normal, colors.drag_color, 2.5, halo=True)
        gpu.state.blend_set("NONE")
