"""Draws plain arrays in the viewport: lines, fills, points, words, each in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

Color = tuple[float, float, float, float]
dark = (0.05, 0.05, 0.05)


class Layer:
    """Something drawn with each redraw of a viewport; `kind` is POST_VIEW or POST_PIXEL."""

    def __init__(self, draw: Callable[[], None], kind: str = "POST_VIEW") -> None:
        self._draw, self._kind = draw, kind
        self._handle: object | None = None

    def show(self) -> None:
        """Have it drawn from now on; a Blender without windows draws nothing."""
        if self._handle is None and not bpy.app.background:
            self._handle = bpy.types.SpaceView3D.draw_handler_add(
                self._draw, (), "WINDOW", self._kind
            )

    def hide(self) -> None:
        """Have it drawn no more."""
        if self._handle is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self._handle, "WINDOW")
            self._handle = None


def ui_scale() -> float:
    """Return how many pixels one of the interface's units has; 1 without a window."""
    return bpy.context.preferences.system.ui_scale or 1.0


def lines(segments: NDArray, color: Color, width: float, halo: bool = False) -> None:
    """Draw (N, 2, 3) segments `width` units of the interface wide.

    A dark `halo` keeps them readable on light backgrounds and on colours like their own.
    """
    if not len(segments):
        return
    if halo:
        lines(segments, (*dark, 0.55 * color[3]), width + 2.0)
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width * ui_scale())
    shader.uniform_float("color", color)
    batch_for_shader(shader, "LINES", {"pos": segments.reshape(-1, segments.shape[-1])}).draw(
        shader
    )


def triangles(corners: NDArray, color: Color) -> None:
    """Fill (N, 3, 3) triangles."""
    if not len(corners):
        return
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.uniform_float("color", color)
    batch_for_shader(shader, "TRIS", {"pos": corners.reshape(-1, corners.shape[-1])}).draw(shader)


def extent(text: str, size: float = 12.0) -> NDArray:
    """Return how many pixels wide and high `words` writes a line."""
    blf.size(0, size * ui_scale())
    return np.array(blf.dimensions(0, text))


def words(text: str, place: Sequence[float], color: Color, size: float = 12.0) -> None:
    """Write one line at region pixels `place`, readable on light and dark."""
    font = 0
    blf.size(font, size * ui_scale())
    blf.enable(font, blf.SHADOW)
    blf.shadow(font, 3, 0.0, 0.0, 0.0, 0.9)
    blf.color(font, *color)
    blf.position(font, place[0], place[1], 0.0)
    blf.draw(font, text)
    blf.disable(font, blf.SHADOW)


def ring(place: Sequence[float], radius: float, color: Color, *, filled: bool = False) -> None:
    """Draw a circle at region pixels `place`, `radius` units of the interface wide."""
    angle = np.linspace(0.0, 2.0 * np.pi, 25)
    rim = np.array(place[:2]) + radius * ui_scale() * np.stack([np.cos(angle), np.sin(angle)], 1)
    rim = np.concatenate([rim, np.zeros((25, 1))], axis=1).astype(np.float32)
    if filled:
        middle = np.broadcast_to(np.array([*place[:2], 0.0], np.float32), rim[:-1].shape)
        triangles(np.stack([middle, rim[:-1], rim[1:]], axis=1), color)
    lines(np.stack([rim[:-1], rim[1:]], axis=1), color, 2.0, halo=True)
