"""What a part moves against."""

from __future__ import annotations

import bpy
import numpy as np

from ..core.geometry import Box
from ..protocol.errors import failure
from .instances import boxes
from .selection import with_children

reach = 0.05  # how far from a loose part its body may be, as a share of the part's diagonal


def find_body(movers: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Return the objects that stay while `movers` move, the best one to hang a joint on first.

    Of a parented part: everything under its topmost parent. Otherwise its neighbours: visible
    objects of its collections whose boxes come within `reach`. Raises TugError `bad_input`
    when there are none.
    """
    moving = with_children(movers)
    root = topmost(movers[0])
    related = with_children([root]) - moving
    candidates = related or _collection_mates(movers[0]) - moving
    found = boxes(candidates | moving)
    part = _union([box for obj, box in found.items() if obj in moving])
    gaps = {obj: part.gap(box) for obj, box in found.items() if obj not in moving}
    # What has no finite box counts as near: `gather` says what is wrong with it.
    near = [obj for obj in gaps if related or not gaps[obj] > reach * part.diagonal]
    if not near:
        raise failure(
            "bad_input",
            f"Nothing near '{movers[0].name}' could be the body it moves against; parent it to "
            "its body, or name the body in a script.",
        )
    return sorted(near, key=lambda obj: (gaps[obj], -found[obj].diagonal))


def topmost(obj: bpy.types.Object) -> bpy.types.Object:
    """Return the object that everything hangs on which `obj` hangs on."""
    return topmost(obj.parent) if obj.parent else obj


def _collection_mates(obj: bpy.types.Object) -> set[bpy.types.Object]:
    return {mate for collection in obj.users_collection for mate in collection.objects}


def _union(parts: list[Box]) -> Box:
    whole = Box()
    for box in parts:
        whole.add(np.array([box.low, box.high]))
    return whole
