"""A drag as it would be on the other side."""

from __future__ import annotations

from contextlib import suppress

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.geometry import Box, transformed
from ..protocol.errors import TugError
from .body import find_body, topmost
from .instances import placed
from .parts import DragSettings, PartSettings, add_drag, drags_world
from .pulled import Part, holder, writable
from .selection import whole_objects, with_children
from .surfaces import Point, nearest

reach = 0.02  # how far from the mirrored start a part may be, as a share of the whole's diagonal


def mirror_drag(
    obj: bpy.types.Object, part: PartSettings, index: int, axis: int, about_origin: bool = False
) -> tuple[bpy.types.Object, PartSettings, DragSettings]:
    """Add the mirror image of a drag, along an axis (0 to 2) of the body's topmost object.

    The mirror stands in the middle of everything there, or in the topmost object's origin. Where
    the image starts on another marked part it becomes that part's. Returns whose it is, and the
    new drag. Raises TugError `bad_input`.
    """
    members = _whole(obj, part)
    frame = _frame(members[0])
    box = _box(members, frame)
    middle = 0.0 if about_origin else float((box.low + box.high)[axis] / 2.0)
    start, end = (_mirrored(p, frame, axis, middle) for p in drags_world(obj, part)[index])
    target = _at(members, start, reach * box.diagonal) or (obj, part)
    writable(target[0])
    return *target, add_drag(*target, start, end)


def _whole(obj: bpy.types.Object, part: PartSettings) -> list[bpy.types.Object]:
    """Return the body's topmost object and all that belongs to it or to the part."""
    root = topmost(obj)
    movers = whole_objects(obj, part)
    if root in movers:
        with suppress(TugError):  # the part may be all there is
            root = topmost(find_body(movers)[0])
    return [root, *(with_children([root, *movers]) - {root})]


def _frame(root: bpy.types.Object) -> NDArray[np.float64]:
    place, turn, _ = root.matrix_world.decompose()
    return np.array(Matrix.LocRotScale(place, turn, None))


def _inverse(frame: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.inv(frame), np.float64)


def _box(members: list[bpy.types.Object], frame: NDArray[np.float64]) -> Box:
    """Return the box of all visible faces in a frame; one point where there are none."""
    box, to_frame = Box(), _inverse(frame)
    for item in placed(set(members)):
        if len(item.object.data.polygons):
            corners = transformed(item.matrix, np.array(item.object.bound_box))
            box.add(transformed(to_frame, corners))
    if not np.isfinite(box.low).all():
        box.add(np.zeros((1, 3)))
    return box


def _mirrored(point: Point, frame: NDArray[np.float64], axis: int, middle: float) -> Point:
    local = transformed(_inverse(frame), np.array([point]))
    local[0, axis] = 2.0 * middle - local[0, axis]
    x, y, z = transformed(frame, local)[0]
    return float(x), float(y), float(z)


def _at(members: list[bpy.types.Object], point: Point, tolerance: float) -> Part | None:
    """Return the marked part whose surface is nearest to a point, within the tolerance."""
    for near in nearest(members, point):
        if near.distance > tolerance:
            return None
        if found := holder(near.obj, near.face):
            return found
    return None
