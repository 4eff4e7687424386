"""Procedural surfaces: a small tiling image with a metalness and a roughness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from backend.datasets.shapes import Shape

resolution = 256
Colour = tuple[float, float, float]

wood_tints: dict[str, Colour] = {
    "oak": (0.76, 0.58, 0.37),
    "walnut": (0.42, 0.27, 0.17),
    "birch": (0.87, 0.75, 0.57),
    "cherry": (0.60, 0.32, 0.20),
    "ash": (0.80, 0.70, 0.56),
}
paint_tints: dict[str, Colour] = {
    "white": (0.92, 0.91, 0.88),
    "sage": (0.55, 0.63, 0.53),
    "navy": (0.16, 0.22, 0.34),
    "graphite": (0.20, 0.21, 0.22),
    "cream": (0.90, 0.84, 0.71),
    "red": (0.66, 0.15, 0.13),
    "teal": (0.16, 0.45, 0.46),
}
metal_tints: dict[str, Colour] = {
    "steel": (0.72, 0.73, 0.75),
    "brass": (0.80, 0.64, 0.34),
    "black_metal": (0.10, 0.10, 0.11),
    "copper": (0.76, 0.47, 0.34),
}


@dataclass(frozen=True, eq=False)
class Material:
    """A named surface. `image` is RGB or RGBA, sRGB, and repeats every `tile` metres."""

    name: str
    image: Image.Image
    metallic: float
    roughness: float
    tile: float


def wood(rng: np.random.Generator, name: str = "") -> Material:
    """Return a wood with its grain along the image's height; a random one without `name`."""
    name = name or str(rng.choice(list(wood_tints)))
    fibres = _noise(rng, 0.5, 40.0)
    warp = _noise(rng, 2.0, 6.0)
    across = np.arange(resolution)[None, :] / resolution
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (6 * across + 0.9 * warp))
    shade = 0.82 + 0.12 * rings + 0.09 * fibres
    return Material(name, _tinted(wood_tints[name], shade), 0.0, 0.55, 0.6)


def paint(rng: np.random.Generator, name: str = "") -> Material:
    """Return a painted surface; a random colour without `name`."""
    name = name or str(rng.choice(list(paint_tints)))
    return Material(name, _tinted(paint_tints[name], 1 + 0.015 * _noise(rng, 9, 9)), 0.0, 0.5, 0.5)


def metal(rng: np.random.Generator, name: str = "") -> Material:
    """Return a brushed metal; a random one without `name`."""
    name = name or str(rng.choice(list(metal_tints)))
    shade = 1 + 0.02 * _noise(rng, 0.5, 60.0)
    return Material(name, _tinted(metal_tints[name], shade), 1.0, 0.35, 0.3)


def plastic(rng: np.random.Generator) -> Material:
    """Return a lightly grained plastic in one of the paint colours."""
    name = str(rng.choice(list(paint_tints)))
    shade = 1 + 0.02 * _noise(rng, 50, 50)
    return Material(f"{name}_plastic", _tinted(paint_tints[name], shade), 0.0, 0.4, 0.3)


def fabric(rng: np.random.Generator) -> Material:
    """Return a woven cloth in one of the paint colours."""
    name = str(rng.choice(list(paint_tints)))
    u, v = np.meshgrid(*2 * [np.arange(resolution) / resolution * 2 * np.pi * 32])
    shade = 0.93 + 0.05 * np.sin(u) * np.sin(v) + 0.03 * _noise(rng, 20, 20)
    return Material(f"{name}_fabric", _tinted(paint_tints[name], shade), 0.0, 0.95, 0.2)


def rubber(rng: np.random.Generator) -> Material:
    """Return a matt black rubber."""
    shade = 1 + 0.1 * _noise(rng, 60, 60)
    return Material("rubber", _tinted((0.07, 0.07, 0.07), shade), 0.0, 0.9, 0.2)


def glass(rng: np.random.Generator) -> Material:
    """Return a see-through, slightly green pane."""
    colour = _tinted((0.70, 0.80, 0.80), 1 + 0.01 * _noise(rng, 3, 3))
    colour.putalpha(90)
    return Material("glass", colour, 0.0, 0.05, 0.5)


def projected(shape: Shape, tile: float, offset: ArrayLike = (0.0, 0.0)) -> NDArray[np.float32]:
    """Return (F, 3, 2) texture coordinates by box projection, v along the longer side.

    So the grain of a board runs along it, whichever way the board lies.
    """
    extent = np.ptp(shape.vertices, axis=0)
    facing = np.abs(shape.normals()).argmax(axis=1)
    across, along = (np.empty_like(facing) for _ in range(2))
    for axis in range(3):
        first, second = sorted(
            (other for other in range(3) if other != axis), key=extent.__getitem__
        )
        across[facing == axis], along[facing == axis] = first, second
    corners = shape.vertices[shape.faces]
    uv = [np.take_along_axis(corners, a[:, None, None], axis=2)[..., 0] for a in (across, along)]
    return (np.stack(uv, axis=-1) / tile + np.asarray(offset)).astype(np.float32)


def _noise(rng: np.random.Generator, along: float, across: float) -> NDArray[np.float64]:
    """Tiling noise (H, W) of unit deviation, about so many waves down and across the image."""
    spectrum = np.fft.fft2(rng.standard_normal((resolution, resolution)))
    rows = np.fft.fftfreq(resolution, 1 / resolution)[:, None] / along
    columns = np.fft.fftfreq(resolution, 1 / resolution)[None, :] / across
    spectrum *= np.exp(-0.5 * (rows**2 + columns**2))
    spectrum[0, 0] = 0
    field = np.fft.ifft2(spectrum).real
    return field / field.std()


def _tinted(colour: Colour, shade: NDArray[np.float64]) -> Image.Image:
    pixels = np.clip(np.asarray(colour) * shade[..., None], 0.0, 1.0)
    return Image.fromarray(np.round(pixels * 255).astype(np.uint8), "RGB")
