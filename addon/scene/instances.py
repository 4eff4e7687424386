"""What is visible and has faces: objects, collection instances, geometry-nodes instances."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

import bpy
import numpy as np

from ..core.geometry import Box, transformed


class Placed(NamedTuple):
    """A mesh somewhere in the world. Valid only until the next one is asked for.

    `owner` is the original object that an artist would select to get hold of it, `object`
    the evaluated one whose mesh it is, `matrix` (4, 4) float64 to world. `number` tells the
    instances of an owner apart, frame by frame.
    """

    owner: bpy.types.Object
    object: bpy.types.Object
    matrix: np.ndarray
    is_instance: bool
    number: tuple[int, ...] = ()


def placed(owners: Container[bpy.types.Object]) -> Iterator[Placed]:
    """Go through all visible meshes, modifiers applied, that belong to `owners`."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for instance in depsgraph.object_instances:
        top = instance.parent if instance.is_instance else instance.object
        owner = top.original
        if instance.object.type == "MESH" and owner in owners:
            matrix = np.array(instance.matrix_world, np.float64)
            number = tuple(instance.persistent_id) if instance.is_instance else ()
            yield Placed(owner, instance.object, matrix, instance.is_instance, number)


def boxes(owners: Container[bpy.types.Object]) -> dict[bpy.types.Object, Box]:
    """Return the world bounding box of each owner that has visible faces."""
    found: dict[bpy.types.Object, Box] = {}
    for item in placed(owners):
        if len(item.object.data.polygons):
            with np.errstate(invalid="ignore"):
                corners = transformed(item.matrix, np.array(item.object.bound_box))
            found.setdefault(item.owner, Box()).add(corners)
    return found
