"""Images of the file: made from pixels, and read as pixels."""

from __future__ import annotations

import uuid

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.pictures import rgba

Pixels = NDArray[np.uint8]
key = "tug_uid"  # on an image: what it is known by, whatever it is called


def add(name: str, pixels: Pixels) -> bpy.types.Image:
    """Add a packed image of (H, W, 3 or 4) uint8 sRGB; its alpha does not darken its colours."""
    height, width, channels = pixels.shape
    image = bpy.data.images.new(name, width, height, alpha=channels == 4)
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(rgba(pixels))
    image.update()
    image.pack()
    return image


def identify(image: bpy.types.Image, uid: str = "") -> str:
    """Return the image's uid, giving it `uid` or a fresh one when it has none."""
    if not image.get(key):
        image[key] = uid or uuid.uuid4().hex
    return image[key]


def find(uid: str) -> bpy.types.Image | None:
    """Return the image of that uid, or None where it is not in the file."""
    return next((image for image in bpy.data.images if image.get(key) == uid), None)


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
