"""The timing of a trajectory: a keyed property of its curve object, 0 to 1 of the way behind.

Its keys on the timeline are the time handles, its slope in the Graph Editor is the speed.
Without keys the motion is steady between the frames of the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy_extras import anim_utils

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.timing import Keys, Preset

way_name = "tug_way"
way_path = f'["{way_name}"]'
whole = 1e-3  # frames apart that count as one
most_samples = 20_000


def curve_of(obj: bpy.types.Object) -> bpy.types.FCurve | None:
    """Return the F-curve of the timing, if it has two keys or more."""
    animation = obj.animation_data
    if animation is None or animation.action is None:
        return None
    slot = animation.action_slot
    channels = anim_utils.action_get_channelbag_for_slot(animation.action, slot)
    curve = channels.fcurves.find(way_path) if channels else None
    return curve if curve and len(curve.keyframe_points) > 1 else None


def span(obj: bpy.types.Object) -> tuple[float, float] | None:
    """Return the frames of the first and the last key."""
    curve = curve_of(obj)
    if curve is None:
        return None
    start, end = (curve.keyframe_points[index].co[0] for index in (0, -1))
    return (start, end) if end > start else None


def values(obj: bpy.types.Object) -> tuple[float, ...]:
    """Return what the timing is made of, cheap to compare."""
    curve = curve_of(obj)
    if curve is None:
        return ()
    return tuple(
        number
        for key in curve.keyframe_points
        for number in (*key.co, *key.handle_left, *key.handle_right, hash(key.interpolation))
    )


def set_preset(obj: bpy.types.Object, name: Preset, start: float, end: float) -> None:
    """Replace the keys by two that go from start to end as the preset says."""
    from ..core.timing import preset

    write(obj, preset(name, start, end))


def add_key(obj: bpy.types.Object, frame: float, start: float, end: float) -> None:
    """Add a time handle at a frame; when things are where stays as it was."""
    from ..core.timing import preset, with_key

    keys = read(obj)
    write(obj, with_key(preset("CONSTANT", start, end) if keys is None else keys, frame))


def read(obj: bpy.types.Object) -> Keys | None:
    """Return the keys, (K, 6) with straight handles where they are no Bezier keys."""
    import numpy as np

    curve = curve_of(obj)
    if curve is None:
        return None
    keys = np.array(
        [[*key.co, *key.handle_left, *key.handle_right] for key in curve.keyframe_points]
    )
    for index, key in enumerate(curve.keyframe_points):
        if key.interpolation != "BEZIER" and index + 1 < len(keys):
            step = (keys[index + 1, :2] - keys[index, :2]) / 3.0
            keys[index, 4:6] = keys[index, :2] + step
            keys[index + 1, 2:4] = keys[index + 1, :2] - step
    return keys


def write(obj: bpy.types.Object, keys: Keys) -> None:
    """Replace the keys of the timing."""
    from . import keyframes

    _add_property(obj)
    keyframes.write(obj, way_path, 0, keyframes.bezier(keys))
    obj.update_tag()


def rescale(obj: bpy.types.Object, former: tuple[float, float], now: tuple[float, float]) -> None:
    """Have the keys of a motion that went from frame to frame do so from others."""
    curve = curve_of(obj)
    if curve is None or former == now:
        return
    stretch = (now[1] - now[0]) / max(former[1] - former[0], whole)
    for key in curve.keyframe_points:
        for point in (key.handle_left, key.co, key.handle_right):
            point[0] = now[0] + (point[0] - former[0]) * stretch
    curve.update()
    obj.update_tag()


def samples(obj: bpy.types.Object, start: float, end: float) -> NDArray | None:
    """Return how much of the way is behind at evenly spaced times, a frame or less apart."""
    import numpy as np

    curve = curve_of(obj)
    if curve is None:
        return None
    count = max(2, min(most_samples, int(np.ceil(end - start - whole)) + 1))
    found = [curve.evaluate(float(frame)) for frame in np.linspace(start, end, count)]
    return np.clip(np.nan_to_num(np.array(found, np.float64)), 0.0, 1.0)


def clear(obj: bpy.types.Object) -> None:
    """Take keys and property away."""
    from . import keyframes

    keyframes.forget(obj, [way_path])
    if way_name in obj:
        del obj[way_name]


def _add_property(obj: bpy.types.Object) -> None:
    if way_name in obj:
        return
    obj[way_name] = 0.0
    obj.id_properties_ui(way_name).update(
        min=0.0,
        max=1.0,
        soft_min=0.0,
        soft_max=1.0,
        default=0.0,
        description="How much of the way is behind, 0 to 1; its curve is the speed",
    )
