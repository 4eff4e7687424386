"""Which part is pulled at a point of a surface; one is marked there if there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.regions import joined, pieces
from ..protocol.errors import TugError, failure
from .body import find_body
from .faces import origins, read_shown, shown_mesh
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
        name = f"'{self.obj.name}'"
        return f"all of {name}" if self.faces is None else f"the loose piece of {name} you pulled"


def pulled_at(obj: bpy.types.Object, face: int) -> Pulled:
    """Return what is pulled at a polygon of the evaluated `obj`, -1 for none in particular.

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
        return Pulled(obj, None, _loose_piece(obj, face))


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


def _loose_piece(obj: bpy.types.Object, face: int) -> NDArray[np.bool_]:
    """Return the polygons of the own mesh that hang together where a polygon is seen."""
    if obj.type != "MESH" or obj.data.library:
        raise failure(
            "bad_input",
            f"Nothing near '{obj.name}' could be the body it moves against; parent it to its body.",
        )
    faces = _piece_at(obj, face)
    taken = [p for p in obj.tug.parts if p.source in mesh_sources]
    if faces.all() or any((marked_faces(obj, obj.data, part) & faces).any() for part in taken):
        raise failure(
            "bad_input",
            f"What belongs to the part cannot be told from '{obj.name}' alone; mark it with "
            "Pick Part first.",
        )
    return faces


def _piece_at(obj: bpy.types.Object, face: int) -> NDArray[np.bool_]:
    """Return the loose piece of the own mesh from which a polygon that is seen comes."""
    with shown_mesh(obj) as mesh:
        count = len(mesh.polygons) if mesh else 0
    from_own = origins(obj, count)
    own = face if from_own is None or face < 0 else int(from_own[face])
    labels = pieces(joined(read_shown(obj.data).faces))
    return labels == labels[own] if own >= 0 else np.ones(len(labels), bool)
