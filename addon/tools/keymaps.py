"""Keys that work without a tool. Each is left to Blender where its operator does not take it: where
nothing is on show, and elsewhere than over a viewport in Object Mode."""

from __future__ import annotations

import bpy

from ..core.keys import keys

# The first keymap that a viewport asks, whatever tool is in use; Tab lives here, too.
keymap_name = "Object Non-modal"
_made: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def register() -> None:
    config = bpy.context.window_manager.keyconfigs.addon
    if config is None:  # without a window
        return
    keymap = config.keymaps.new(name=keymap_name, space_type="EMPTY", region_type="WINDOW")
    for key in keys:
        item = keymap.keymap_items.new(f"tug.{key.operator}", key.type, "PRESS", shift=key.shift)
        for name, value in {"by_key": True, **key.properties}.items():
            setattr(item.properties, name, value)
        _made.append((keymap, item))


def unregister() -> None:
    for keymap, item in _made:
        keymap.keymap_items.remove(item)
    _made.clear()
