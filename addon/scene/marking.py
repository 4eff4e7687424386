"""Shows in Blender's own selection what belongs to a part."""

from __future__ import annotations

import bmesh
import bpy

from ..protocol.errors import failure
from .parts import PartSettings
from .selection import marked_faces, require_marking, whole_objects


def select(context: bpy.types.Context, obj: bpy.types.Object, part: PartSettings | None) -> None:
    """Select the part's faces or objects and make the part the active one; without, the object.

    Raises TugError `bad_input` when what marks the part is gone.
    """
    if obj.name not in context.view_layer.objects:
        raise failure("bad_input", f"'{obj.name}' is not in this view layer; show it there first.")
    for other in context.selected_objects:
        other.select_set(False)
    context.view_layer.objects.active = obj
    if part is None:
        obj.select_set(True)
        return
    obj.tug.part_index = list(obj.tug.parts).index(part)
    for member in whole_objects(obj, part) or [obj]:
        member.select_set(True)
    if not whole_objects(obj, part):
        require_marking(obj, part)
        _select_faces(obj, part)


def _select_faces(obj: bpy.types.Object, part: PartSettings) -> None:
    editing = obj.mode == "EDIT"
    if editing:
        obj.update_from_editmode()
    mask = marked_faces(obj, obj.data, part)
    if not editing:
        obj.data.polygons.foreach_set("select", mask)
        obj.data.update()
        return
    mesh = bmesh.from_edit_mesh(obj.data)
    for face, marked in zip(mesh.faces, mask, strict=True):
        face.select_set(bool(marked))
    bmesh.update_edit_mesh(obj.data, loop_triangles=False, destructive=False)
