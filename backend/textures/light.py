"""sRGB and light: colours are mixed as light (IEC 61966-2-1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def to_light(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return sRGB levels 0 to 255 of any shape as linear light 0 to 1."""
    return _table[levels]


def to_levels(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return linear light as sRGB levels 0 to 255; what is outside 0 to 1 is cut off."""
    value = np.clip(light, 0.0, 1.0)
    curve = 1.055 * np.power(value, np.float32(1.0 / 2.4)) - 0.055
    return np.rint(255.0 * np.where(value <= 0.0031308, 12.92 * value, curve)).astype(np.uint8)


def _curve() -> NDArray[np.float32]:
    value = np.arange(256) / 255.0
    bent = ((value + 0.055) / 1.055) ** 2.4
    return np.where(value <= 0.04045, value / 12.92, bent).astype(np.float32)


_table = _curve()
