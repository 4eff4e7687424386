"""Blender's notifications that concern the jobs: load, save, undo, redo."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from . import runtime, updating
from .scene import identity
from .scene import jobs as stored_jobs
from .tools import animation_preview, hover, looks, overlay, part_view


@persistent
def file_loaded(*_: object) -> None:
    """Take up the new file's jobs. Unfinished ones are asked for at once if a connection is
    there, else when the user connects: opening a file reaches for nothing by itself."""
    overlay.forget_shapes()
    animation_preview.forget()
    hover.clear()
    looks.forget()
    part_view.forget()
    identity.forget()
    if runtime.has_jobs() or stored_jobs.any_stored():
        runtime.adopt(stored_jobs.read())
    updating.doubt()


@persistent
def file_saving(*_: object) -> None:
    if runtime.has_jobs() or stored_jobs.any_stored():
        stored_jobs.write(runtime.book)


@persistent
def file_saved(*_: object) -> None:
    """The results are safe in the file now, so the backend need not keep them."""
    runtime.acknowledge()


@persistent
def history_stepped(*_: object) -> None:
    """Undo and redo concern the scene; what jobs are about and what came of them stays known."""
    identity.restore()
    overlay.forget_shapes()
    animation_preview.forget()
    looks.doubt()
    part_view.doubt()
    hover.clear()
    if runtime.has_jobs() or stored_jobs.any_stored():
        stored_jobs.write(runtime.book)
    updating.doubt()
    runtime.redraw()


handlers = {
    "load_post": file_loaded,
    "save_pre": file_saving,
    "save_post": file_saved,
    "undo_post": history_stepped,
    "redo_post": history_stepped,
}


def register() -> None:
    for event, handler in handlers.items():
        getattr(bpy.app.handlers, event).append(handler)
    # While Blender itself starts, add-ons may not look at the data; `load_post` follows.
    if hasattr(bpy.data, "scenes") and stored_jobs.any_stored():
        runtime.adopt(stored_jobs.read())


def unregister() -> None:
    for event, handler in handlers.items():
        getattr(bpy.app.handlers, event).remove(handler)
