"""A stroke that paints faces into a part or out of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector

from ..scene.identity import by_number
from ..scene.parts import PartSettings, active_part, find_part, mesh_sources
from . import drawing, looks, part_view
from .aiming import aim, ray
from .pointing import require_own

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Mouse = tuple[float, float]
most_dabs = 24  # between two places of the mouse


class Stroke:
    """Faces painted so far; nothing is written before the end. Raises TugError at a bad start."""

    def __init__(self, context: bpy.types.Context, start: Mouse, erase: bool) -> None:
        import numpy as np

        from ..protocol.errors import failure
        from ..scene.pulled import writable
        from ..scene.selection import marked_faces
        from ..scene.taking import require_part

        found = aim(context, start)
        if found is None:
            raise failure("bad_input", "There is nothing under the mouse; begin on a surface.")
        require_own(found)
        obj = found.obj
        writable(obj)
        if obj.type != "MESH":
            raise failure("bad_input", f"'{obj.name}' is no mesh; convert it to a mesh first.")
        part = require_part(obj, False) if erase else _paintable(obj)
        self.number, self.part = obj.session_uid, part.uid if part else ""
        self.look, self.erase, self.last = looks.at(obj), erase, start
        self.faces = np.zeros(len(obj.data.polygons), bool)
        if part:
            self.faces |= marked_faces(obj, obj.data, part)
        self._centres, self._normals = _in_world(obj, self.look)

    def move(self, context: bpy.types.Context, mouse: Mouse) -> None:
        """Paint from where the mouse was to where it is."""
        start, end = Vector(self.last), Vector(mouse)
        step = max(2.0, 0.5 * radius(context))
        count = min(most_dabs, max(1, math.ceil((end - start).length / step)))
        for i in range(1, count + 1):
            self._dab(context, tuple(start.lerp(end, i / count)))
        self.last = mouse
        obj = by_number(self.number)
        if obj:
            part_view.show_stroke(obj, self._seen())

    def finish(self) -> PartSettings:
        """Write what was painted and return the part. Raises TugError `bad_input`."""
        from ..protocol.errors import failure
        from ..scene.pulled import activate
        from ..scene.taking import set_checked
        from ..scene.targets import of_faces

        obj = by_number(self.number)
        if obj is None:
            raise failure("bad_input", "The object was deleted while it was painted.")
        part = find_part(obj, self.part) if self.part else None
        if part:
            set_checked(obj, part, self.faces)
        else:
            part = of_faces(obj, self.faces, "Part")
        activate(bpy.context, obj, part)
        return part

    def _dab(self, context: bpy.types.Context, mouse: Mouse) -> None:
        import numpy as np

        found = aim(context, mouse)
        if found is None or found.obj.session_uid != self.number or found.is_instance:
            return
        reach = _world_radius(context, mouse, found.point)
        offsets = self._centres - np.array(found.point, np.float32)
        inside = np.flatnonzero(np.einsum("ij,ij->i", offsets, offsets) <= reach * reach)
        inside = inside[self._faces_viewer(context, mouse, inside)]
        if 0 <= found.polygon < len(self._centres):
            inside = np.append(inside, found.polygon)  # however large it is
        own = inside if self.look.origins is None else self.look.origins[inside]
        self.faces[own[own >= 0]] = not self.erase

    def _faces_viewer(self, context: bpy.types.Context, mouse: Mouse, polygons: NDArray) -> NDArray:
        import numpy as np

        eye, direction = ray(context, mouse)
        to_face = np.broadcast_to(np.array(direction, np.float32), (len(polygons), 3))
        if context.region_data.is_perspective:
            to_face = self._centres[polygons] - np.array(eye, np.float32)
        return np.einsum("ij,ij->i", self._normals[polygons], to_face) < 0.0

    def _seen(self) -> NDArray[np.bool_]:
        """Return which polygons of the mesh that is seen are painted."""
        import numpy as np

        if self.look.origins is None:
            return self.faces
        return np.append(self.faces, False)[self.look.origins]


def radius(context: bpy.types.Context) -> float:
    """Return the brush's radius in pixels."""
    return context.window_manager.tug_pick_radius * drawing.ui_scale()


def circle(middle: Mouse, size: float) -> NDArray[np.float32]:
    """Return a circle in the region, (48, 2, 3) segments."""
    import numpy as np

    angles = np.linspace(0.0, 2.0 * math.pi, 49)
    rim = np.stack([np.cos(angles), np.sin(angles), np.zeros(49)], axis=1) * size
    rim = (rim + np.array((*middle, 0.0))).astype(np.float32)
    return np.stack([rim[:-1], rim[1:]], axis=1)


def _paintable(obj: bpy.types.Object) -> PartSettings | None:
    """Return the object's active part if faces can be added to it."""
    part = active_part(obj)
    return part if part and part.source in mesh_sources else None


def _in_world(obj: bpy.types.Object, look: looks.Look) -> tuple[NDArray, NDArray]:
    """Return centre and outward direction (of any length) of each polygon that is seen."""
    import numpy as np

    from ..core.geometry import transformed

    faces, matrix = look.shown.faces, np.array(obj.matrix_world)
    sums = np.add.reduceat(faces.positions[faces.corners], faces.starts[:-1], axis=0)
    centres = transformed(matrix, sums / np.diff(faces.starts)[:, None])
    turned = faces.normals @ np.linalg.inv(matrix[:3, :3])
    return centres.astype(np.float32), turned.astype(np.float32)


def _world_radius(context: bpy.types.Context, mouse: Mouse, there: Vector) -> float:
    beside = mouse[0] + radius(context), mouse[1]
    region, view = context.region, context.region_data
    here = view3d_utils.region_2d_to_location_3d(region, view, mouse, there)
    return (view3d_utils.region_2d_to_location_3d(region, view, beside, there) - here).length
