"""Trajectories: ordinary curve objects that know what moves along them, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty, PointerProperty, StringProperty

from . import timing
from .identity import find, identify
from .parts import overridable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..core.trajectory import Path

Frames = tuple[int, int]
default_seconds = 2.0
_by_target: dict[str, list[str]] | None = None  # uid -> names of trajectories; None: not known


def _target_name(settings: TrajectorySettings) -> str:
    target = target_of(settings.id_data)
    return target.name if target else ""


def _set_target_name(settings: TrajectorySettings, name: str) -> None:
    target = bpy.data.objects.get(name)
    if target != settings.id_data:
        settings.target = identify(target) if target else ""
        forget()


def _start(settings: TrajectorySettings) -> int:
    return round(span_of(settings.id_data)[0])


def _end(settings: TrajectorySettings) -> int:
    start, end = span_of(settings.id_data)
    return max(round(end), round(start) + 1)


def _set_start(settings: TrajectorySettings, frame: int) -> None:
    set_frames(settings.id_data, frame, max(_end(settings), frame + 1))


def _set_end(settings: TrajectorySettings, frame: int) -> None:
    set_frames(settings.id_data, min(_start(settings), frame - 1), frame)


class TrajectorySettings(bpy.types.PropertyGroup):
    """On a curve object: that it is a trajectory, of what, and from when to when."""

    is_trajectory: BoolProperty(override=overridable)
    drawn: BoolProperty(
        description="Whether Tug made the curve, so that it goes with the trajectory",
        override=overridable,
    )
    target: StringProperty(override=overridable)
    target_name: StringProperty(
        name="Object",
        description="What moves along the curve",
        get=_target_name,
        set=_set_target_name,
    )
    frame_start: IntProperty(
        name="Start Frame",
        description="When the motion begins; the end is kept after it",
        get=_start,
        set=_set_start,
    )
    frame_end: IntProperty(
        name="End Frame",
        description="When the motion ends; the start is kept before it",
        get=_end,
        set=_set_end,
    )
    start: IntProperty(default=1, override=overridable)
    end: IntProperty(default=49, override=overridable)


def draw(
    stroke: ArrayLike,
    target: bpy.types.Object | None,
    frames: Sequence[int] | None = None,
    *,
    tolerance: float | None = None,
    closed: bool = False,
    scene: bpy.types.Scene | None = None,
) -> bpy.types.Object:
    """Add a trajectory of (N, 3) world points and return its curve object.

    With a `tolerance`, a share of the stroke's size, the curve is a fit that stays within it;
    without, it goes smoothly through every point. Raises TugError `bad_input`.
    """
    import numpy as np

    from ..core.fitting import fit
    from ..core.strokes import cleaned
    from . import curves

    scene = scene or bpy.context.scene
    frames = checked_frames(frames, scene)
    if tolerance is None:
        points = cleaned(stroke)
        points = points[:-1] if closed and np.array_equal(points[0], points[-1]) else points
        obj = curves.add_through("Trajectory", points, closed, scene)
    else:
        obj = curves.add("Trajectory", fit(stroke, tolerance, closed), scene)
    obj.tug_trajectory.drawn = True
    return _marked(obj, target, frames)


def mark(
    obj: bpy.types.Object,
    target: bpy.types.Object | None,
    frames: Sequence[int] | None = None,
    scene: bpy.types.Scene | None = None,
) -> bpy.types.Object:
    """Make an existing curve object a trajectory; the curve itself stays as it is.

    Raises TugError `bad_input`.
    """
    from ..protocol.errors import failure

    if obj.type != "CURVE":
        raise failure("bad_input", f"'{obj.name}' is no curve; convert it to a curve first.")
    if obj.library:
        raise failure(
            "bad_input", f"'{obj.name}' is linked; make a library override or a local copy of it."
        )
    if path_of(obj).length <= 0.0:
        raise failure("bad_input", f"'{obj.name}' has no length; give it points that are apart.")
    return _marked(obj, target, checked_frames(frames, scene or bpy.context.scene))


def remove(obj: bpy.types.Object) -> None:
    """Take a trajectory away: the curve too if Tug made it, else only its settings."""
    if obj.tug_trajectory.drawn:
        timing.clear(obj)
        data = obj.data
        bpy.data.objects.remove(obj)
        if not data.users:
            bpy.data.curves.remove(data)
    else:
        timing.clear(obj)
        for name in ("is_trajectory", "target", "start", "end"):
            obj.tug_trajectory.property_unset(name)
    forget()


def checked_frames(frames: Sequence[int] | None, scene: bpy.types.Scene) -> Frames:
    """Return (start, end); by default from the current frame on for two seconds."""
    from ..protocol.errors import failure

    if frames is None:
        return scene.frame_current, scene.frame_current + round(default_seconds * fps(scene))
    try:
        start, end = (int(frame) for frame in frames)
    except (TypeError, ValueError):
        raise failure("bad_input", "Frames are two whole numbers: start and end.") from None
    if end <= start:
        raise failure(
            "bad_input", f"The end frame {end} is not after the start frame {start}; make it later."
        )
    return start, end


def span_of(obj: bpy.types.Object) -> tuple[float, float]:
    """Return when the motion begins and ends: at the first and last time handle."""
    settings = obj.tug_trajectory
    return timing.span(obj) or (settings.start, settings.end)


def set_frames(obj: bpy.types.Object, start: int, end: int) -> None:
    """Have the motion go from frame to frame; the time handles between them go along."""
    timing.rescale(obj, span_of(obj), (start, end))
    settings = obj.tug_trajectory
    settings.start, settings.end = start, end


def shares(obj: bpy.types.Object) -> NDArray | None:
    """Return how much of the way is behind from start to end, evenly spaced; None: steady."""
    return timing.samples(obj, *span_of(obj))


def fps(scene: bpy.types.Scene) -> float:
    """Return the scene's frames per second."""
    return scene.render.fps / (scene.render.fps_base or 1.0)


def path_of(obj: bpy.types.Object) -> Path:
    """Return the way along a curve's longest spline. Raises TugError when there is none."""
    from ..core.trajectory import Path
    from ..protocol.errors import failure
    from . import curves

    splines = curves.read(obj)
    if not splines:
        raise failure("bad_input", f"The curve of '{obj.name}' has no points; add some to it.")
    return Path(splines[0].points)


def reverse(obj: bpy.types.Object) -> None:
    """Have the motion go the other way along the curve. Raises TugError `bad_input`."""
    from . import curves

    splines = curves.read(obj)
    if splines:
        curves.reverse(obj, splines[0].spline)


def is_trajectory(obj: bpy.types.Object | None) -> bool:
    """Return whether an object is a trajectory's curve."""
    return obj is not None and obj.type == "CURVE" and obj.tug_trajectory.is_trajectory


def target_of(obj: bpy.types.Object) -> bpy.types.Object | None:
    """Return what moves along a trajectory; None when nothing was chosen, or it was deleted."""
    return find(obj.tug_trajectory.target)


def shown(context: bpy.types.Context) -> bpy.types.Object | None:
    """Return the trajectory that is looked at: the active one, or the active object's newest."""
    obj = context.active_object
    if obj is None or is_trajectory(obj):
        return obj
    found = of_target(obj)
    return found[-1] if found else None


def required(context: bpy.types.Context) -> bpy.types.Object:
    """Return what `shown` does. Raises TugError `bad_input` when there is none."""
    from ..protocol.errors import failure

    obj = shown(context)
    if obj is None:
        raise failure("bad_input", "Select a trajectory, or an object that has one, first.")
    return obj


def of_target(obj: bpy.types.Object) -> list[bpy.types.Object]:
    """Return the trajectories of an object, the newest last."""
    names = _known().get(obj.tug.uid, ()) if obj.tug.uid else ()
    found = [bpy.data.objects.get(name) for name in names]
    return [curve for curve in found if is_trajectory(curve)]


def any_in_file() -> bool:
    """Return whether the file has any trajectory."""
    return bool(_known())


def forget() -> None:
    """Trajectories came, went, or are for something else: look for them again."""
    global _by_target
    _by_target = None


def _known() -> dict[str, list[str]]:
    global _by_target
    if _by_target is None:
        found = sorted(filter(is_trajectory, bpy.data.objects), key=lambda obj: obj.session_uid)
        _by_target = {}
        for obj in found:
            _by_target.setdefault(obj.tug_trajectory.target, []).append(obj.name)
    return _by_target


def _marked(
    obj: bpy.types.Object, target: bpy.types.Object | None, frames: Frames
) -> bpy.types.Object:
    settings = obj.tug_trajectory
    settings.is_trajectory = True
    settings.target = identify(target) if target and target != obj else ""
    set_frames(obj, *frames)
    if timing.curve_of(obj) is None:
        timing.set_preset(obj, "CONSTANT", *frames)
    forget()
    return obj


def register() -> None:
    bpy.utils.register_class(TrajectorySettings)
    bpy.types.Object.tug_trajectory = PointerProperty(type=TrajectorySettings, override=overridable)


def unregister() -> None:
    del bpy.types.Object.tug_trajectory
    bpy.utils.unregister_class(TrajectorySettings)
    forget()
