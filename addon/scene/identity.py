"""Names for objects that outlive undo, renaming and saving."""

from __future__ import annotations

import uuid

import bpy

_given: dict[str, int] = {}  # uid -> the object's number in this Blender session
_seen: dict[str, tuple[str, int]] = {}  # uid -> name and number when last found


def identify(obj: bpy.types.Object) -> str:
    """Return the object's uid, giving it one when it has none or copied its from another.

    Linked objects cannot keep a property: theirs follows from library and name.
    """
    uid = _uid(obj)
    if obj.library is None and (not uid or find(uid) != obj):
        uid = obj.tug.uid = uuid.uuid4().hex
    _given[uid] = obj.session_uid
    return uid


def restore() -> None:
    """Give objects their uids again after undo went back to before they had them."""
    objects = {obj.session_uid: obj for obj in bpy.data.objects if obj.library is None}
    for uid, number in _given.items():
        obj = objects.get(number)
        if obj and obj.tug.uid != uid:
            obj.tug.uid = uid


def forget() -> None:
    """Another file was opened: its objects have other numbers."""
    _given.clear()
    _seen.clear()


def find(uid: str) -> bpy.types.Object | None:
    """Return the object of that uid in this file, or None when it was deleted.

    A duplicate carries its original's uid until it is identified itself; the original, which
    Blender made first, is returned. A library override wins over what it overrides.
    """
    name, number = _seen.get(uid, ("", 0))
    likely = bpy.data.objects.get(name)
    if likely and not likely.library and (likely.session_uid, likely.tug.uid) == (number, uid):
        return likely
    found = [obj for obj in bpy.data.objects if _uid(obj) == uid] if uid else []
    first = min(found, key=lambda obj: (obj.library is not None, obj.session_uid), default=None)
    if first:
        _seen[uid] = first.name, first.session_uid
    return first


def by_number(number: int, name: str = "") -> bpy.types.Object | None:
    """Return the object of that `session_uid`, or None when it was deleted.

    The `name` that it had when last seen saves going through all objects.
    """
    likely = bpy.data.objects.get(name)
    if likely and likely.session_uid == number:
        return likely
    return next((obj for obj in bpy.data.objects if obj.session_uid == number), None)


def _uid(obj: bpy.types.Object) -> str:
    if obj.library and not obj.tug.uid:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{obj.library.filepath}#{obj.name}").hex
    return obj.tug.uid
