"""Words over the viewport: the limits of what is proposed, and the keys that decide on it."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

import bpy
import gpu

from .. import runtime
from ..core import keys
from ..scene.units import length
from . import deciding, drawing
from .overlay import Shown, lock_color, shown_joints
from .viewport import Viewport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core import overlay
    from ..core.jobs import JointJob, ObjectJob
    from ..protocol.joint import Joint

ink = (1.0, 1.0, 1.0, 1.0)
margin = 14.0  # units of the interface from the region's lower edge
apart = 15.0  # and between labels that would overlap
origin_radius = 5.5


def draw() -> None:
    """Blender's call for each redraw of a viewport, in its pixels."""
    from ..core.jobs import JointJob

    context = bpy.context
    colors, job = runtime.preferences(), runtime.shown_job(context)
    view = deciding.viewport(context)
    if colors is None or job is None or view is None:
        return
    gpu.state.blend_set("ALPHA")
    if isinstance(job, JointJob):
        for shown in shown_joints(job, colors):
            _draw_marks(shown, view)
    if deciding.takes_keys(context):
        _draw_keys(context, job)
    gpu.state.blend_set("NONE")


def _draw_marks(shown: Shown, view: Viewport) -> None:
    import numpy as np

    glyph = shown.glyph
    for place in _seen(view, glyph.origin):
        drawing.ring(
            place,
            origin_radius,
            shown.color_of("origin"),
            filled="origin" in shown.locked,
        )
    taken: list[NDArray] = []
    for text, place in _labels(shown.joint, glyph):
        for spot in _seen(view, place[None]):
            while any(np.abs(spot - other).max() < apart * drawing.ui_scale() for other in taken):
                spot = spot - (0.0, apart * drawing.ui_scale())
            taken.append(spot)
            left = spot - (_width(text) / 2.0, 5.0 * drawing.ui_scale())
            color = lock_color if "range" in shown.locked else (*shown.of_joint[:3], 1.0)
            drawing.words(text, left, color)


def _labels(joint: Joint, glyph: overlay.Glyph) -> list[tuple[str, NDArray]]:
    """What the limits are, in words, and where they are."""
    from ..core.opening import limits, slide_limits

    say = length if joint.type == "prismatic" else degrees
    turn = zip(map(say, limits(joint)), glyph.ends, strict=False)
    way = slide_limits(joint)
    if joint.type == "screw":
        way = tuple(joint.pitch * turns / math.tau for turns in limits(joint))
    return list(chain(turn, zip(map(length, way), glyph.slides, strict=False)))


def degrees(value: float) -> str:
    """Say an angle as a whole number of degrees, where it is close to one."""
    said = round(math.degrees(value), 1) + 0.0
    return f"{said:.0f}°" if abs(said - round(said)) < 0.05 else f"{said:.1f}°"


def _width(text: str) -> float:
    return float(drawing.extent(text)[0])


def _seen(view: Viewport, points: NDArray) -> NDArray:
    import numpy as np

    seen = deciding.pixels(view, points)
    return seen[np.isfinite(seen).all(axis=1)]


def _draw_keys(context: bpy.types.Context, job: JointJob | ObjectJob) -> None:
    from ..core.jobs import JointJob

    known = keys.of_object
    if isinstance(job, JointJob):
        known = keys.of_choice if job.choices > 1 else keys.of_joint
    tell(context, known)


def tell(context: bpy.types.Context, entries: keys.Entries) -> None:
    """Write keys and what they do along the lower edge of the viewport that is drawn."""
    scale = drawing.ui_scale()
    left, right = deciding.free_span(context)
    text = keys.legend(entries, _width, right - left - 2.0 * margin * scale)
    if text:
        place = 0.5 * (left + right - _width(text)), margin * scale
        drawing.words(text, place, ink)


_layer = drawing.Layer(draw, "POST_PIXEL")


def register() -> None:
    _layer.show()


def unregister() -> None:
    _layer.hide()
