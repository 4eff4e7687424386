"""Draws where objects were found to stand: ghosts, what touches, what is inside, the support."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import bpy
import gpu
from bpy.app.handlers import persistent
from mathutils import Matrix

from .. import runtime
from ..core import keys
from . import deciding, drawing, legend

if TYPE_CHECKING:
    from ..core.jobs import PlaceJob

support_color = (1.0, 1.0, 1.0, 1.0)
unsteady_color = (1.0, 0.25, 0.15, 1.0)


@dataclass(frozen=True)
class Shown:
    """What is drawn of one item, sent to the graphics card once; `edges` in its own frame."""

    edges: drawing.Lines
    place: Matrix
    spots: drawing.Colored
    support: drawing.Lines
    drop: drawing.Lines
    steady: bool
    locked: bool


_shown: dict[str, list[Shown]] = {}  # by job; empty while it is being read


def forget() -> None:
    """Drop what may have changed; it is read again when needed."""
    _shown.clear()


def waiting(context: bpy.types.Context) -> PlaceJob | None:
    """Return the newest answered question for places while nobody has decided on it."""
    from .. import placements

    job = runtime.newest_place_job()
    return job if job and not placements.is_accepted(job) else None


def draw() -> None:
    """Blender's call for each redraw of a viewport."""
    job, colors = runtime.newest_place_job(), runtime.preferences()
    if job is None or colors is None:
        return
    context = bpy.context
    decided = waiting(context) is None
    space = context.space_data
    hidden = space and space.type == "VIEW_3D" and not space.overlay.show_overlays
    if hidden or (decided and not context.scene.tug_placing.overlay):
        return
    gpu.state.blend_set("ALPHA")
    for item in _known(job):
        _draw_item(item, not decided and not item.locked, tuple(colors.ghost_color))
    gpu.state.blend_set("NONE")


def _draw_item(item: Shown, ghost: bool, color: drawing.Color) -> None:
    if ghost:
        with gpu.matrix.push_pop():
            gpu.matrix.multiply_matrix(item.place)
            item.edges.draw(color, 1.5, halo=True)
    item.spots.draw()
    mark = support_color if item.steady else unsteady_color
    item.support.draw(mark, 2.0, halo=True)
    item.drop.draw(mark, 2.0, halo=True)


def _known(job: PlaceJob) -> list[Shown]:
    """Return what is known of a job; else have it read, which no redraw may do."""
    if job.id not in _shown:
        _shown[job.id] = []
        bpy.app.timers.register(partial(prepare, job), first_interval=0.0)
    return _shown[job.id]


def prepare(job: PlaceJob) -> None:
    """Read the shapes that a job is about."""
    from .. import placements
    from ..protocol.errors import TugError

    try:
        items = placements.objects_of(job)
        _shown[job.id] = [_read(job, index, obj) for index, obj in enumerate(items)]
    except TugError:
        return  # the panel says what is wrong with it
    runtime.redraw()


def _read(job: PlaceJob, index: int, obj: bpy.types.Object) -> Shown:
    import numpy as np

    from .. import placements
    from ..core.geometry import transformed
    from ..core.placing import drawn, middle_of_mass
    from ..scene.parenting import inverted, world
    from ..scene.shapes import object_shape
    from .overlay import ghost_of

    placement, place = job.placements[index], placements.place_of(job, index)
    shape = object_shape(obj)
    back = inverted(world(obj), obj)
    edges, mass = np.zeros((0, 2, 3), np.float32), np.zeros(3)
    if len(shape.faces):
        edges = transformed(back, ghost_of(shape).edges).astype(np.float32)
        mass = transformed(place @ back, middle_of_mass(*shape))
    seen = drawn(job.heats[index], placement.size, mass)
    return Shown(
        edges=drawing.Lines(edges),
        place=Matrix(place.tolist()),
        spots=drawing.Colored(seen.spots, seen.colors),
        support=drawing.Lines(seen.support),
        drop=drawing.Lines(seen.drop),
        steady=placement.stability >= 0.0,
        locked=job.request.items[index].locked,
    )


def draw_words() -> None:
    """Say which keys decide, while a place waits for that and no joint does."""
    context = bpy.context
    if runtime.newest_place_job() is None or not deciding.takes_keys(context):
        return
    if waiting(context) is None or runtime.shown_job(context):
        return
    legend.tell(context, keys.of_place_or_motion)


@persistent
def _past_changed(*_: object) -> None:
    forget()


_layers = (drawing.Layer(draw), drawing.Layer(draw_words, "POST_PIXEL"))
_events = ("load_post", "undo_post", "redo_post")


def register() -> None:
    for event in _events:
        getattr(bpy.app.handlers, event).append(_past_changed)
    for layer in _layers:
        layer.show()


def unregister() -> None:
    for layer in _layers:
        layer.hide()
    for event in _events:
        getattr(bpy.app.handlers, event).remove(_past_changed)
    forget()
