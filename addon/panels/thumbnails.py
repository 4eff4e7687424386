"""Pictures of jobs as icons: they live beside the file and leave nothing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import bpy.utils.previews

if TYPE_CHECKING:
    from ..core.pictures import Picture

most = 96  # icons; beyond that all are made anew as they are drawn

_icons: bpy.utils.previews.ImagePreviewCollection | None = None


def icon(name: str, picture: Picture) -> int:
    """Return the icon of a picture; `name` tells it from all others."""
    from ..core.pictures import rgba

    global _icons
    if _icons is not None and name not in _icons and len(_icons) >= most:
        forget()
    if _icons is None:
        _icons = bpy.utils.previews.new()
    if name not in _icons:
        made = _icons.new(name)
        made.image_size = picture.width, picture.height
        made.image_pixels_float.foreach_set(rgba(picture.pixels))
    return _icons[name].icon_id


def forget() -> None:
    """Drop all icons."""
    global _icons
    if _icons is not None:
        bpy.utils.previews.remove(_icons)
        _icons = None
