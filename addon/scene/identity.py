"""Names for objects that outlive undo, renaming and saving."""

from __future__ import annotations

import uuid

import bpy


def identify(obj: bpy.types.Object) -> str:
    """Return the object's uid, giving it one when it has none or copied its from another.

    Linked objects cannot keep a property: theirs follows from library and name.
    """
    uid = _uid(obj)
    if not uid or find(uid) != obj:
        uid = obj.tug.uid = uuid.uuid4().hex
    return uid


def find(uid: str) -> bpy.types.Object | None:
    """Return the object of that uid in this file, or None when it was deleted.

    A duplicate carries its original's uid until it is identified itself; the original, which
    Blender made first, is returned. A library override wins over what it overrides.
    """
    found = [obj for obj in bpy.data.objects if _uid(obj) == uid] if uid else []
    return min(found, key=lambda obj: (obj.library is not None, obj.session_uid), default=None)


def _uid(obj: bpy.types.Object) -> str:
    if obj.library and not obj.tug.uid:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{obj.library.filepath}#{obj.name}").hex
    return obj.tug.uid
