"""The stroke that is being drawn, as it is seen meanwhile."""

from __future__ import annotations

import math

import bpy
import gpu
import numpy as np

from .. import runtime
from ..core import trajectory
from ..core.strokes import Floats
from . import drawing
from .viewport import behind, of_context

dot = 3.5  # units of the interface
drawing_now = False  # what was drawn before is not shown meanwhile


class Sketch:
    """World points drawn so far, where the mouse is, and whether the stroke would close."""

    def __init__(self, area: bpy.types.Area) -> None:
        self.points: list[Floats] = []
        self.hover: Floats | None = None
        self.clicked = False
        self.closing = False
        global drawing_now
        drawing_now = True
        self._area = area
        self._layers = (drawing.Layer(self._draw), drawing.Layer(self._dots, "POST_PIXEL"))
        for layer in self._layers:
            layer.show()

    def hide(self) -> None:
        """Draw it no more."""
        global drawing_now
        drawing_now = False
        for layer in self._layers:
            layer.hide()
        self._area.tag_redraw()

    def changed(self) -> None:
        """Have it drawn again."""
        self._area.tag_redraw()

    def _color(self) -> drawing.Color:
        colors = runtime.preferences()
        return tuple(colors.trajectory_color) if colors else (0.7, 0.5, 1.0, 1.0)

    def _draw(self) -> None:
        points = [*self.points, *([self.hover] if self.clicked and self.hover is not None else [])]
        if self.closing and self.points:
            points = [*self.points, self.points[0]]
        if len(points) > 1:
            gpu.state.blend_set("ALPHA")
            drawing.lines(trajectory.way(np.array(points)), self._color(), 2.5)
            gpu.state.blend_set("NONE")

    def _dots(self) -> None:
        """Mark the points that were clicked, and the first one where a click would close."""
        shown = self.points if self.clicked else self.points[:1] if self.closing else []
        viewport = of_context(bpy.context)
        for index, point in enumerate(shown):
            seen = viewport.pixel(point) if viewport else behind
            if not math.isnan(seen[0]):
                wide = 2.0 if self.closing and index == 0 else 1.0
                drawing.disc(seen, wide * dot * drawing.ui_scale(), self._color())
