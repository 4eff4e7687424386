"""An object with all its parts, and where each joint of them is to hang."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from ..protocol.meshes import Geometry, Piece
from . import controls
from .body import topmost
from .geometry import Mask, gather_sorted
from .instances import Placed
from .joints import at_rest
from .parts import PartSettings, add_part, mesh_sources
from .selection import marked_faces, require_marking, whole_objects, with_children

Part = tuple[bpy.types.Object, PartSettings]
Anchor = tuple[bpy.types.Object, str]  # an object, or a bone of it, that a control hangs on


class Whole(NamedTuple):
    """All meshes of an object, and the pieces of each part in the order given."""

    geometry: tuple[Geometry, ...]
    pieces: tuple[tuple[Piece, ...], ...]
    arrays: list[NDArray]


def marked_parts(obj: bpy.types.Object) -> list[Part]:
    """Return all parts of what `obj` belongs to.

    Where none is marked, what is parented to its topmost object becomes its parts, if that has
    faces to be the body. Raises TugError `bad_input` when there is nothing to move.
    """
    root = topmost(obj)
    members = [root, *root.children_recursive]
    found = [(member, part) for member in members for part in member.tug.parts]
    if not found and root.type == "MESH":
        children = [child for child in root.children if child.type == "MESH"]
        found = [(child, add_part(child, "object")) for child in children]
    if not found:
        raise failure(
            "bad_input",
            f"'{root.name}' has no parts; mark what should move, or parent the parts to their "
            "body.",
        )
    return found


def gather_whole(parts: list[Part]) -> Whole:
    """Read everything that the parts' objects belong to, all joints at rest.

    Faces that no part claims are the body. Raises TugError `bad_input`.
    """
    members = with_children([topmost(obj) for obj, _ in parts])
    records = [record for member in members for record in member.tug.joints]
    for obj, part in parts:
        if part.source in mesh_sources:
            require_marking(obj, part)
    with at_rest(records):
        carriers = _carriers(parts)

        def sort(item: Placed, mesh: bpy.types.Mesh) -> Iterator[tuple[int | None, Mask]]:
            left = np.ones(len(mesh.polygons), bool)
            for index, (obj, part) in enumerate(parts):
                if obj == item.owner and part.source in mesh_sources:
                    marked = marked_faces(item.object, mesh, part)
                    left &= ~marked
                    yield index, marked
            yield _carrier(item.owner, carriers), left

        found = gather_sorted(members, sort)
    for index, (obj, part) in enumerate(parts):
        if not found.pieces.get(index):
            raise failure(
                "bad_input",
                f"'{part.name}' of '{obj.name}' has no visible faces of its own; show it, mark "
                "its faces, or remove it from the parts.",
            )
    pieces = tuple(found.pieces[index] for index in range(len(parts)))
    return Whole(found.geometry, pieces, found.arrays)


def hangs_on(index: int, parts: list[Part]) -> int:
    """Return the part that a part follows by its object's parents as they are, -1 for none."""
    obj, part = parts[index]
    carriers = _carriers(parts)
    movers = whole_objects(obj, part)
    start = movers[0].parent if movers else obj
    found = _carrier(start, carriers)
    return -1 if found is None else found


def anchor(part: Part) -> Anchor:
    """Return what a joint hangs on that moves against `part`: its object, or its bone."""
    obj, settings = part
    movers = whole_objects(obj, settings)
    if movers:
        return movers[0], ""
    record = controls.of(obj, settings)
    return (record.id_data, record.bone) if record else (obj, "")


def _carriers(parts: list[Part]) -> dict[bpy.types.Object, int]:
    return {
        mover: index
        for index, (obj, part) in enumerate(parts)
        for mover in whole_objects(obj, part)
    }


def _carrier(obj: bpy.types.Object | None, carriers: dict[bpy.types.Object, int]) -> int | None:
    """Return the index of the part that the nearest of the object and its parents is."""
    while obj:
        if obj in carriers:
            return carriers[obj]
        obj = obj.parent
    return None
