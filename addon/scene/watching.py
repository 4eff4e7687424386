"""Tells which objects' shapes have changed, and costs nothing while no one asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bpy
from bpy.app.handlers import persistent

Listener = Callable[[set[int]], None]  # gets the session_uid of objects and meshes

_listeners: list[Listener] = []
_deaf = 0


def listen(listener: Listener) -> None:
    """Have `listener` called with what changed shape, from now on."""
    if listener not in _listeners:
        _listeners.append(listener)
    if _shapes_changed not in bpy.app.handlers.depsgraph_update_post:
        bpy.app.handlers.depsgraph_update_post.append(_shapes_changed)


def ignore(listener: Listener) -> None:
    """Call it no more."""
    if listener in _listeners:
        _listeners.remove(listener)
    if not _listeners and _shapes_changed in bpy.app.handlers.depsgraph_update_post:
        bpy.app.handlers.depsgraph_update_post.remove(_shapes_changed)


@contextmanager
def unheard() -> Iterator[None]:
    """Let what is done here for a moment concern no listener."""
    global _deaf
    _deaf += 1
    try:
        yield
    finally:
        _deaf -= 1


@persistent
def _shapes_changed(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    if _deaf:
        return
    changed = {
        update.id.original.session_uid for update in depsgraph.updates if update.is_updated_geometry
    }
    if changed:
        for listener in list(_listeners):
            listener(changed)
