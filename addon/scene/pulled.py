"""Which part is pulled at a point of a surface; one is marked there if there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ..core.loose import piece_of
from ..protocol.errors import TugError, failure
from .body import find_body
from .parts import PartSettings, active_part, add_part, mesh_sources
from .selection import marked_faces, whole_objects

Part = tuple[bpy.types.Object, PartSettings]


class Pulled(NamedTuple):
    """What a drag that starts somewhere pulls: a part, or what is to become one.

    Without `part` it is the whole object, or the polygons `faces` of it.
    """

    obj: bpy.types.Object
    part: PartSettings | None = None
    faces: NDArray[np.bool_] | None = None

    def require(self) -> Part:
        """Return the part, marking it now if it is none yet. Raises TugError `bad_input`."""
        if self.part:
            return self.obj, self.part
        if self.faces is None:
            return self.obj, add_part(self.obj, "object")
        return self.obj, add_part(self.obj, "faces", faces=self.faces)

    @property
    def words(self) -> str:
        """Say what is marked by itself."""
        what = "the whole object" if self.faces is None else "the loose piece that you pulled of"
        return f"{what} '{self.obj.name}'"


def pulled_at(obj: bpy.types.Object, face: int, point: tuple[float, float, float]) -> Pulled:
    """Return what is pulled at a point of a polygon of the evaluated `obj`.

    A part that holds the polygon, the active one first. Otherwise the whole object if something
    can be its body, otherwise the loose piece there. Raises TugError `bad_input` when neither can
    be, or where nothing can be stored.
    """
    found = holder(obj, face)
    if found:
        return Pulled(*_writable(found))
    _writable((obj, None))
    try:
        find_body([obj])
        return Pulled(obj)
    except TugError:
        return Pulled(obj, None, _loose_piece(obj, point))


def holder(obj: bpy.types.Object, face: int) -> Part | None:
    """Return the part that a polygon of the evaluated `obj` belongs to: the active one if it
    does, else one of its mesh, else the nearest whole object that carries it."""
    active = bpy.context.view_layer.objects.active
    chosen = active_part(active)
    if active and chosen and holds(active, chosen, obj, face):
        return active, chosen
    return next((part for part in _candidates(obj) if holds(*part, obj, face)), None)


def holds(owner: bpy.types.Object, part: PartSettings, obj: bpy.types.Object, face: int) -> bool:
    """Return whether a polygon of the evaluated `obj` belongs to a part of `owner`."""
    if part.source in mesh_sources:
        if owner != obj or obj.type != "MESH" or face < 0:
            return False
        evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        mask = marked_faces(obj, evaluated.data, part)
        return face < len(mask) and bool(mask[face])
    movers = whole_objects(owner, part)
    return any(member in movers for member in _upwards(obj))


def activate(context: bpy.types.Context, obj: bpy.types.Object, part: PartSettings) -> None:
    """Make a part the active one, and its object the only one selected."""
    for other in context.selected_objects:
        other.select_set(False)
    obj.select_set(True)
    context.view_layer.objects.active = obj
    obj.tug.part_index = list(obj.tug.parts).index(part)


def writable(obj: bpy.types.Object) -> None:
    """Raise TugError `bad_input` where the file cannot keep a drag."""
    if obj.library:
        raise failure(
            "bad_input",
            f"'{obj.name}' is linked from another file; make a library override of it, or make "
            "it local.",
        )
    if not np.isfinite(np.array(obj.matrix_world)).all():
        raise failure("bad_input", f"The transform of '{obj.name}' is not finite; reset it.")
    if abs(obj.matrix_world.determinant()) < 1e-30:
        raise failure("bad_input", f"'{obj.name}' has a scale of zero; give it a size first.")


def _writable(found: tuple[bpy.types.Object, PartSettings | None]):
    writable(found[0])
    return found


def _candidates(obj: bpy.types.Object) -> Iterator[Part]:
    for owner in _upwards(obj):
        parts = sorted(owner.tug.parts, key=lambda part: part.source not in mesh_sources)
        yield from ((owner, part) for part in parts)


def _upwards(obj: bpy.types.Object) -> Iterator[bpy.types.Object]:
    while obj:
        yield obj
        obj = obj.parent


def _loose_piece(obj: bpy.types.Object, point: tuple[float, float, float]) -> NDArray[np.bool_]:
    """Return the polygons of the mesh, as it is edited, that hang together at a world point."""
    if obj.type != "MESH" or obj.data.library:
        raise failure(
            "bad_input",
            f"Nothing near '{obj.name}' could be the body it moves against; parent it to its body.",
        )
    mesh = obj.data
    corners = np.empty(len(mesh.loops), np.int32)
    sizes = np.empty(len(mesh.polygons), np.int32)
    mesh.attributes[".corner_vert"].data.foreach_get("value", corners)
    mesh.polygons.foreach_get("loop_total", sizes)
    faces = piece_of(corners, sizes, _nearest_vertex(obj, corners, point))
    taken = [p for p in obj.tug.parts if p.source in mesh_sources]
    if faces.all() or any((marked_faces(obj, mesh, part) & faces).any() for part in taken):
        raise failure(
            "bad_input",
            f"What belongs to the part cannot be told from '{obj.name}' alone; mark it with "
            "Pick Part first.",
        )
    return faces


def _nearest_vertex(
    obj: bpy.types.Object, corners: NDArray, point: tuple[float, float, float]
) -> int:
    """Return the vertex of a face nearest to a world point; modifiers may have added others."""
    places = np.empty((len(obj.data.vertices), 3), np.float32)
    obj.data.attributes["position"].data.foreach_get("vector", places.reshape(-1))
    used = np.unique(corners)
    local = np.array(obj.matrix_world.inverted() @ Vector(point))
    return int(used[np.argmin(np.square(places[used] - local).sum(axis=1))])
