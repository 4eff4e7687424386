"""Draws plain arrays in the viewport: lines, fills, points, words, each in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import blf
import bpy
import gpu
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix

if TYPE_CHECKING:
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


class Lines:
    """(N, 2, 3) segments that are drawn again and again: sent to the graphics card once."""

    def __init__(self, segments: NDArray) -> None:
        self._segments = segments
        self._batch: gpu.types.GPUBatch | None = None

    def draw(self, color: Color, width: float, halo: bool = False) -> None:
        """Draw them `width` units of the interface wide.

        A dark `halo` keeps them readable on light backgrounds and on colours like their own.
        """
        if not len(self._segments):
            return
        if halo:
            self.draw((*dark, 0.55 * color[3]), width + 2.0)
        shader = _line_shader(color, width)
        places = self._segments.reshape(-1, self._segments.shape[-1])
        batch = self._batch or batch_for_shader(shader, "LINES", {"pos": places})
        batch.draw(shader)
        self._batch = batch


def lines(segments: NDArray, color: Color, width: float, halo: bool = False) -> None:
    """Draw (N, 2, 3) segments as `Lines` does."""
    Lines(segments).draw(color, width, halo)


def _line_shader(color: Color, width: float) -> gpu.types.GPUShader:
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width * ui_scale())
    shader.uniform_float("color", color)
    return shader


def triangles(corners: NDArray, color: Color) -> None:
    """Fill (N, 3, 3) triangles."""
    import numpy as np

    if not len(corners):
        return
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.uniform_float("color", color)
    batch_for_shader(
        shader, "TRIS", {"pos": corners.reshape(-1, corners.shape[-1]).astype(np.float32)}
    ).draw(shader)


class Colored:
    """(N, 3, 3) triangles in colours (N, 3, 4) of their corners, sent to the graphics card once."""

    def __init__(self, corners: NDArray, colors: NDArray) -> None:
        self._corners, self._colors = corners, colors
        self._batch: gpu.types.GPUBatch | None = None

    def draw(self) -> None:
        """Fill them."""
        if not len(self._corners):
            return
        shader = gpu.shader.from_builtin("SMOOTH_COLOR")
        content = {"pos": self._corners.reshape(-1, 3), "color": self._colors.reshape(-1, 4)}
        batch = self._batch or batch_for_shader(shader, "TRIS", content)
        batch.draw(shader)
        self._batch = batch


def flat(points: Sequence[Sequence[float]]) -> NDArray:
    """Return the segments from each of some region pixels to the next, for `lines`."""
    import numpy as np

    places = np.zeros((len(points), 3), np.float32)
    places[:, :2] = points
    return np.stack([places[:-1], places[1:]], axis=1)


def disc(place: Sequence[float], radius: float, color: Color) -> None:
    """Fill a circle about region pixels `place`."""
    import numpy as np

    angles = np.linspace(0.0, 2.0 * np.pi, 25)
    rim = np.array(place) + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    middles = np.broadcast_to(np.array(place), rim[1:].shape)
    triangles(np.stack([middles, rim[:-1], rim[1:]], axis=1), color)


def tag(low: Sequence[float], high: Sequence[float], color: Color) -> None:
    """Fill a rectangle with round left and right ends between two corners in region pixels."""
    import numpy as np

    radius = (high[1] - low[1]) / 2.0
    middle = low[1] + radius
    disc((low[0] + radius, middle), radius, color)
    disc((high[0] - radius, middle), radius, color)
    left, right = low[0] + radius, high[0] - radius
    corners = [(left, low[1]), (right, low[1]), (right, high[1]), (left, high[1])]
    triangles(np.array(corners)[[[0, 1, 2], [0, 2, 3]]], color)


class Places:
    """(V, 3) positions that several batches draw from; they go to the graphics card once."""

    def __init__(self, positions: NDArray) -> None:
        self.positions = positions

    @cached_property
    def buffer(self) -> gpu.types.GPUVertBuf:
        """The positions there. Ask for it only while a viewport is drawn."""
        import numpy as np

        layout = gpu.types.GPUVertFormat()
        layout.attr_add(id="pos", comp_type="F32", len=3, fetch_mode="FLOAT")
        buffer = gpu.types.GPUVertBuf(format=layout, len=len(self.positions))
        buffer.attr_fill("pos", np.ascontiguousarray(self.positions, np.float32))
        return buffer


class Batch:
    """Triangles or lines that stay with the graphics card, so that a redraw costs nothing.

    `indices` are (N, 3) or (N, 2) into the places. Made anywhere, sent there at the first draw.
    """

    def __init__(self, places: Places, indices: NDArray) -> None:
        self._places, self._indices = places, indices

    @cached_property
    def _batch(self) -> gpu.types.GPUBatch:
        import numpy as np

        kind = "TRIS" if self._indices.shape[1] == 3 else "LINES"
        order = gpu.types.GPUIndexBuf(type=kind, seq=np.ascontiguousarray(self._indices, np.int32))
        return gpu.types.GPUBatch(type=kind, buf=self._places.buffer, elem=order)

    def draw_fill(self, color: Color, start: int = 0, end: int | None = None) -> None:
        """Fill the triangles, or those from `start` to before `end`."""
        count = (len(self._indices) if end is None else end) - start
        if count > 0:
            shader = gpu.shader.from_builtin("UNIFORM_COLOR")
            shader.bind()
            shader.uniform_float("color", color)
            self._batch.draw_range(shader, elem_start=3 * start, elem_count=3 * count)

    def draw_lines(self, color: Color, width: float) -> None:
        """Draw the lines `width` units of the interface wide."""
        if len(self._indices):
            shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
            shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
            shader.uniform_float("lineWidth", width * ui_scale())
            shader.uniform_float("color", color)
            self._batch.draw(shader)


@contextmanager
def on_surface(matrix: Matrix) -> Iterator[None]:
    """Draw in a frame what lies on surfaces: hidden behind others, a little before its own."""
    projection = gpu.matrix.get_projection_matrix()
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.blend_set("ALPHA")
    with gpu.matrix.push_pop(), gpu.matrix.push_pop_projection():
        gpu.matrix.load_projection_matrix(_nearer(projection))
        gpu.matrix.multiply_matrix(matrix)
        yield
    gpu.state.blend_set("NONE")
    gpu.state.depth_test_set("NONE")


def _nearer(projection: Matrix) -> Matrix:
    """Pull towards the viewer: by a thousandth of the distance, or of little depth without."""
    if projection[3][3] == 0.0:
        return projection @ Matrix.Diagonal((0.999, 0.999, 0.999, 1.0))
    return Matrix.Translation((0.0, 0.0, -4e-6)) @ projection


def extent(text: str, size: float = 12.0) -> NDArray:
    """Return how many pixels wide and high `words` writes a line."""
    import numpy as np

    blf.size(0, size * ui_scale())
    return np.array(blf.dimensions(0, text))


def words(text: str, place: Sequence[float] | NDArray, color: Color, size: float = 12.0) -> None:
    """Write one line at region pixels `place`, readable on light and dark."""
    font = 0
    blf.size(font, size * ui_scale())
    blf.enable(font, blf.SHADOW)
    blf.shadow(font, 3, 0.0, 0.0, 0.0, 0.9)
    blf.color(font, *color)
    blf.position(font, place[0], place[1], 0.0)
    blf.draw(font, text)
    blf.disable(font, blf.SHADOW)


def words_centred(text: str, middle: float, bottom: float, size: float = 12.0) -> None:
    """Write one line around region pixel `middle`, readable on light and dark."""
    place = middle - extent(text, size)[0] / 2, bottom
    words(text, place, (1.0, 1.0, 1.0, 1.0), size)


def ring(place: Sequence[float], radius: float, color: Color, *, filled: bool = False) -> None:
    """Draw a circle at region pixels `place`, `radius` units of the interface wide."""
    import numpy as np

    angle = np.linspace(0.0, 2.0 * np.pi, 25)
    rim = np.array(place[:2]) + radius * ui_scale() * np.stack([np.cos(angle), np.sin(angle)], 1)
    rim = np.concatenate([rim, np.zeros((25, 1))], axis=1).astype(np.float32)
    if filled:
        middle = np.broadcast_to(np.array([*place[:2], 0.0], np.float32), rim[:-1].shape)
        triangles(np.stack([middle, rim[:-1], rim[1:]], axis=1), color)
    lines(np.stack([rim[:-1], rim[1:]], axis=1), color, 2.0, halo=True)
