"""Draws the proposed joints in the viewport. The geometry comes from core.overlay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import bpy
import gpu

from .. import runtime
from . import arrows, drawing
from .drawing import Color

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core import overlay
    from ..core.jobs import JointJob, MovingJob, ObjectJob, PartsJob
    from ..protocol.joint import Joint
    from ..scene.shapes import Shape

ghost_faces = 50_000
most_haloed = 20_000  # edges of a ghost; more are a surface by themselves
lock_color = (1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Ghost:
    """What is needed to draw a part elsewhere: its edges (E, 2, 3), its middle and its size.

    `triangles` (F, 3, 3) fill it.
    """

    edges: NDArray
    triangles: NDArray
    centre: NDArray
    size: float


_ghosts: dict[str, list[Ghost]] = {}  # by job, one for each part; none while it is being read


def forget_shapes() -> None:
    """Drop what may have changed; it is read again when needed."""
    _ghosts.clear()


def ghost_of(shape: Shape) -> Ghost:
    """Return how to draw a part, with the edges that make it readable."""
    import numpy as np

    from ..core import overlay
    from ..core.ghost import thinned

    low, high = shape.vertices.min(axis=0), shape.vertices.max(axis=0)
    vertices, faces = thinned(shape.vertices, shape.faces, ghost_faces)
    edges = vertices[overlay.feature_edges(vertices, faces)]
    return Ghost(
        edges,
        vertices[faces].astype(np.float32),
        (low + high) / 2.0,
        float(np.linalg.norm(high - low)),
    )


def _known_ghosts(job: JointJob | ObjectJob | PartsJob | MovingJob) -> list[Ghost]:
    """Return the parts' ghosts if they are known; else have them read, which no redraw may do."""
    if job.id not in _ghosts:
        _ghosts[job.id] = []
        bpy.app.timers.register(partial(prepare, job), first_interval=0.0)
    return _ghosts[job.id]


def prepare(job: JointJob | ObjectJob | PartsJob | MovingJob) -> None:
    """Read the shapes that a job is about."""
    from .. import proposals
    from ..core.jobs import MovingJob, ObjectJob, PartsJob
    from ..protocol.errors import TugError

    try:
        match job:
            case PartsJob() | MovingJob():
                shapes = proposals.shapes(job)
            case ObjectJob():
                shapes = _part_shapes(job)
            case _:
                shapes = [_part_shape(job)]
        _ghosts[job.id] = [ghost_of(shape) for shape in shapes]
    except TugError:
        return  # the panel says what is wrong with the target
    runtime.redraw()


def _part_shape(job: JointJob) -> Shape:
    from ..scene.geometry import gather
    from ..scene.shapes import part_shape

    obj, part = runtime.target(job)
    return part_shape(gather(obj, part, runtime.body(job)))


def _part_shapes(job: ObjectJob) -> list[Shape]:
    from ..protocol.blobs import describe
    from ..scene.shapes import shape_of
    from ..scene.whole import gather_whole

    whole = gather_whole(runtime.parts_of(job))
    arrays = {describe(array).digest: array for array in whole.arrays}
    return [
        shape_of(whole.geometry, pieces, lambda blob: arrays[blob.digest])
        for pieces in whole.pieces
    ]


def draw() -> None:
    """Blender's call for each redraw of a viewport."""
    context = bpy.context
    colors = runtime.preferences()
    if colors is None:
        return
    gpu.state.blend_set("ALPHA")
    arrows.draw(context, colors)
    if job := runtime.shown_job(context):
        _draw_job(job, colors)
    suggested = runtime.active_parts_job(context)
    if suggested and suggested.proposals:
        _draw_proposals(suggested, colors)
    gpu.state.blend_set("NONE")


def _draw_job(job: JointJob | ObjectJob, colors: Any) -> None:
    from ..core.jobs import ObjectJob

    if isinstance(job, ObjectJob):
        _draw_object_job(job, colors)
        return
    for shown in shown_joints(job, colors):
        _draw_proposal(shown)


@dataclass(frozen=True)
class Shown:
    """A joint that is proposed, how it is drawn, and how far it is open."""

    joint: Joint
    ghost: Ghost
    of_joint: Color
    of_ghost: Color
    locked: tuple[str, ...] = ()

    @property
    def pose(self) -> tuple[float, float]:
        from ..core.opening import slide_at, value_at

        manager = bpy.context.window_manager
        return value_at(self.joint, manager.tug_open), slide_at(self.joint, manager.tug_slide)

    @property
    def glyph(self) -> overlay.Glyph:
        from ..core import overlay

        return overlay.joint_glyph(self.joint, self.ghost.centre, self.ghost.size, *self.pose)

    def color_of(self, field: str) -> Color:
        """Return the joint's colour, or that of what the user locked."""
        return lock_color if field in self.locked else self.of_joint


def shown_joints(job: JointJob, colors: Any) -> list[Shown]:
    """Return the joints of a job that are on show: one, or those to be chosen from."""
    ghosts = _known_ghosts(job)
    if not (ghosts and job.joint):
        return []
    if job.choices == 1:
        return [Shown(job.joint, ghosts[0], colors.joint_color, colors.ghost_color, job.locked)]
    pairs = zip(job.alternatives, choice_colors(colors), strict=False)
    return [Shown(joint, ghosts[0], color, color) for joint, color in pairs]


def shown_parts(job: ObjectJob) -> list[tuple[Ghost, Joint | None, NDArray]]:
    """Return how each part of a job about all is drawn: ghost, joint and pose (4, 4)."""
    from ..core.tree import open_poses

    manager = bpy.context.window_manager
    joints = [job.joint(index) for index in range(len(job.answers))]
    parents = [answer.parent for answer in job.answers]
    poses = open_poses(parents, joints, manager.tug_open, manager.tug_slide)
    return list(zip(_known_ghosts(job), joints, poses, strict=False))


def _draw_object_job(job: ObjectJob, colors: Any) -> None:
    """Draw all parts where the slider has them, each carried by what it hangs on."""
    import numpy as np

    from ..core import overlay
    from ..core.geometry import transformed

    for ghost, joint, pose in shown_parts(job):
        if joint:
            glyph = overlay.joint_glyph(joint, ghost.centre, ghost.size)
            drawing.lines(glyph.axis, colors.joint_color, 2.0, halo=True)
            drawing.lines(glyph.arrow, colors.joint_color, 2.0, halo=True)
        edges = transformed(pose, ghost.edges).astype(np.float32)
        drawing.lines(edges, colors.ghost_color, 1.5, halo=len(edges) < most_haloed)


def _draw_proposals(job: PartsJob | MovingJob, colors: Any) -> None:
    """Fill the suggested part that is looked at, and outline the others."""
    red, green, blue, alpha = colors.ghost_color
    for index, ghost in enumerate(_known_ghosts(job)):
        if index == job.selected:
            drawing.triangles(ghost.triangles, (red, green, blue, 0.35 * alpha))
            drawing.lines(ghost.edges, colors.ghost_color, 2.0)
        else:
            drawing.lines(ghost.edges, (red, green, blue, 0.25 * alpha), 1.0)


def choice_colors(colors: Any) -> tuple[Color, Color]:
    """Return the colours of the joints that the user is to choose from, the likelier one first."""
    return colors.ghost_color, colors.choice_color


def _draw_proposal(shown: Shown) -> None:
    from ..core import overlay

    glyph, limits = shown.glyph, shown.color_of("range")
    edges = overlay.moved(shown.ghost.edges, shown.joint, *shown.pose)
    drawing.lines(edges, shown.of_ghost, 1.5, halo=len(edges) < most_haloed)
    drawing.triangles(glyph.range, (*shown.of_joint[:3], 0.2 * shown.of_joint[3]))
    drawing.lines(glyph.limits, limits, 1.5, halo=True)
    drawing.lines(glyph.arrow, shown.of_joint, 3.0, halo=True)
    drawing.lines(glyph.axis, shown.color_of("axis"), 2.5, halo=True)
    drawing.lines(glyph.pointer, shown.of_ghost, 3.0, halo=True)


_layer = drawing.Layer(draw)


def register() -> None:
    _layer.show()


def unregister() -> None:
    _layer.hide()
    forget_shapes()
