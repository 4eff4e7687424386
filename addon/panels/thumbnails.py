"""Pictures of jobs as icons: they live beside the file and leave nothing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import bpy.utils.previews

if TYPE_CHECKING:
    from ..core.pictures import Picture

most = 96  # icons; beyond that all are made anew as they are drawn

_icons: list[bpy.utils.previews.ImagePreviewCollection] = []  # one, once there are pictures


def icon(name: str, picture: Picture) -> int:
    """Return the icon of a picture; `name` tells it from all others."""
    from ..core.pictures import rgba

    if _icons and name not in _icons[0] and len(_icons[0]) >= most:
        forget()
    if not _icons:
        _icons.append(bpy.utils.previews.new())
    if name not in _icons[0]:
        made = _icons[0].new(name)
        made.image_size = picture.width, picture.height
        made.image_pixels_float.foreach_set(rgba(picture.pixels))
    return _icons[0][name].icon_id


def forget() -> None:
    """Drop all icons."""
    while _icons:
        bpy.utils.previews.remove(_icons.pop())
