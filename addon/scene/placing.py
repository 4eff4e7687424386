"""What a question for places says of the scene: what stays, and what is to stand on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import bpy
from numpy.typing import NDArray

from ..protocol.errors import failure
from ..protocol.meshes import Geometry, ModelLink, Piece
from . import model
from .geometry import Mask, gather_sorted
from .instances import Placed
from .joints import at_rest
from .selection import with_children
from .trajectories import is_trajectory

helpers = ("BOUNDS", "WIRE")  # how cutters, boxes and the like are displayed


class Placing(NamedTuple):
    """The links of each item, the pieces of the scene, and the arrays that the blobs name."""

    geometry: tuple[Geometry, ...]
    links: tuple[tuple[ModelLink, ...], ...]
    scene: tuple[Piece, ...]
    arrays: list[NDArray]


def gather_placing(
    items: list[bpy.types.Object],
    scenery: Iterable[bpy.types.Object] | None = None,
    without: Iterable[bpy.types.Object] = (),
) -> Placing:
    """Read items, their joints at rest, and the scene as they are seen now.

    The scene is `scenery` with all that is parented to it, by default everything that is
    visible; never the items, nor what is `without`. Raises TugError `bad_input`.
    """
    whose = {member: index for index, obj in enumerate(items) for member in with_children([obj])}
    around = _scenery(scenery) - set(whose) - set(without)

    def sort(item: Placed, mesh: bpy.types.Mesh) -> Iterator[tuple[Any, Mask]]:
        index = whose.get(item.owner)
        if index is None:
            yield None, None
            return
        for key, mask in model.sort(item, mesh):
            yield (index, _within(key, items[index], whose)), mask

    records = [[r for m in with_children([obj]) for r in m.tug.joints] for obj in items]
    with at_rest([record for some in records for record in some]):
        found = gather_sorted({*whose, *around}, sort)
        links = []
        for index, obj in enumerate(items):
            pieces = {k[1]: v for k, v in found.pieces.items() if k is not None and k[0] == index}
            if not pieces:
                raise failure("bad_input", _no_faces(obj))
            links.append(model.links_of(obj.name, records[index], pieces))
    scene = found.pieces.get(None, ())
    if not scene:
        raise failure(
            "bad_input",
            "There is nothing to stand on; show a floor, a table or anything else with faces.",
        )
    return Placing(found.geometry, tuple(links), scene, found.arrays)


def visible_scenery() -> set[bpy.types.Object]:
    """Return what is visible and no mere helper: what displays faces, and is no trajectory."""
    bpy.context.view_layer.update()
    return {
        obj
        for obj in bpy.context.view_layer.objects
        if obj.visible_get() and obj.display_type not in helpers and not is_trajectory(obj)
    }


def _scenery(named: Iterable[bpy.types.Object] | None) -> set[bpy.types.Object]:
    return visible_scenery() if named is None else with_children(list(named))


def _within(
    key: model.Key, item: bpy.types.Object, whose: dict[bpy.types.Object, int]
) -> model.Key:
    """Return what carries a piece; the root where that is beyond the item."""
    control = bpy.data.objects.get(key[0]) if key[0] else None
    return key if control in whose and whose[control] == whose[item] else ("", "")


def _no_faces(obj: bpy.types.Object) -> str:
    return (
        f"'{obj.name}' has no visible faces, so it cannot stand anywhere; show it, or select an "
        "object with a mesh."
    )
