"""Images on faces: what a mesh's texture is, and the pyramids that kernels look it up in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

levels = 9  # of a pyramid: up to 256 texels in a pixel's width


@dataclass(frozen=True, eq=False)
class Texture:
    """Pictures on a mesh of F faces: `uv` (F, 3, 2) float32 for each corner, v up, repeating.

    `image` (F,) int is an index into `images`, (h, w, 3 or 4) uint8 sRGB, or -1 where a face
    keeps its colour. What is see-through is shown opaque.
    """

    uv: NDArray[np.float32]
    image: NDArray[np.int32]
    images: tuple[NDArray[np.uint8], ...]


def linear(colours: ArrayLike) -> NDArray[np.float32]:
    """Linear shares 0 to 1 of sRGB bytes, of the same shape."""
    return _linear[np.asarray(colours, np.uint8)]


def levels_of(light: ArrayLike) -> NDArray[np.uint8]:
    """sRGB bytes (IEC 61966-2-1) of linear shares, of the same shape; beyond 0 to 1 is cut off."""
    share = np.clip(light, 0.0, 1.0)
    curve = 1.055 * np.power(share, 1.0 / 2.4) - 0.055
    return np.rint(255.0 * np.where(share <= 0.0031308, 12.92 * share, curve)).astype(np.uint8)


def _linear_of_bytes() -> NDArray[np.float32]:
    share = np.arange(256) / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype("f4")


_linear = _linear_of_bytes()


def pyramids(images: Sequence[NDArray[np.uint8]]) -> tuple[NDArray, NDArray]:
    """Tables (N, levels, 3) of start, width and height, and all texels (M, 3), linear."""
    tables = np.zeros((max(1, len(images)), levels, 3), np.int32)
    texels: list[NDArray[np.float32]] = []
    start = 0
    for k, image in enumerate(images):
        picture = linear(image[..., :3])
        for level in range(levels):
            height, width = picture.shape[:2]
            tables[k, level] = start, width, height
            texels.append(picture.reshape(-1, 3))
            start += width * height
            picture = _halved(picture)
    return tables, np.concatenate(texels) if texels else np.zeros((1, 3), np.float32)


def _halved(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The means of two by two texels; an odd last row or column is left out."""
    for axis in (0, 1):
        half = picture.shape[axis] // 2
        if half:
            pairs = np.moveaxis(picture, axis, 0)[: 2 * half]
            picture = np.moveaxis((pairs[::2] + pairs[1::2]) * np.float32(0.5), 0, axis)
    return picture
