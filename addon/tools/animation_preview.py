"""Draws a proposed motion: ghosts along the way, the line of the pivot, collisions in red."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import bpy
import gpu
from mathutils import Matrix

from .. import runtime
from ..core import keys
from ..scene.units import length
from . import deciding, drawing, legend
from .drawing import Color
from .overlay import ghost_of

if TYPE_CHECKING:
    import numpy as np

    from ..animations import Motion
    from ..core.jobs import AnimateJob
    from ..protocol.animation import Collision, Mover

most_ghosts = 9
letters, above = 13.0, 46.0  # units of the interface
red: Color = (1.0, 0.16, 0.12, 1.0)
light_red: Color = (1.0, 0.55, 0.5, 1.0)


@dataclass
class _Track:
    """One mover ready to be drawn: edges of each link where it was sent, and its motion."""

    mover: Mover
    motion: Motion
    links: list[drawing.Lines]
    line: np.ndarray
    drawn_line: drawing.Lines
    frames: list[int]

    def poses(self, index: int) -> np.ndarray:
        from ..core.solved import link_poses

        index = min(max(index, 0), len(self.motion.poses) - 1)
        return link_poses(self.mover.links, self.motion.poses[index], self.motion.joints[index])


_tracks: dict[str, list[_Track]] = {}  # by job; none while they are being read


def shown(context: bpy.types.Context) -> AnimateJob | None:
    """Return the proposed motion that is on show."""
    job = runtime.active_animation(context)
    return job if job and job.result else None


def prepare(job: AnimateJob) -> None:
    """Read the shapes and motions of a job."""
    from ..protocol.errors import TugError

    try:
        _tracks[job.id] = _read(job)
    except TugError:
        return  # the panel says what is wrong
    runtime.redraw()


def _read(job: AnimateJob) -> list[_Track]:
    from .. import animations, updating
    from ..core.solved import pivot_line, shown_frames
    from ..core.trajectory import way
    from ..protocol.blobs import describe
    from ..scene import following
    from ..scene.movers import gather_movers, subjects_of
    from ..scene.shapes import shape_of

    with updating.unheard(), following.without_live(animations.targets_of(job)):
        subjects = subjects_of(animations.curves_of(job))
        found = gather_movers(subjects, bpy.context.scene, alone=True)
    arrays = {describe(array).digest: array for array in found.arrays}
    tracks = []
    motions = animations.motions(job)
    for mover, own, motion in zip(job.request.movers, found.movers, motions, strict=True):
        shapes = [
            shape_of(found.geometry, link.pieces, lambda blob: arrays[blob.digest])
            for link in own.links
        ]
        if len(shapes) != len(mover.links) or not len(motion.poses):
            continue
        edges = [ghost_of(shape).edges if len(shape.faces) else shape.vertices for shape in shapes]
        line = pivot_line(motion.poses, mover.pivot)
        tracks.append(
            _Track(
                mover,
                motion,
                [drawing.Lines(part.reshape(-1, 2, 3).astype("f4")) for part in edges],
                line,
                drawing.Lines(way(line)),
                shown_frames(line, most_ghosts),
            )
        )
    return tracks


def _known(job: AnimateJob) -> list[_Track]:
    if job.id not in _tracks:
        for other in [known for known in _tracks if runtime.book.get(known) is None]:
            del _tracks[other]
        _tracks[job.id] = []
        if not bpy.app.background:
            bpy.app.timers.register(partial(prepare, job), first_interval=0.0)
    return _tracks[job.id]


def draw() -> None:
    """Blender's call for each redraw of a viewport."""
    context, colors = bpy.context, runtime.preferences()
    space = context.space_data
    if colors is None or not runtime.has_jobs() or (space and not space.overlay.show_overlays):
        return
    job = shown(context)
    if job is None:
        return
    gpu.state.blend_set("ALPHA")
    for track in _known(job):
        _draw_track(track, context.scene.frame_current, colors)
    gpu.state.blend_set("NONE")


def _draw_track(track: _Track, frame: int, colors) -> None:
    from ..core.solved import within, worst

    first, hits = track.motion.first, track.motion.collisions
    ghost: Color = tuple(colors.ghost_color)
    track.drawn_line.draw(ghost, 2.5, halo=True)
    for index in track.frames:
        r, g, b, a = red if within(first + index, hits) else ghost
        _draw_links(track, index, (r, g, b, 0.35 * a), 1.0)
    for hit in hits:
        _draw_links(track, worst(hit) - first, (red[0], red[1], red[2], 0.7), 1.5)
    now = red if within(frame, hits) else ghost
    _draw_links(track, frame - first, now, 1.5)


def _draw_links(track: _Track, index: int, color: Color, width: float) -> None:
    for lines, pose in zip(track.links, track.poses(index), strict=True):
        with gpu.matrix.push_pop():
            gpu.matrix.multiply_matrix(Matrix(pose.tolist()))
            lines.draw(color, width)


def draw_words() -> None:
    """Write at each collision what is run into, in the region's pixels."""
    if not runtime.has_jobs():
        return
    context = bpy.context
    job, view = shown(context), deciding.viewport(context)
    if job is None or view is None:
        return
    gpu.state.blend_set("ALPHA")
    for track in _known(job):
        for place, hit in _places(track):
            x, y = view.pixel(place)
            if x == x:
                text, free = said(hit), deciding.free_span(context)[1]
                wide, high = drawing.extent(text, letters)
                left = min(x - wide / 2.0, free - wide - high)
                drawing.words(text, (left, y + above * drawing.ui_scale()), light_red, letters)
    if deciding.takes_keys(context) and not runtime.shown_job(context):
        legend.tell(context, keys.of_place_or_motion)
    gpu.state.blend_set("NONE")


def _places(track: _Track) -> list[tuple[np.ndarray, Collision]]:
    from ..core.solved import worst

    last = len(track.line) - 1
    hits = track.motion.collisions
    return [(track.line[min(max(worst(h) - track.motion.first, 0), last)], h) for h in hits]


def said(hit: Collision) -> str:
    """Say what is run into, how deep and when."""
    frames = f"frame {hit.first}" if hit.first == hit.last else f"frames {hit.first}-{hit.last}"
    return f"Runs {length(hit.depth)} into {hit.other}, {frames}"


def forget() -> None:
    """Drop what was read; it is read again when needed."""
    _tracks.clear()


_layers = drawing.Layer(draw), drawing.Layer(draw_words, "POST_PIXEL")


def register() -> None:
    for layer in _layers:
        layer.show()


def unregister() -> None:
    for layer in _layers:
        layer.hide()
    forget()
