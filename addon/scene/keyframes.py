"""Few, editable keys on `tug_open`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import bpy
import numpy as np
from bpy_extras import anim_utils

from ..core import opening
from ..protocol.joint import Joint

Pair = tuple[float, ...]
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


class Key(NamedTuple):
    """A key as it is kept: place and handles (frame, value), and Blender's names of its kinds."""

    co: Pair
    left: Pair
    right: Pair
    left_kind: str = "FREE"
    right_kind: str = "FREE"
    interpolation: str = "BEZIER"


def bezier(rows: Iterable[Iterable[float]]) -> list[Key]:
    """Return keys with free handles from rows: frame, value, and those of both handles."""
    numbers = [tuple(map(float, row)) for row in rows]
    return [Key(row[0:2], row[2:4], row[4:6]) for row in numbers]


def find(obj: bpy.types.Object, path: str, index: int = 0) -> bpy.types.FCurve | None:
    """Return the F-curve of a channel in the object's own action."""
    animation = obj.animation_data
    if animation is None or animation.action is None:
        return None
    channels = anim_utils.action_get_channelbag_for_slot(animation.action, animation.action_slot)
    return channels.fcurves.find(path, index=index) if channels else None


def read(obj: bpy.types.Object, path: str, index: int = 0) -> list[Key]:
    """Return the keys of a channel."""
    curve = find(obj, path, index)
    return [
        Key(
            tuple(point.co),
            tuple(point.handle_left),
            tuple(point.handle_right),
            point.handle_left_type,
            point.handle_right_type,
            point.interpolation,
        )
        for point in (curve.keyframe_points if curve else ())
    ]


def write(obj: bpy.types.Object, path: str, index: int, keys: Sequence[Key]) -> None:
    """Replace the keys of a channel, exactly; without keys the channel goes."""
    if not keys:
        forget(obj, [path], index)
        return
    animation = obj.animation_data_create()
    if animation.action is None:
        animation.action = bpy.data.actions.new(obj.name)
    curve = animation.action.fcurve_ensure_for_datablock(obj, path, index=index)
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys))
    for point, key in zip(points, sorted(keys), strict=True):
        point.interpolation = key.interpolation
        point.handle_left_type, point.handle_right_type = key.left_kind, key.right_kind
    ordered = sorted(keys)
    for name, values in (
        ("co", [key.co for key in ordered]),
        ("handle_left", [key.left for key in ordered]),
        ("handle_right", [key.right for key in ordered]),
    ):
        points.foreach_set(name, np.asarray(values, np.float32).ravel())
    curve.update()


def forget(control: bpy.types.Object, paths: Iterable[str], index: int = 0) -> None:
    """Remove the keys of `paths`, and the action when nothing is left in it."""
    animation = control.animation_data
    if animation is None or animation.action is None:
        return
    action = animation.action
    channels = anim_utils.action_get_channelbag_for_slot(action, animation.action_slot)
    for path in paths if channels else ():
        curve = channels.fcurves.find(path, index=index)
        if curve:
            channels.fcurves.remove(curve)
    if not channels or not len(channels.fcurves):
        animation.action = None
        if not action.users:
            bpy.data.actions.remove(action)
