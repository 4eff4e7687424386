"""Puts the keys of a motion into the scene, and takes them out again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from . import animation, controls, keyframes, trajectories
from .drivers import property_name, property_path
from .identity import find, identify
from .keyframes import Key
from .parenting import basis

rotation_paths = {"quaternion": "rotation_quaternion"}
edge = 1e-3  # frames by which a key may be beside the range that is replaced
own = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle")


class Channel(NamedTuple):
    """The keys (K, 6) of one number on an object."""

    holder: bpy.types.Object
    path: str
    number: int
    keys: NDArray[np.float64]


def channel(
    target: bpy.types.Object, path: str, index: int, keys: NDArray, rotation: str
) -> Channel:
    """Return what moves the target itself."""
    named = rotation_paths.get(rotation, "rotation_euler") if path == "rotation" else path
    return Channel(target, named, index, keys)


def joint_channel(
    uid: str, bone: str, keys: NDArray[np.float64], low: float, high: float
) -> Channel:
    """Return what opens a joint whose limits are `low` and `high` in its own unit.

    Raises TugError `bad_input` when the joint was removed since.
    """
    control = find(uid)
    known = control is not None and controls.at(control, bone) is not None
    target = controls.target(control, bone) if control is not None and known else None
    if control is None or target is None or property_name not in target:
        raise failure(
            "bad_input", "A joint of the motion was removed since it was computed; ask again."
        )
    opened = np.array(keys, np.float64)
    opened[:, 1::2] = (opened[:, 1::2] - low) / ((high - low) or 1.0)
    return Channel(control, property_path(target), 0, opened)


def put(curve: bpy.types.Object, target: bpy.types.Object, channels: Sequence[Channel]) -> bool:
    """Write the keys; what is in their frames is replaced, what is beside them stays.

    Returns whether keys were replaced. What was there is noted on the curve for `take_out`.
    """
    check(target, *(channel.holder for channel in channels))
    frames = _frames(curve, channels)
    former = describe(target)
    former |= {"frames": frames, "channels": [], "open": []}
    if target.rotation_mode == "AXIS_ANGLE":
        target.rotation_mode = "QUATERNION"
    for item in channels:
        before = keyframes.read(item.holder, item.path, item.number)
        within = [key for key in before if _is_within(key, frames)]
        former["channels"].append([identify(item.holder), item.path, item.number, within])
        if item.path not in own:
            former["open"].append([identify(item.holder), item.path, _value(item)])
        kept = [key for key in before if not _is_within(key, frames)]
        keyframes.write(item.holder, item.path, item.number, [*kept, *keyframes.bezier(item.keys)])
    settings = curve.tug_animation
    settings.state, settings.owner = "KEYS", identify(curve)
    settings.former = json.dumps(former)
    _show(target, *(channel.holder for channel in channels))
    return any(entry[3] for entry in former["channels"])


def take_out(curve: bpy.types.Object) -> None:
    """Take the keys out, bring back those that they replaced, and where things were."""
    former = json.loads(curve.tug_animation.former)
    animation.forget(curve)
    holders = [restore_keys(entry, former["frames"]) for entry in former["channels"]]
    target = find(former["target"])
    for uid, path, value in former["open"]:
        control = find(uid)
        if control is not None:
            _set(control, path, value)
    if target is not None:
        put_back(target, former)
        _show(target, *(holder for holder in holders if holder is not None))


def restore_keys(entry: list[Any], frames: Sequence[float]) -> bpy.types.Object | None:
    """Replace the keys of a channel within the frames by the former ones."""
    uid, path, index, within = entry
    holder = find(uid)
    if holder is None:
        return None
    present = keyframes.read(holder, path, index)
    kept = [key for key in present if not _is_within(key, frames)]
    former = [Key(tuple(co), tuple(low), tuple(high), *more) for co, low, high, *more in within]
    keyframes.write(holder, path, index, [*kept, *former])
    return holder


def describe(target: bpy.types.Object) -> dict[str, Any]:
    """Return where an object is by its own channels, as plain data."""
    return {
        "target": identify(target),
        "basis": basis_of(target).tolist(),
        "mode": target.rotation_mode,
        **{path: list(getattr(target, path)) for path in own},
    }


def basis_of(target: bpy.types.Object) -> NDArray[np.float64]:
    """Return the object's own channels as (4, 4)."""
    bpy.context.view_layer.update()
    return basis(target)


def put_back(target: bpy.types.Object, former: dict[str, Any]) -> None:
    """Have an object's own channels be as they were."""
    target.rotation_mode = former["mode"]
    for path in own:
        setattr(target, path, former[path])


def check(*objects: bpy.types.Object) -> None:
    """Raise TugError `bad_input` where keys cannot be written."""
    for obj in objects:
        if obj.library:
            raise failure(
                "bad_input",
                f"'{obj.name}' is linked; make a library override or a local copy of it.",
            )
        action = obj.animation_data.action if obj.animation_data else None
        if action and action.library:
            raise failure(
                "bad_input", f"The action '{action.name}' is linked; make it local first."
            )


def _frames(curve: bpy.types.Object, channels: Sequence[Channel]) -> tuple[float, float]:
    start, end = trajectories.span_of(curve)
    keyed = [item.keys[[0, -1], 0] for item in channels if len(item.keys)]
    return (
        min([start, *(float(ends[0]) for ends in keyed)]),
        max([end, *(float(ends[1]) for ends in keyed)]),
    )


def _is_within(key: Key, frames: Sequence[float]) -> bool:
    return frames[0] - edge <= key.co[0] <= frames[1] + edge


def _value(item: Channel) -> float:
    return float(item.holder.path_resolve(item.path))


def _set(control: bpy.types.Object, path: str, value: float) -> None:
    """Write a custom property by its path, on the object or one of its bones."""
    holder, _, name = path.rpartition("[")
    target = control.path_resolve(holder) if holder else control
    target[name.strip('"]')] = value
    control.update_tag()


def _show(*objects: bpy.types.Object) -> None:
    for obj in objects:
        obj.update_tag(refresh={"OBJECT", "TIME"})
    bpy.context.view_layer.update()
