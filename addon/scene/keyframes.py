"""Few, editable keys on `tug_open`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy
import numpy as np
from bpy_extras import anim_utils

from ..core import opening
from ..protocol.joint import Joint

Keys = Sequence[tuple[float, float]]


def there_and_back(joint: Joint, start: float, length: float) -> Keys:
    """Return (frame, open) keys: rest, open, rest; one turn for a `continuous` joint.

    A `fixed` joint gets none.
    """
    if joint.type == "fixed":
        return []
    if joint.type == "continuous":
        return [(start, 0.0), (start + length, 1.0)]
    rest = opening.rest(joint)
    return [(start, rest), (start + length / 2, opening.farthest(joint)), (start + length, rest)]


def key(control: bpy.types.Object, path: str, keys: Keys) -> None:
    """Replace the keys of `path` on `control` by (frame, value) pairs, smooth and unbaked."""
    animation = control.animation_data_create()
    if animation.action is None:
        animation.action = bpy.data.actions.new(control.name)
    # On 4.5 as on 5.x this makes layer, strip and slot where they are missing.
    curve = animation.action.fcurve_ensure_for_datablock(control, path)
    curve.keyframe_points.clear()
    curve.keyframe_points.add(len(keys))
    curve.keyframe_points.foreach_set("co", np.asarray(keys, np.float32).ravel())
    for point in curve.keyframe_points:
        point.interpolation = "BEZIER"
        point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
    curve.update()


def forget(control: bpy.types.Object, paths: Iterable[str]) -> None:
    """Remove the keys of `paths`, and the action when nothing is left in it."""
    animation = control.animation_data
    if animation is None or animation.action is None:
        return
    action = animation.action
    channels = anim_utils.action_get_channelbag_for_slot(action, animation.action_slot)
    for path in paths if channels else ():
        curve = channels.fcurves.find(path)
        if curve:
            channels.fcurves.remove(curve)
    if not channels or not len(channels.fcurves):
        animation.action = None
        if not action.users:
            bpy.data.actions.remove(action)
