"""Images of the file: made from pixels, and read as pixels."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.pictures import rgba

Pixels = NDArray[np.uint8]


def add(name: str, pixels: Pixels) -> bpy.types.Image:
    """Add a packed image of (H, W, 3 or 4) uint8 sRGB; its alpha does not darken its colours."""
    height, width, channels = pixels.shape
    image = bpy.data.images.new(name, width, height, alpha=channels == 4)
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(rgba(pixels))
    image.update()
    image.pack()
    return image


def read(image: bpy.types.Image) -> Pixels | None:
    """Return (H, W, 4) uint8 of an ordinary sRGB image; None of any other, or a missing one."""
    width, height = image.size
    plain = image.source in ("FILE", "GENERATED") and image.channels in (3, 4)
    if not plain or image.is_float or not width or not height:
        return None
    if image.colorspace_settings.name != "sRGB":
        return None
    values = np.empty(width * height * 4, np.float32)
    if len(image.pixels) != len(values):
        return None
    image.pixels.foreach_get(values)
    whole = values.reshape(height, width, 4)[::-1]
    return np.rint(np.clip(whole, 0.0, 1.0) * 255.0).astype(np.uint8)
