"""Animate: movers along their ways, with what turns on them, as exact poses and few keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.tasks import geometry
from protocol import version
from protocol.animation import (
    AnimateRequest,
    AnimateResult,
    Channel,
    Collision,
    Mover,
    Step,
    Timing,
    Track,
    Way,
)
from protocol.errors import failure
from protocol.meshes import Matrix, ModelLink, Piece
from protocol.messages import Device, Limits

if TYPE_CHECKING:
    from backend.geometry.mesh import Mesh
    from backend.motion.bodies import Body, Part
    from backend.motion.engine import Track as Found
    from backend.workers.context import Context

most_frames = 20_000
most_points = 1_000_000
most_movers = 64
most_links = 500


def check(request: AnimateRequest, limits: Limits) -> None:
    """Refuse what cannot be moved. Raises TugError: bad_input, too_large."""
    if request.geometry:
        geometry.check(request.geometry, limits)
    if not request.movers:
        raise failure("bad_input", "Nothing moves: choose an object and a path for it.")
    if len(request.movers) > most_movers:
        raise failure(
            "too_large",
            f"{len(request.movers)} objects are to move and the limit is {most_movers}.",
            limit=most_movers,
        )
    geometry.check_pieces(request.scene, request.geometry, "the scene")
    _check_finite([request.up], "The direction that is up")
    if not np.linalg.norm(request.up) > 1e-9:
        raise failure("bad_input", "The direction that is up has no length.")
    if not np.isfinite(request.fps):
        raise failure("bad_input", "The frame rate is no number.")
    for mover in request.movers:
        _check_mover(mover, request)


def run(request: AnimateRequest, context: Context) -> AnimateResult:
    """Move everything. Raises TugError: bad_input, storage_full; Cancelled."""
    import time

    from backend.motion import engine, stage

    began = time.perf_counter()
    context.stage("prepare")
    meshes = []
    for mesh in request.geometry:
        context.check()
        meshes.append(_checked(geometry.read(mesh, context.array), geometry.called(mesh)))
    pieces = [
        stage.Piece(request.geometry[piece.geometry].name or "the scene", cut)
        for piece in request.scene
        if len((cut := _cut(piece, request, meshes, context)).faces)
    ]
    up = np.asarray(request.up, np.float64)
    up = up / np.linalg.norm(up)
    bodies: list[Body] = []
    for mover in request.movers:
        context.check()
        bodies.append(_body(mover, request, meshes, up, context))
    plan = engine.Plan(
        bodies=tuple(bodies),
        pieces=tuple(pieces),
        fps=request.fps,
        up=up,
        collisions=request.collisions,
        tolerance=request.tolerance,
    )
    prepared = time.perf_counter() - began
    answer = engine.animate(plan, context.stage)
    return AnimateResult(
        tracks=tuple(_track(found, context) for found in answer.tracks),
        seconds={"prepare": prepared, **answer.seconds},
        notes=answer.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Import everything and compile what queries need."""
    import backend.motion.engine  # noqa: F401
    from backend.motion import kernels

    kernels.wp.load_module(kernels.__name__)


def devices() -> list[Device]:
    """What movers meet their scene on."""
    return geometry.devices()


def _check_mover(mover: Mover, request: AnimateRequest) -> None:
    name = f"'{mover.name[:80]}'"
    if not mover.links:
        raise failure("bad_input", f"{name} has no link: name at least its body.")
    if len(mover.links) > most_links:
        raise failure(
            "too_large",
            f"{name} has {len(mover.links)} links and the limit is {most_links}.",
            limit=most_links,
        )
    for index, link in enumerate(mover.links):
        _check_link(link, index, request)
    _check_way(mover.way, name)
    _check_timing(mover.timing, name)
    for step in mover.steps:
        _check_step(step, mover, name)
    _check_directions(mover, request, name)


def _check_link(link: ModelLink, index: int, request: AnimateRequest) -> None:
    called = f"'{link.name[:80]}'"
    geometry.check_pieces(link.pieces, request.geometry, called)
    if not -1 <= link.parent < index:
        raise failure(
            "bad_input",
            f"The link {called} has the parent {link.parent}, which does not come before it.",
        )
    joint = link.joint
    if joint is None:
        return
    _check_finite([joint.axis, joint.origin, joint.pitch], f"The joint of {called}")
    if abs(float(np.linalg.norm(joint.axis)) - 1.0) > 1e-3:
        raise failure("bad_input", f"The axis of {called} is not of length 1.")


def _check_way(way: Way, name: str) -> None:
    geometry.check_blob(way.points, f"points of the way of {name}", "<f8", (None, 3))
    count = way.points.shape[0]
    if count < 2:
        raise failure("bad_input", f"The way of {name} needs at least two points.")
    if count > most_points:
        raise failure(
            "too_large",
            f"The way of {name} has {count:,} points and the limit is {most_points:,}.",
            limit=most_points,
        )
    if way.tilt is not None:
        geometry.check_blob(way.tilt, f"tilts of the way of {name}", "<f8", (count,))


def _check_timing(timing: Timing, name: str) -> None:
    _check_finite([timing.start, timing.end], f"The timing of {name}")
    if timing.end - timing.start < 1e-6:
        raise failure(
            "bad_input",
            f"{name} ends at frame {timing.end:g} and starts at {timing.start:g}: "
            "let it end after it starts.",
        )
    _check_length(timing.start, timing.end, name)
    if timing.shares is not None:
        geometry.check_blob(timing.shares, f"shares of the way of {name}", "<f8", (None,))
        if not 2 <= timing.shares.shape[0] <= most_points:
            raise failure("bad_input", f"The timing of {name} needs at least two shares.")


def _check_length(start: float, end: float, name: str) -> None:
    if end - start > most_frames or max(abs(start), abs(end)) > 1e7:
        raise failure(
            "too_large",
            f"The motion of {name} takes {end - start:,.0f} frames and the limit is "
            f"{most_frames:,}.",
            limit=most_frames,
        )


def _check_step(step: Step, mover: Mover, name: str) -> None:
    if step.link >= len(mover.links):
        raise failure(
            "bad_input", f"A step of {name} names link {step.link} of {len(mover.links)} links."
        )
    link = mover.links[step.link]
    if link.joint is None or link.joint.type == "fixed":
        raise failure(
            "bad_input", f"A step of {name} moves '{link.name[:80]}', which has no joint."
        )
    _check_finite([step.start, step.end, step.value], f"A step of {name}")
    if step.end < step.start:
        raise failure(
            "bad_input",
            f"A step of {name} ends at frame {step.end:g} before it starts at {step.start:g}.",
        )
    low = min(mover.timing.start, *(step.start for step in mover.steps))
    high = max(mover.timing.end, *(step.end for step in mover.steps))
    _check_length(low, high, name)


def _check_directions(mover: Mover, request: AnimateRequest, name: str) -> None:
    _check_finite([mover.pivot, mover.forward, mover.frame, mover.parent], f"The pose of {name}")
    length = float(np.linalg.norm(mover.forward))
    if not length > 1e-9:
        raise failure("bad_input", f"The direction that looks ahead of {name} has no length.")
    up = np.asarray(request.up) / np.linalg.norm(request.up)
    if np.linalg.norm(np.cross(np.asarray(mover.forward) / length, up)) < 1e-3:
        raise failure(
            "bad_input",
            f"{name} looks ahead straight up or down: choose another axis as its forward.",
        )
    if mover.orientation == "look_at":
        if mover.target is None:
            raise failure("bad_input", f"{name} is to look at a point: choose its target.")
        _check_finite([mover.target], f"The target of {name}")
    for matrix, what in ((mover.frame, "scale"), (mover.parent, "parent's scale")):
        if not abs(np.linalg.det(np.asarray(matrix)[:3, :3])) > 1e-18:
            raise failure("bad_input", f"{name} has a {what} of zero: apply or change it.")


def _check_finite(values: Sequence, what: str) -> None:
    if not all(np.isfinite(np.asarray(value, float)).all() for value in values):
        raise failure("bad_input", f"{what} has numbers that are NaN or infinite.")


def _checked(mesh: Mesh, name: str) -> Mesh:
    if not np.isfinite(mesh.vertices).all():
        raise failure(
            "bad_input",
            f"{name} has vertices whose coordinates are NaN or infinite: "
            "delete or repair them first.",
        )
    return mesh


def _cut(piece: Piece, request: AnimateRequest, meshes: list[Mesh], context: Context) -> Mesh:
    from backend.geometry.mesh import subset

    mesh = meshes[piece.geometry]
    if piece.selection is None:
        return mesh
    name = geometry.called(request.geometry[piece.geometry])
    return subset(mesh, geometry.chosen(piece.selection, len(mesh.faces), context.array, name=name))


def _body(
    mover: Mover, request: AnimateRequest, meshes: list[Mesh], up: NDArray, context: Context
) -> Body:
    from backend.motion.bodies import Body
    from backend.motion.timing import Timing as Times
    from backend.motion.way import Way as Path

    tilt = None if mover.way.tilt is None else context.array(mover.way.tilt)
    if tilt is not None and not np.isfinite(tilt).all():
        raise failure("bad_input", f"The way of '{mover.name[:80]}' has tilts that are no numbers.")
    timing = mover.timing
    return Body(
        name=mover.name,
        parts=tuple(_part(link, request, meshes, context) for link in mover.links),
        way=Path(context.array(mover.way.points), closed=mover.way.closed, tilt=tilt),
        timing=Times(timing.start, timing.end, timing.ease, _shares(mover, context)),
        pivot=np.asarray(mover.pivot, np.float64),
        forward=np.asarray(mover.forward, np.float64),
        up=up,
        orientation=mover.orientation,
        target=None if mover.target is None else np.asarray(mover.target, np.float64),
        on_ground=mover.on_ground,
        roll=mover.roll,
        steps=mover.steps,
        frame=_matrix(mover.frame),
        parent=_matrix(mover.parent),
        rotation=mover.rotation,
    )


def _part(link: ModelLink, request: AnimateRequest, meshes: list[Mesh], context: Context) -> Part:
    from backend.motion.bodies import Part

    cuts = [_cut(piece, request, meshes, context) for piece in link.pieces]
    return Part(link.name, geometry.merged(cuts), link.parent, link.joint)


def _shares(mover: Mover, context: Context) -> NDArray | None:
    if mover.timing.shares is None:
        return None
    shares = np.array(context.array(mover.timing.shares), np.float64)
    if not np.isfinite(shares).all() or shares.min() < -1e-6 or shares.max() > 1.0 + 1e-6:
        raise failure(
            "bad_input",
            f"The shares of the way of '{mover.name[:80]}' are not all between 0 and 1.",
        )
    return np.clip(shares, 0.0, 1.0)


def _matrix(matrix: Matrix) -> NDArray[np.float64]:
    return np.asarray(matrix, np.float64)


def _track(found: Found, context: Context) -> Track:
    return Track(
        name=found.name,
        first=found.first,
        poses=context.store(np.ascontiguousarray(found.poses, "<f8")),
        joints=context.store(np.ascontiguousarray(found.joints, "<f8")),
        channels=tuple(
            Channel(
                path=curve.path,
                index=curve.index,
                link=curve.link,
                keys=context.store(np.ascontiguousarray(curve.keys, "<f8")),
            )
            for curve in found.curves
        ),
        strays=found.strays,
        slip=found.slip,
        gap=found.gap,
        late=found.late,
        collisions=tuple(
            Collision(other=m.other, first=m.first, last=m.last, depth=m.depth)
            for m in found.collisions
        ),
    )
