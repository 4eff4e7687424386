"""Articulate: from the pieces of a scene to the engine's problem, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from backend.articulation import locks
from backend.tasks import drag_views, geometry
from backend.tasks.geometry import devices
from protocol import version
from protocol.meshes import Geometry
from protocol.messages import Limits
from protocol.tasks import ArticulateRequest, ArticulateResult

if TYPE_CHECKING:
    from backend.articulation.problem import Problem
    from backend.geometry.mesh import Mesh
    from backend.workers.context import Context

__all__ = ["build", "check", "devices", "run", "warm_up"]

# The engine is imported where it is used: the gateway, which only checks requests, must
# start at once and stay small.


def check(request: ArticulateRequest, limits: Limits) -> None:
    """Refuse arrays of the wrong kind, senseless locks, models that there are not.

    Raises TugError: bad_input, too_large.
    """
    locks.check(request.locked)
    geometry.check(request.geometry, limits)
    for name in request.evidence or ():
        drag_views.check_engine(name)


def run(request: ArticulateRequest, context: Context) -> ArticulateResult:
    """Find the joints. Raises TugError: bad_input, too_large, missing_model; Cancelled."""
    from backend.articulation import learned
    from backend.articulation.engine import articulate
    from backend.models import registry

    for name in request.evidence or ():
        registry.require(registry.card(name))
    problem = build(request, context.array, context.check)
    answer = articulate(
        problem,
        alternatives=request.alternatives,
        progress=context,
        ask=learned.asks(request.evidence),
    )
    return ArticulateResult(
        joints=answer.joints,
        seconds=answer.seconds,
        choices=answer.choices,
        views=tuple(drag_views.written(view, context) for view in answer.views),
        notes=answer.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def build(
    request: ArticulateRequest,
    array: geometry.Read,
    proceed: Callable[[], None] = lambda: None,
) -> Problem:
    """Return the engine's problem: part and body, each one mesh in the world.

    `array` gives a blob's content; `proceed` is called between pieces and may raise.
    """
    from backend.articulation.problem import Problem

    part: list[Mesh] = []
    body: list[Mesh] = []
    for piece in request.geometry:
        proceed()
        moving, resting = _split(geometry.read(piece, array), piece, array)
        part.extend(moving)
        body.extend(resting)
    return Problem(
        part=geometry.merged(part),
        body=geometry.merged(body),
        drags=np.array([[d.start, d.end] for d in request.drags], float).reshape(-1, 2, 3),
        prompt=request.prompt,
        up=request.up,
        joint_types=request.joint_types,
        seed=request.seed,
        locked=request.locked,
    )


def warm_up() -> None:
    """Solve a tiny problem, so that everything is imported and compiled."""
    from backend.articulation.engine import articulate
    from backend.articulation.problem import Problem
    from backend.geometry.mesh import Mesh

    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], np.int32)
    drag = np.array([[[2.0, 0.5, 0.5], [3.0, 0.5, 0.5]]])
    part, body = Mesh(corners + np.array([1.0, 0.0, 0.0]), faces), Mesh(corners, faces)
    articulate(Problem(part=part, body=body, drags=drag))


def _split(mesh: Mesh, piece: Geometry, array: geometry.Read) -> tuple[list[Mesh], list[Mesh]]:
    """What moves and what rests of one piece."""
    from backend.geometry.mesh import subset

    if piece.moving == "none":
        return [], [mesh]
    if piece.moving == "all":
        return [mesh], []
    name = geometry.called(piece)
    moving = geometry.chosen(piece.selection, len(mesh.faces), array, name=name)
    return [subset(mesh, moving)], [subset(mesh, ~moving)]
