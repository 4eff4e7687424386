"""The null engine: instant, deterministic answers without computing, and trouble on request.

`serve --null` uses it for every job; `--null-outcome` and `--null-seconds` say how it
behaves. One job may say so itself with engine `null:OUTCOME` or `null:OUTCOME=SECONDS`:

- done: answers after SECONDS (0); slow is the same with 3 seconds
- fail: ends with the error bad_input; error: with a defect (internal)
- memory: ends as when memory runs out; crash: the worker aborts; kill: it gets signal 9
- disconnect: the gateway drops its clients, then the job goes on
- stubborn: answers after SECONDS (30) and does not notice a cancel
"""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.articulation import locks
from backend.tasks import tasks
from backend.workers.messages import Null, Outcome
from protocol.animation import AnimateRequest, AnimateResult
from protocol.blobs import blobs_in
from protocol.dragging import (
    BakeTextureRequest,
    BakeTextureResult,
    Drag,
    DragViewsRequest,
    DragViewsResult,
    SegmentMovingRequest,
    SegmentMovingResult,
)
from protocol.errors import failure
from protocol.joint import Evidence, Joint, JointType, Vector
from protocol.placement import PlaceRequest, PlaceResult
from protocol.tasks import (
    ArticulateObjectRequest,
    ArticulateObjectResult,
    ArticulateRequest,
    ArticulateResult,
    ExportModelRequest,
    ExportModelResult,
    ImportModelRequest,
    ImportModelResult,
    Lock,
    PartAnswer,
    PartQuestion,
    ProposePartsRequest,
    ProposePartsResult,
    Request,
    Result,
)
from protocol.views import RenderControlsRequest, RenderControlsResult

if TYPE_CHECKING:
    from backend.workers.context import Context

stages = tuple(tasks["articulate"].stages)
note = "The null engine answered: nothing was computed."
preview = np.tile(np.arange(0, 256, 32, dtype=np.uint8)[:, None, None], (1, 8, 3))
usual_seconds = {"slow": 3.0, "stubborn": 30.0}


def run(request: Request, context: Context, usual: Null) -> Result:
    """Answer as told. Reads every array, so that what was sent is known to have arrived."""
    null = behaviour(request.engine, usual)
    for blob in blobs_in(request):
        context.array(blob)
    context.stage(stages[0])
    context.preview(preview)
    _misbehave(null.outcome, context)
    _spend(null, context)
    return answer(request)


def behaviour(engine: str, usual: Null) -> Null:
    """Read `null:OUTCOME=SECONDS`; what is not said is as usual. Raises TugError bad_input."""
    _, _, directive = engine.partition(":")
    if not directive:
        return usual
    outcome, _, seconds = directive.partition("=")
    try:
        usual_time = usual_seconds.get(outcome, 0.0)
        told = {"outcome": outcome, "seconds": float(seconds or usual_time)}
        return msgspec.convert(told, Null)
    except ValueError as error:  # which a ValidationError is, too
        known = ", ".join(get_args(Outcome))
        raise failure(
            "bad_input",
            f"Engine {engine[:80]!r} is not null:OUTCOME=SECONDS, OUTCOME one of {known}.",
        ) from error


def answer(request: Request) -> Result:
    """Joints that carry the first drag, no proposals, and models as empty as their files."""
    common: dict[str, Any] = {"notes": (note,), "engine": "null", "seed": request.seed}
    match request:
        case ArticulateRequest():
            seconds = dict.fromkeys(stages, 0.0)
            joints = _joints(request, request, request.locked)
            return ArticulateResult(joints=joints, seconds=seconds, **common)
        case ArticulateObjectRequest():
            parts = [
                PartAnswer(name=part.name, parent=-1, joints=_joints(request, part))
                for part in request.parts
            ]
            return ArticulateObjectResult(parts=tuple(parts), **common)
        case ProposePartsRequest():
            return ProposePartsResult(proposals=(), **common)
        case ExportModelRequest():
            return ExportModelResult(files=(), **common)
        case ImportModelRequest():
            return ImportModelResult(name="", geometry=(), links=(), **common)
        case PlaceRequest():
            return PlaceResult(placements=(), **common)
        case AnimateRequest():
            return AnimateResult(tracks=(), **common)
        case RenderControlsRequest():
            return RenderControlsResult(views=(), tracked=(), **common)
        case DragViewsRequest():
            return DragViewsResult(views=(), **common)
        case SegmentMovingRequest():
            return SegmentMovingResult(pieces=(), likely=(), **common)
        case BakeTextureRequest():
            return BakeTextureResult(textures=(), **common)


def _joints(
    request: ArticulateRequest | ArticulateObjectRequest,
    asked: ArticulateRequest | PartQuestion,
    locked: Lock | None = None,
) -> tuple[Joint, ...]:
    """Joints of each allowed type that carry the first drag's start along it, locks upheld."""
    up, only = np.asarray(request.up, float), locks.type_of(locked)
    joints = [_joint(kind, asked.drags, up) for kind in ("prismatic", "revolute", "continuous")]
    if only is None:
        joints = [joint for joint in joints if joint.type in request.joint_types]
    elif locked:
        known = [joint for joint in joints if joint.type == only]
        joints = known or [msgspec.structs.replace(locked.joint, evidence=joints[0].evidence)]
    return tuple(locks.upheld(joint, locked) for joint in joints[: request.alternatives])


def _joint(kind: JointType, drags: tuple[Drag, ...], up: NDArray) -> Joint:
    start, direction, length = _pull(drags)
    if kind == "prismatic":
        return _described(kind, direction, start, length, 0.6)
    axis = _across(up, direction)
    hinge = start - length * np.cross(direction, axis)
    upper = math.tau if kind == "continuous" else math.pi / 2
    return _described(kind, axis, hinge, upper, 0.3 if kind == "revolute" else 0.1)


def _pull(drags: tuple[Drag, ...]) -> tuple[NDArray, NDArray, float]:
    """Start, unit direction and length of the first drag; one unit up from the origin without."""
    if not drags:
        return np.zeros(3), np.array([0.0, 0.0, 1.0]), 1.0
    start = np.asarray(drags[0].start, float)
    offset = np.asarray(drags[0].end, float) - start
    length = float(np.linalg.norm(offset))
    if length == 0.0:
        raise failure("bad_input", "A drag has no length: move its end away from its start.")
    return start, offset / length, length


def _across(up: NDArray, direction: NDArray) -> NDArray:
    """The unit vector square to `direction` that is nearest to `up`."""
    for candidate in (up, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])):
        square = candidate - direction * (candidate @ direction)
        if np.linalg.norm(square) > 1e-6:
            return square / np.linalg.norm(square)
    raise AssertionError("two axes cannot both be parallel to one direction")


def _described(
    kind: JointType, axis: NDArray, origin: NDArray, upper: float, confidence: float
) -> Joint:
    evidence = Evidence(name="null", score=confidence, text="Made up from the first drag.")
    return Joint(
        type=kind,
        axis=_vector(axis),
        origin=_vector(origin),
        lower=0.0,
        upper=upper,
        confidence=confidence,
        evidence=(evidence,),
    )


def _vector(values: NDArray) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _misbehave(outcome: Outcome, context: Context) -> None:
    if outcome == "fail":
        raise failure("bad_input", "The null engine was asked to fail: ask it for another outcome.")
    if outcome == "error":
        raise RuntimeError("the null engine was asked for a defect")
    if outcome == "memory":
        raise MemoryError
    if outcome == "crash":
        os.abort()
    if outcome == "kill":
        os.kill(os.getpid(), 9)
    if outcome == "disconnect":
        context.stage("disconnect")


def _spend(null: Null, context: Context) -> None:
    """Pass the asked time evenly over the stages."""
    if null.outcome == "stubborn":
        time.sleep(null.seconds)
        return
    steps = max(1, round(null.seconds / len(stages) / 0.02))
    for stage in stages:
        for step in range(steps):
            context.stage(stage, step, steps)
            time.sleep(null.seconds / len(stages) / steps)
