"""An object's own faces for proposals of parts, and proposals as parts that are marked."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import TugError, failure
from ..protocol.meshes import Geometry
from ..protocol.tasks import PartProposal
from .body import topmost
from .geometry import Sorted, gather_sorted
from .joints import at_rest
from .meshes import read
from .parts import PartSettings
from .selection import with_children
from .shapes import Read
from .targets import of_faces, resolve

Masks = dict[bpy.types.Object, NDArray[np.bool_]]


def gather_own(obj: bpy.types.Object) -> Sorted:
    """Read all faces that could be marked under the topmost parent of `obj`, joints at rest.

    They are as modifiers leave them while these keep their number, else as they are edited.
    Raises TugError `bad_input` when there are none.
    """
    members = with_children([topmost(obj)])
    records = [record for member in members for record in member.tug.joints]
    with at_rest(records):
        found = gather_sorted(members, lambda item, mesh: (), own=True)
    if not found.geometry:
        raise failure("bad_input", f"'{obj.name}' has no visible faces; show it.")
    return found


def marked(
    proposal: PartProposal,
    geometry: Sequence[Geometry],
    owners: Sequence[bpy.types.Object | None],
    array: Read,
) -> tuple[bpy.types.Object, PartSettings]:
    """Mark a proposal as a part and return it with its object; the part that it is, if there.

    `owners` are the objects of `geometry`, None for deleted ones. Raises TugError `bad_input`
    when the meshes were changed since, or no single part of an object can hold the proposal.
    """
    found = masks(proposal, geometry, owners, array)
    whole = [obj for obj, mask in found.items() if mask.all()]
    if len(whole) == len(found):
        return _whole(whole)
    if len(found) > 1:
        raise failure(
            "bad_input",
            f"'{proposal.name or 'The part'}' lies in {len(found)} objects, not all of each; "
            "join them, or mark it by hand.",
        )
    ((obj, mask),) = found.items()
    return obj, of_faces(obj, mask, proposal.name or "Part")


def can_be_marked(proposal: PartProposal, owners: Sequence[bpy.types.Object | None]) -> bool:
    """Return whether one part can hold a proposal, as far as its pieces tell."""
    pieces = proposal.pieces
    parts = [owners[piece.geometry] for piece in pieces]
    if None in parts or not pieces:
        return False
    if all(piece.selection is None for piece in pieces):
        try:
            _carrier_of([obj for obj in parts if obj])
        except TugError:
            return False
        return True
    return len(set(parts)) == 1


def masks(
    proposal: PartProposal,
    geometry: Sequence[Geometry],
    owners: Sequence[bpy.types.Object | None],
    array: Read,
) -> Masks:
    """Return (polygons,) bool of each object that a proposal lies in: which of its own are in it.

    Raises TugError `bad_input` when the meshes were changed since.
    """
    found: Masks = {}
    for piece in proposal.pieces:
        obj = owners[piece.geometry]
        polygons = _polygons(obj) if obj else np.empty(0, np.int32)
        faces = geometry[piece.geometry].faces
        if obj is None or len(polygons) != faces.shape[0]:
            raise failure(
                "bad_input",
                "The meshes were changed since the parts were suggested; suggest them again.",
            )
        chosen = polygons if piece.selection is None else polygons[array(piece.selection)]
        mask = found.setdefault(obj, np.zeros(len(obj.data.polygons), bool))
        mask[chosen] = True
    return found


def _polygons(obj: bpy.types.Object) -> NDArray[np.int32]:
    """Return the polygon of each triangle of an object's own mesh."""
    if obj.data.is_editmode:
        obj.update_from_editmode()
        mesh = obj.data.copy()
        try:
            return read(mesh).polygons
        finally:
            bpy.data.meshes.remove(mesh)
    return read(obj.data).polygons


def _whole(objects: list[bpy.types.Object]) -> tuple[bpy.types.Object, PartSettings]:
    carrier = _carrier_of(objects)
    return resolve(carrier, carrier)


def _carrier_of(objects: list[bpy.types.Object]) -> bpy.types.Object:
    """Return the object that carries exactly these with it."""
    for obj in objects:
        carried = {member for member in with_children([obj]) if member.type == "MESH"}
        if carried == set(objects):
            return obj
    names = ", ".join(f"'{obj.name}'" for obj in objects[:3])
    raise failure(
        "bad_input", f"No object carries exactly {names}; parent what belongs to the part to it."
    )
