"""Moving along trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

from .. import (
    animations,
)
from ..animations import Curves
from ..core.names import default_tolerance
from ..handles import (
    AnimateHandle,
)
from ..scene import strokes, trajectories
from ..scene.parts import PartSettings


def trajectory(
    path: bpy.types.Object | Sequence[Sequence[float]],
    target: bpy.types.Object | PartSettings | None = None,
    frames: Sequence[int] | None = None,
    *,
    tolerance: float | None = None,
    closed: bool = False,
) -> bpy.types.Object:
    """Make the way that an object takes: an ordinary curve object that knows what moves, and when.

    Parameters
    ----------
    path
        A curve object, which is used as it is; a grease pencil object, of which the last stroke
        is; or points in world space.
    target
        What moves along it, with its origin on the curve: an object (with what is parented to
        it), an armature, or a part of `obj.tug.parts` that is an object of its own.
    frames
        When it starts and ends; None takes two seconds from the current frame on.
    tolerance
        None goes smoothly through every point; a number fits a curve with few control points
        that strays from them by at most that share of their size. Strokes are always fitted.
    closed
        Whether to come back to the first point.

    Returns
    -------
    Object
        The curve object. `.tug_trajectory` has `target_name`, `frame_start` and `frame_end`.

    Raises
    ------
    TugError
        `bad_input` when that is no way, or the end is not after the start.
    """
    target = animations.whole(target)
    kind = getattr(path, "type", "POINTS")
    if kind not in ("POINTS", "GREASEPENCIL"):
        return trajectories.mark(path, target, frames)
    points: Any = path
    if kind == "GREASEPENCIL":
        points, cyclic = strokes.grease_pencil_stroke(path)
        tolerance, closed = tolerance or default_tolerance, closed or cyclic
    return trajectories.draw(points, target, frames, tolerance=tolerance, closed=closed)


def set_timing(
    curve: bpy.types.Object, timing: str | Sequence[Sequence[float]] = "CONSTANT"
) -> None:
    """Say when something is where on its trajectory, apart from the trajectory's shape.

    Parameters
    ----------
    curve
        A trajectory.
    timing
        `CONSTANT`, `EASE`, `EASE_IN` or `EASE_OUT` between its start and end; or (frame, share
        of the way) pairs, of which the first and last frames become start and end. They are the
        keys of the curve's property `tug_way`, to be edited on the timeline.

    Raises
    ------
    TugError
        `bad_input` when that is no timing.
    """
    animations.set_timing(curve, timing)


def add_joint_step(
    curve: bpy.types.Object,
    joint: bpy.types.Object | str,
    at: str | int,
    open: float = 1.0,
    seconds: float = 1.0,
) -> None:
    """Have a joint of what moves open on the way.

    Parameters
    ----------
    curve
        A trajectory.
    joint
        The part that the joint belongs to: its object, or its name.
    at
        A marker of the timeline by its name, or a frame.
    open
        How far, as `tug_open`: 0 to 1, turns of a wheel.
    seconds
        How long that takes.

    Raises
    ------
    TugError
        `bad_input` when there is no such joint or marker.
    """
    animations.add_step(curve, joint, at, open, seconds)


def animate(curves: Curves, **options: Any) -> AnimateHandle:
    """Ask how objects move along their trajectories; return at once.

    Parameters
    ----------
    curves
        A trajectory (see `trajectory`), or several: then who comes later gives way.
    options
        What is given is kept in the settings of the trajectories: `orientation` (`follow`,
        `bank`, `upright`, `look_at` or `keep`), `look_at` (an object), `forward` (the side that
        looks ahead: `auto`, `track` for Blender's tracking axis, `pos_x` ... `neg_z`),
        `on_ground`, `roll` (wheels), `collisions` (`report`, `avoid` or `ignore`), `tolerance`
        (of the keys, as a share of the object's size), `keep_updated` (follow later edits of
        the curve). `ease` (`constant`, `both`, `in` or `out`) replaces the timing as
        `set_timing` does, `steps` the joint steps: mappings of `part` (its object or name),
        `marker` or `frame`, `open`, and `seconds` or `frames` that it takes. Further fields of
        `AnimateRequest`: `up`, `seed`.

    Returns
    -------
    AnimateHandle
        A `Job`. `.tracks` are the exact motions, `.collisions` what is run into, `.apply()`
        writes few keys. Afterwards the keys follow edits of the curve, its timing and markers.

    Raises
    ------
    TugError
        `bad_input` when something cannot move along a curve, `unreachable` without a backend.
    """
    return AnimateHandle(animations.ask(curves, **options))


def animate_live(curves: Curves, **options: Any) -> tuple[str, ...]:
    """Have objects follow their trajectories by Follow Path constraints, timed by `tug_way`.

    Needs no backend, and follows every edit at once. `options` are those of `animate`.

    Returns
    -------
    tuple of str
        What such a set-up cannot do of what was chosen, in sentences.

    Raises
    ------
    TugError
        `bad_input` when something cannot follow a curve.
    """
    return animations.follow_live(curves, **options)


def remove_animation(curve: bpy.types.Object) -> None:
    """Take out the keys or the constraint that came from a trajectory; what was there is back.

    Raises TugError `bad_input` when it moves nothing.
    """
    animations.take_out(curve)
