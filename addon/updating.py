"""Notices that an animated trajectory was edited, and has its animation follow.

Nothing is read while Blender redraws: what changed is noted, and looked at a moment later.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from . import runtime
from .scene import animation, trajectories

if TYPE_CHECKING:
    from .core.jobs import AnimateJob

pause = 0.3  # seconds for which an edit is left alone
interval = 0.2
moving = ("TRANSFORM_OT_", "TUG_OT_", "CURVE_OT_", "GRAPH_OT_", "ACTION_OT_", "MARKER_OT_")

_watched: dict[int, str] | None = None  # numbers of data -> name of the curve; None: not known
_edited: dict[str, float] = {}  # names of curves, and when
_outdated: set[str] = set()
_failed: dict[str, str] = {}  # by the curve's name, what could not be animated
_markers: tuple[object, ...] = ()
_deaf = 0


@contextmanager
def unheard() -> Iterator[None]:
    """Let what is done here for a moment be no edit."""
    global _deaf
    _deaf += 1
    try:
        yield
    finally:
        _deaf -= 1


def doubt() -> None:
    """Animations came or went, or another past is here: look at all of them once."""
    global _watched
    _watched = None
    trajectories.forget()
    _outdated.clear()
    _failed.clear()
    for curve in animated():
        _edited.setdefault(curve.name, 0.0)
    _wake()


def animated() -> list[bpy.types.Object]:
    """Return the trajectories that move something."""
    if not trajectories.any_in_file():
        return []
    return [obj for obj in bpy.data.objects if trajectories.is_trajectory(obj) and _state(obj)]


def is_outdated(curve: bpy.types.Object) -> bool:
    """Return whether what is in the scene is known to differ from the curve."""
    return curve.name in _outdated


def under_way(curve: bpy.types.Object) -> AnimateJob | None:
    """Return the question that will replace what is in the scene."""
    from .core.jobs import AnimateJob

    uid = curve.tug.uid
    waiting = (job for job in runtime.book if isinstance(job, AnimateJob) and not job.finished)
    return next((job for job in waiting if job.lands and uid in job.curves), None)


@persistent
def scene_changed(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Note which animated trajectories were touched; costs nothing where there is none."""
    if _deaf or not (_numbers() if _watched is None else _watched):
        return
    touched = {update.id.original.session_uid for update in depsgraph.updates} & _numbers().keys()
    for number in touched:
        _edited[_numbers()[number]] = time.monotonic()
    if touched:
        _wake()


def tick() -> float | None:
    """Look at what was edited and is left alone now; return when to look again, if at all."""
    _look_at_markers()
    if not _edited and not _outdated:
        return None
    if is_busy():
        return interval
    now = time.monotonic()
    for name in [name for name, when in _edited.items() if now - when >= pause]:
        del _edited[name]
        _look_at(name)
    for name in sorted(_outdated):
        _bring_up_to_date(name)
    return interval if _edited else None


def _look_at(name: str) -> None:
    from .protocol.errors import TugError
    from .scene.movers import source_of

    curve = bpy.data.objects.get(name)
    _outdated.discard(name)
    if curve is None or not trajectories.is_trajectory(curve) or not _state(curve):
        return
    try:
        source = source_of(curve, bpy.context.scene)
    except TugError as problem:
        source = problem.error.message
    if source != curve.tug_animation.source:
        _outdated.add(name)
        if _failed.get(name) != source:
            _failed.pop(name, None)
        runtime.redraw()


def _bring_up_to_date(name: str) -> None:
    from . import animations
    from .protocol.errors import TugError
    from .scene.movers import source_of

    curve = bpy.data.objects.get(name)
    if curve is None or not trajectories.is_trajectory(curve) or not _state(curve):
        _outdated.discard(name)
        return
    live = _state(curve) == "LIVE"
    if name in _failed or not curve.tug_animation.keep_updated:
        return
    if not live and not runtime.session().connected:
        return
    try:
        source = source_of(curve, bpy.context.scene)
        job = under_way(curve)
        if job and job.digests[job.curves.index(curve.tug.uid)] == source:
            return
        _failed[name] = source  # until it is in the scene, or edited again
        animations.update(curve)
    except TugError as problem:
        _failed[name] = problem.error.message
    runtime.redraw()


def is_busy() -> bool:
    """Return whether something is being moved with the mouse, or played, just now."""
    return any(
        window.screen.is_animation_playing
        or any(operator.bl_idname.startswith(moving) for operator in window.modal_operators)
        for window in bpy.context.window_manager.windows
    )


def _state(curve: bpy.types.Object) -> str:
    return animation.state_of(curve)


def _numbers() -> dict[int, str]:
    global _watched
    if _watched is None:
        _watched = {}
        for curve in animated():
            action = curve.animation_data.action if curve.animation_data else None
            for data in (curve, curve.data, *([action] if action else [])):
                _watched[data.session_uid] = curve.name
    return _watched


def _look_at_markers() -> None:
    """Markers tell nobody that they were moved."""
    global _markers
    if not _numbers():
        return
    scene = bpy.context.scene
    fps = trajectories.fps(scene)
    now = fps, *((marker.name, marker.frame) for marker in scene.timeline_markers)
    if now != _markers:
        for curve in animated() if _markers else ():
            _edited[curve.name] = time.monotonic()
        _markers = now


def _work() -> float | None:
    return tick()


def _wake() -> None:
    if not bpy.app.background and not bpy.app.timers.is_registered(_work):
        bpy.app.timers.register(_work, first_interval=pause)


def register() -> None:
    bpy.app.handlers.depsgraph_update_post.append(scene_changed)


def unregister() -> None:
    bpy.app.handlers.depsgraph_update_post.remove(scene_changed)
    if bpy.app.timers.is_registered(_work):
        bpy.app.timers.unregister(_work)
