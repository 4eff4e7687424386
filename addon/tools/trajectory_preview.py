"""Draws the trajectory that is looked at: its timing along the curve, and a ghost on its way.

What is drawn is kept until something that it depends on changes; a redraw reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import bpy
import gpu
from bpy.app.handlers import persistent
from mathutils import Matrix, Vector

from .. import runtime
from ..scene import animation, timing, trajectories
from . import drawing, trajectory_sketch
from .overlay import ghost_of

if TYPE_CHECKING:
    import numpy as np

    from ..core.trajectory import Path

Timing = tuple[float, float, float, tuple[float, ...]]  # start, end, a second's frames, keys
many = 500  # updates at once that are not looked at one by one
pause = 0.2  # seconds for which a changing shape is left alone
marker_size = 0.03  # of the trajectory, where there is no shape to show


@dataclass
class Preview:
    """A trajectory ready to be drawn; `problem` says in a sentence why there is nothing."""

    path: Path
    timing: Timing
    shares: np.ndarray | None = None
    problem: str = ""
    lines: dict[str, drawing.Lines] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ghost:
    """Edges in the object's own space, and which objects they are of.

    `beside` says whether the origin, which follows the curve, is far off the shape.
    """

    lines: drawing.Lines
    parts: frozenset[int]
    beside: bool


_previews: dict[int, Preview] = {}  # by the curve object's number
_ghosts: dict[int, _Ghost | None] = {}  # by the target's number; None: it has no shape
_sources: dict[int, int] = {}  # the numbers of curve data and objects -> the curve object's
_stale: set[int] = set()
_awaited: set[int] = set()
_slid: tuple[int, int, float] = (0, 0, 0.0)  # trajectory, frame and where the slider was put


def preview_of(obj: bpy.types.Object) -> Preview | None:
    """Return what is known of a trajectory; what is not yet, or has changed, will be read."""
    number = obj.session_uid
    known = _previews.get(number)
    if known is None or number in _stale or known.timing != _timing(obj):
        _later(number, partial(prepare, obj.name), 0.0)
    return known


def prepare(name: str) -> None:
    """Read a trajectory by the name of its object."""
    obj = bpy.data.objects.get(name)
    if not trajectories.is_trajectory(obj):
        return
    number = obj.session_uid
    _sources.update({number: number, obj.data.session_uid: number})
    _previews[number] = _read(obj)
    _stale.discard(number)
    runtime.redraw()


def _read(obj: bpy.types.Object) -> Preview:
    import numpy as np

    from ..core import trajectory
    from ..core.trajectory import Path
    from ..protocol.errors import TugError

    timed = _timing(obj)
    try:
        path = trajectories.path_of(obj)
    except TugError as problem:
        return Preview(Path(np.zeros((1, 3))), timed, problem=problem.error.message)
    preview = Preview(path, timed, trajectories.shares(obj))
    if path.length <= 0.0:
        preview.problem = "The curve has no length; move its points apart."
        return preview
    frames, seconds = trajectory.ticks(path, *timed[:3], preview.shares)
    parts = {"way": trajectory.way(path.points), "frames": frames, "seconds": seconds}
    parts |= {"arrows": trajectory.arrows(path)}
    parts |= {"marker": trajectory.marker(marker_size * path.size)}
    preview.lines = {name: drawing.Lines(segments) for name, segments in parts.items()}
    return preview


def _timing(obj: bpy.types.Object) -> Timing:
    second = trajectories.fps(bpy.context.scene)
    return *trajectories.span_of(obj), second, timing.values(obj)


def prepare_ghost(name: str) -> None:
    """Read the shape of an object by its name, unless it is being worked on just now."""
    obj = bpy.data.objects.get(name)
    if obj is None:
        return
    _ghosts[obj.session_uid] = _read_ghost(obj)
    runtime.redraw()


def _read_ghost(obj: bpy.types.Object) -> _Ghost | None:
    import numpy as np

    from ..core.geometry import transformed
    from ..protocol.errors import TugError
    from ..scene.selection import with_children
    from ..scene.shapes import object_shape

    parts = frozenset(part.session_uid for part in with_children([obj]))
    try:
        shape = object_shape(obj)
        inverse = np.array(obj.matrix_world.inverted(), np.float64)
    except (TugError, ValueError):
        return None
    if not len(shape.faces):
        return None
    edges = transformed(inverse, ghost_of(shape).edges).astype(np.float32)
    if not len(edges):
        return None
    return _Ghost(drawing.Lines(edges), parts, _is_beside(edges))


def _is_beside(edges: np.ndarray) -> bool:
    import numpy as np

    low, high = edges.min(axis=(0, 1)), edges.max(axis=(0, 1))
    off = np.linalg.norm(np.maximum(np.maximum(low, -high), 0.0))
    return bool(off > 0.5 * np.linalg.norm(high - low))


def is_beside(target: bpy.types.Object) -> bool:
    """Return whether an object's shape is known to be far from its origin."""
    ghost = _ghosts.get(target.session_uid)
    return ghost is not None and ghost.beside


def _ghost_for(target: bpy.types.Object) -> _Ghost | None:
    number = target.session_uid
    if number not in _ghosts:
        _ghosts[number] = None
        _later(number, partial(prepare_ghost, target.name), 0.0)
    elif number in _stale and not _busy(target):
        _stale.discard(number)
        _later(number, partial(prepare_ghost, target.name), pause)
    return _ghosts[number]


def _busy(target: bpy.types.Object) -> bool:
    screen = bpy.context.screen
    return target.mode not in ("OBJECT", "POSE") or bool(screen and screen.is_animation_playing)


def _later(number: int, read: partial, seconds: float) -> None:
    """Have something read soon, once, however many redraws ask for it."""
    if number in _awaited or bpy.app.background:
        return
    _awaited.add(number)

    def work() -> None:
        _awaited.discard(number)
        read()

    bpy.app.timers.register(work, first_interval=seconds)


def share(context: bpy.types.Context, obj: bpy.types.Object) -> float:
    """Return how far along the ghost is: where the frame has it, unless the slider was moved."""
    from ..core.timing import share_at

    frame = context.scene.frame_current
    if _slid[:2] == (obj.session_uid, frame):
        return _slid[2]
    preview = _previews.get(obj.session_uid)
    shares = preview.shares if preview else None
    return float(share_at(frame, *trajectories.span_of(obj), shares))


def place(context: bpy.types.Context, obj: bpy.types.Object) -> Vector | None:
    """Return the world point at which the ghost is drawn."""
    preview = preview_of(obj)
    if preview is None or preview.problem:
        return None
    return Vector(preview.path.at(share(context, obj)))


def draw() -> None:
    """Blender's call for each redraw of a viewport."""
    context, colors = bpy.context, runtime.preferences()
    obj = trajectories.shown(context)
    space = context.space_data
    if colors is None or obj is None or trajectory_sketch.drawing_now:
        return
    if space and not space.overlay.show_overlays:
        return
    preview = preview_of(obj)
    if preview is None or preview.problem or not obj.visible_get():
        return
    color = tuple(colors.trajectory_color)
    gpu.state.blend_set("ALPHA")
    if obj.mode == "OBJECT":  # else Blender draws the curve, and points that must be seen
        preview.lines["way"].draw(color, 2.0)
    preview.lines["frames"].draw((*color[:3], 0.6 * color[3]), 1.0)
    for name in ("seconds", "arrows"):
        preview.lines[name].draw(color, 2.0)
    if _shows_ghost(context, obj):
        _draw_ghost(context, obj, preview, colors)
    gpu.state.blend_set("NONE")


def _shows_ghost(context: bpy.types.Context, obj: bpy.types.Object) -> bool:
    """The ghost stands for what is not animated yet, and for where the slider was put."""
    if _slid[:2] == (obj.session_uid, context.scene.frame_current):
        return True
    proposed = runtime.active_animation(context)
    return not (proposed and proposed.result) and not animation.state_of(obj)


def _draw_ghost(context, obj, preview: Preview, colors) -> None:
    target = trajectories.target_of(obj)
    ghost = _ghost_for(target) if target else None
    point = Matrix.Translation(Vector(preview.path.at(share(context, obj))))
    with gpu.matrix.push_pop():
        gpu.matrix.multiply_matrix(point)
        if ghost and target:
            gpu.matrix.multiply_matrix(target.matrix_world.to_3x3().to_4x4())
            ghost.lines.draw(colors.ghost_color, 1.5)
        else:
            preview.lines["marker"].draw(colors.ghost_color, 2.0)


def forget() -> None:
    """Drop everything that was read: another file, or another past."""
    for kept in (_previews, _ghosts, _sources, _stale):
        kept.clear()
    trajectories.forget()


@persistent
def scene_changed(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Note what has changed of what is drawn; nothing is read here."""
    if depsgraph.id_type_updated("SCENE") or depsgraph.id_type_updated("COLLECTION"):
        trajectories.forget()
    frame_changed(_scene, depsgraph)


@persistent
def frame_changed(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Note what is animated of what is drawn."""
    if not _sources and not _ghosts:
        return
    if len(depsgraph.updates) > many:
        _stale.update(_previews)
        return
    for update in depsgraph.updates:
        _note(update)


@persistent
def started_anew(*_: object) -> None:
    """A file was opened, or an undo step taken."""
    forget()


def _note(update: bpy.types.DepsgraphUpdate) -> None:
    number = update.id.original.session_uid
    if number in _sources:
        _stale.add(_sources[number])
    if update.is_updated_geometry:
        _stale.update(target for target, ghost in _ghosts.items() if _is_of(number, target, ghost))


def _is_of(number: int, target: int, ghost: _Ghost | None) -> bool:
    return number == target or (ghost is not None and number in ghost.parts)


def _along(_manager: bpy.types.WindowManager) -> float:
    obj = trajectories.shown(bpy.context)
    return share(bpy.context, obj) if obj else 0.0


def _slide(_manager: bpy.types.WindowManager, value: float) -> None:
    global _slid
    obj = trajectories.shown(bpy.context)
    if obj:
        _slid = obj.session_uid, bpy.context.scene.frame_current, value
        runtime.redraw()


_layer = drawing.Layer(draw)
_handlers = {
    "depsgraph_update_post": scene_changed,
    "frame_change_post": frame_changed,
    "load_post": started_anew,
    "undo_post": started_anew,
    "redo_post": started_anew,
}


def register() -> None:
    bpy.types.WindowManager.tug_along = bpy.props.FloatProperty(
        name="Along",
        description="Preview what moves somewhere on its way; changes nothing, and follows the "
        "timeline again when that moves",
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        options={"SKIP_SAVE"},
        get=_along,
        set=_slide,
    )
    for event, handler in _handlers.items():
        getattr(bpy.app.handlers, event).append(handler)
    _layer.show()


def unregister() -> None:
    _layer.hide()
    for event, handler in _handlers.items():
        getattr(bpy.app.handlers, event).remove(handler)
    del bpy.types.WindowManager.tug_along
    forget()
