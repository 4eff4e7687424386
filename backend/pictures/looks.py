"""What a mesh is coloured like where its own materials are not wanted."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh

Colours = NDArray[np.uint8]
clay_colour = (196, 192, 186)


def clay(mesh: Mesh) -> Colours:
    """One light grey for all faces, (F, 3) uint8 sRGB."""
    return np.tile(np.array(clay_colour, np.uint8), (len(mesh.faces), 1))


def colours(mesh: Mesh, seed: int) -> Colours:
    """A random colour for each loose piece of the mesh, (F, 3) uint8 sRGB."""
    if not len(mesh.faces):
        return np.zeros((0, 3), np.uint8)
    piece = face_components(mesh)
    rng = np.random.default_rng(seed)
    return palette(rng, int(piece.max()) + 1)[piece]


def palette(rng: np.random.Generator, count: int) -> Colours:
    """Random colours (count, 3), any hue; none as white as the background, none black."""
    hue, saturation, value = rng.random((3, count))
    saturation, value = saturation**0.7, 0.3 + 0.65 * value
    rgb = [colorsys.hsv_to_rgb(*hsv) for hsv in zip(hue, saturation, value, strict=True)]
    return np.round(np.array(rgb).reshape(-1, 3) * 255).astype(np.uint8)
