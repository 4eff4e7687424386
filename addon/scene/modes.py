"""Leaving and entering Blender's modes without leaving tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bpy


@contextmanager
def object_mode() -> Iterator[None]:
    """Be in object mode, then go back to the active object and mode that were there."""
    objects = bpy.context.view_layer.objects
    name = objects.active.name if objects.active else ""
    mode = objects.active.mode if objects.active else "OBJECT"
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield
    finally:
        objects.active = objects.get(name)
        if objects.active and mode != "OBJECT":
            bpy.ops.object.mode_set(mode=mode)


def where_shown(
    objects: Sequence[bpy.types.Object],
) -> tuple[bpy.types.Scene, bpy.types.ViewLayer] | None:
    """Return a scene and view layer that show all of these objects: those at hand if they do."""
    own = [scene for scene in bpy.data.scenes if scene.library is None]
    every = [(scene, layer) for scene in own for layer in scene.view_layers]
    at_hand = bpy.context.scene, bpy.context.view_layer
    return next(
        (
            (scene, layer)
            for scene, layer in [at_hand, *every]
            if all(obj.visible_get(view_layer=layer) for obj in objects)
        ),
        None,
    )


def have_all_undone() -> None:
    """Have the undo step that follows hold the objects as well, whatever the mode.

    In edit mode Blender's steps hold the edited mesh alone, unless data-blocks came or went.
    """
    if bpy.context.mode != "OBJECT":
        bpy.data.texts.remove(bpy.data.texts.new("Tug"))


def push_undo(message: str) -> None:
    """Make an undo step of what was done just now, outside of an operator's own."""
    windows = bpy.context.window_manager.windows
    if windows:
        have_all_undone()
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=message)


@contextmanager
def edit_mode(obj: bpy.types.Object) -> Iterator[None]:
    """Have `obj` active and in edit mode. Enter from within `object_mode`."""
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        yield
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
