"""Finds the part that a script means."""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from .parts import PartSettings, active_part, add_part
from .selection import marked_faces

Found = tuple[bpy.types.Object, PartSettings]


def resolve(
    obj: bpy.types.Object, part: PartSettings | bpy.types.Object | str | Iterable[int] | None
) -> Found:
    """Return the object and its part settings; the part is added unless it is there already.

    Raises TugError `bad_input` when `part` names nothing, or more than one thing.
    """
    if not isinstance(obj, bpy.types.Object):
        raise failure("bad_input", f"{obj!r} is no object of this file; pass a bpy Object.")
    if isinstance(part, PartSettings):
        return part.id_data, part
    if part is None:
        return obj, active_part(obj) or _whole(obj)
    if isinstance(part, bpy.types.Object):
        return part, _whole(part)
    if isinstance(part, str):
        return _named(obj, part)
    return obj, of_faces(obj, np.asarray(list(part)))


def _named(obj: bpy.types.Object, name: str) -> Found:
    known = [part for part in obj.tug.parts if part.name == name]
    if known:
        return obj, known[0]
    children = [child for child in obj.children_recursive if child.name == name]
    is_group = name in obj.vertex_groups
    is_material = name in [slot.name for slot in obj.material_slots]
    found = len(children) + is_group + is_material
    if found != 1:
        what = "more than one thing" if found else "no part, vertex group, material or child object"
        raise failure(
            "bad_input", f"'{obj.name}' has {what} called '{name}'; add the part with a source."
        )
    if children:
        return children[0], _whole(children[0])
    return obj, of_source(obj, "vertex_group" if is_group else "material", name)


def _whole(obj: bpy.types.Object) -> PartSettings:
    known = [part for part in obj.tug.parts if part.source == "object"]
    return known[0] if known else add_part(obj, "object")


def of_source(obj: bpy.types.Object, source: str, name: str) -> PartSettings:
    """Return the part that a vertex group or a material marks; added if new."""
    known = [p for p in obj.tug.parts if (p.source, p.source_name) == (source, name)]
    return known[0] if known else add_part(obj, source, source_name=name)


def of_faces(obj: bpy.types.Object, faces: NDArray, name: str = "") -> PartSettings:
    """Return the part of these polygons, (N,) indices or a mask; added under `name` if new."""
    known = [part for part in obj.tug.parts if part.source == "faces" and obj.mode == "OBJECT"]
    for part in known:
        if _same_faces(marked_faces(obj, obj.data, part), faces):
            return part
    return add_part(obj, "faces", name, faces=faces)


def _same_faces(mask: NDArray, faces: NDArray) -> bool:
    chosen = faces if faces.dtype == bool else np.unique(faces)
    return np.array_equal(mask if faces.dtype == bool else np.flatnonzero(mask), chosen)
