"""Whether keys and wheel in a viewport are about the proposal that is on show there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from . import drawing
from .overlay import shown_joints, shown_parts
from .viewport import Pixel, Viewport, of_context

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.jobs import JointJob, ObjectJob

around = 12.0  # units of the interface around a ghost that still count as over it


def viewport(context: bpy.types.Context) -> Viewport | None:
    """Return the 3D viewport that is drawn, or that the mouse is in."""
    area, region = context.area, context.region
    if area is None or region is None or (area.type, region.type) != ("VIEW_3D", "WINDOW"):
        return None
    return of_context(context)


def pixels(view: Viewport, points: NDArray) -> NDArray:
    """Return where (N, 3) world points are seen in a viewport, (N, 2); NaN behind the viewer."""
    import numpy as np

    from ..core import overlay

    matrix = np.array(view.view.perspective_matrix)
    return overlay.projected(points, matrix, view.region.width, view.region.height)


def takes_keys(context: bpy.types.Context) -> bool:
    """Return whether keys in this viewport decide on what is proposed: in Object Mode, and not
    while an operator of ours waits for the mouse."""
    if context.mode != "OBJECT" or viewport(context) is None:
        return False
    return not any(op.bl_idname.startswith("TUG_OT_") for op in context.window.modal_operators)


def shown_here(context: bpy.types.Context) -> JointJob | ObjectJob | None:
    """Return the proposal that keys in this viewport are about."""
    return runtime.shown_job(context) if takes_keys(context) else None


def is_over(context: bpy.types.Context, job: JointJob, mouse: Pixel) -> bool:
    """Return whether a region's pixel is over the ghost or the glyph of a proposal."""
    import numpy as np

    from ..core import overlay

    view, colors = viewport(context), runtime.preferences()
    if view is None or colors is None:
        return False
    for shown in shown_joints(job, colors):
        ghost = overlay.moved(shown.ghost.edges.reshape(-1, 3), shown.joint, *shown.pose)
        if _holds(view, np.concatenate([ghost, shown.glyph.points]), mouse):
            return True
    return False


def part_under(context: bpy.types.Context, job: ObjectJob, mouse: Pixel) -> int | None:
    """Return the index of the part whose ghost is under a region's pixel, the smallest first."""
    from ..core.geometry import transformed

    view = viewport(context)
    if view is None:
        return None
    found: list[tuple[float, int]] = []
    for index, (ghost, _, pose) in enumerate(shown_parts(job)):
        if _holds(view, transformed(pose, ghost.edges.reshape(-1, 3)), mouse):
            found.append((ghost.size, index))
    return min(found)[1] if found else None


def free_span(context: bpy.types.Context) -> tuple[float, float]:
    """Return from where to where a viewport's lower edge is free, in pixels.

    Toolbar and sidebar cover the rest, and the panel that adjusts the last operation.
    """
    left, right = 0.0, float(context.region.width)
    if not context.preferences.system.use_region_overlap:
        return left, right
    for region in context.area.regions:
        if region.width > 1 and region.type in ("TOOLS", "UI", "HUD"):
            start = region.x - context.region.x
            if region.alignment == "LEFT" or region.type == "HUD":
                left = max(left, start + region.width)
            elif region.alignment == "RIGHT":
                right = min(right, start)
    return left, right


def _holds(view: Viewport, points: NDArray, mouse: Pixel) -> bool:
    from ..core import overlay

    box = overlay.box_on_screen(pixels(view, points), around * drawing.ui_scale())
    return box is not None and box[0] <= mouse[0] <= box[2] and box[1] <= mouse[1] <= box[3]
