"""Draws the drags, and the one that is being pulled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy

from .. import runtime
from ..scene.parts import active_part, drags_world
from ..scene.units import length
from . import drawing, viewport
from .drawing import Color
from .viewport import Viewport, drag_tool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.pulling import Floats, Pull

head = 18.0  # units of the interface; the same near and far
beside = 18.0
white = (1.0, 1.0, 1.0, 1.0)


@dataclass
class Preview:
    """A drag that is being pulled and not stored yet.

    `replaces` tells by part and index which stored one it stands for. `line` is what holds it,
    through `anchor`, with the key of its constraint.
    """

    start: Floats
    end: Floats
    replaces: tuple[str, int] | None = None
    anchor: Floats | None = None
    line: Floats | None = None
    key: str = ""
    outline: NDArray | None = None

    @classmethod
    def of(
        cls,
        pull: Pull,
        start: Floats,
        end: Floats,
        replaces: tuple[str, int] | None = None,
        outline: NDArray | None = None,
    ) -> Preview:
        """Return how a drag looks whose point is pulled."""
        return cls(start, end, replaces, pull.anchor, pull.line, pull.constraint.key, outline)


shown: Preview | None = None


def draw(context: bpy.types.Context, colors: Any) -> None:
    """Draw the active part's drags; with the Drag tool in hand those of all parts."""
    seen = viewport.of_context(context)
    red, green, blue, alpha = colors.drag_color
    if viewport.in_use(context, drag_tool):
        for start, end in _others(context):
            _draw_arrow(seen, start, end, (red, green, blue, 0.45 * alpha), 2.0)
    for drag in _own(context):
        color = colors.drag_color if drag.active else (red, green, blue, 0.7 * alpha)
        _draw_arrow(seen, drag.start, drag.end, color, 4.0 if drag.active else 2.5)
    if shown:
        _draw_preview(seen, shown, colors.drag_color)


def draw_words() -> None:
    """Blender's call for each redraw: write lengths at the ends while the Drag tool is used."""
    context = bpy.context
    seen, colors = viewport.of_context(context), runtime.preferences()
    if seen is None or colors is None or not (shown or viewport.in_use(context, drag_tool)):
        return
    drags = list(_own(context))
    for drag in drags:
        number = f"{drag.index + 1}: " if len(drags) > 1 else ""
        color = white if drag.active else (1.0, 1.0, 1.0, 0.7)
        _write(seen, drag.start, drag.end, number, color)
    if shown:
        _write(seen, shown.start, shown.end, "", white)


def _others(context: bpy.types.Context) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    active = active_part(context.active_object)
    for obj in context.visible_objects:
        for part in obj.tug.parts:
            if part != active:
                yield from drags_world(obj, part)


@dataclass(frozen=True)
class Stored:
    """A drag of the active part."""

    index: int
    start: Sequence[float]
    end: Sequence[float]
    active: bool


def _own(context: bpy.types.Context) -> Iterator[Stored]:
    """Go through the active part's drags, but the one that a preview stands for."""
    obj = context.active_object
    part = active_part(obj)
    if obj is None or part is None:
        return
    for index, (start, end) in enumerate(drags_world(obj, part)):
        if shown is None or shown.replaces != (part.uid, index):
            yield Stored(index, start, end, index == part.drag_index)


def _draw_preview(seen: Viewport | None, preview: Preview, color: Color) -> None:
    import numpy as np

    red, green, blue, alpha = color
    if preview.outline is not None:
        drawing.lines(preview.outline, (red, green, blue, 0.6 * alpha), 1.5)
    if preview.line is not None and preview.anchor is not None and seen:
        reach = 4000.0 * seen.pixel_size(preview.anchor) * preview.line
        ends = np.array([[preview.anchor - reach, preview.anchor + reach]], np.float32)
        drawing.lines(ends, _axis_color(preview.key), 1.5)
    _draw_arrow(seen, preview.start, preview.end, color, 4.0)


def _draw_arrow(
    seen: Viewport | None,
    start: Sequence[float] | Floats,
    end: Sequence[float] | Floats,
    color: Color,
    width: float,
) -> None:
    import numpy as np

    from ..core.overlay import drag_arrow

    size = head * drawing.ui_scale() * seen.pixel_size(end) if seen else np.inf
    arrow = drag_arrow(start, end, size)
    drawing.lines(arrow.shaft, color, width)
    drawing.triangles(arrow.head, color)


def _write(
    seen: Viewport,
    start: Sequence[float] | Floats,
    end: Sequence[float] | Floats,
    number: str,
    color: Color,
) -> None:
    """Write how long a drag is, beyond its end as it is seen."""
    import numpy as np

    place, begun = np.array(seen.pixel(end)), np.array(seen.pixel(start))
    if not np.isfinite(place).all():
        return
    way = place - begun if np.isfinite(begun).all() else np.ones(2)
    way = way / (np.linalg.norm(way) or 1.0)
    text = number + length(float(np.linalg.norm(np.subtract(end, start))))
    corner = place + beside * drawing.ui_scale() * way
    drawing.words(text, corner - drawing.extent(text) * (1.0 - way) / 2.0, color)


def _axis_color(key: str) -> Color:
    if key == "N":
        return (1.0, 1.0, 1.0, 0.8)
    theme = bpy.context.preferences.themes[0].user_interface
    return (*getattr(theme, f"axis_{key.lower()}"), 0.9)


_words = drawing.Layer(draw_words, "POST_PIXEL")


def register() -> None:
    _words.show()


def unregister() -> None:
    global shown
    _words.hide()
    shown = None
