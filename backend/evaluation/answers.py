"""What is written down for a case: the answer, its scores, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from backend.articulation.sureness import choices
from backend.datasets import Case
from backend.evaluation.regimes import Regime
from backend.metrics.execution import Pair
from backend.metrics.joints import axis_error, line_distance, range_iou, reversible
from protocol.joint import Joint, JointType, Vector

close_axis = 5.0  # degrees
close_line = 0.05  # of the diagonal


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A joint as the file of a case has it; see `protocol.joint.Joint`."""

    joint_type: JointType
    axis: Vector
    origin: Vector
    lower: float
    upper: float
    pitch: float = 0.0
    slide: tuple[float, float] = (0.0, 0.0)
    confidence: float


class Answer(Found, frozen=True, kw_only=True):
    """The best joint with its alternatives, in the case's frame."""

    alternatives: tuple[Found, ...] = ()


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The file of a case that could not be read or answered."""

    error: str


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """How good an answer is: degrees, shares of the diagonal, seconds of the engine.

    `line` is None unless both joints are hinges. Without an answer `error` says why; then the
    type is wrong, nothing is hit or executes, and `axis` and `line` are None. `rank` is the
    place, from 1, of the first joint answered that hits; `asks` whether two are shown at once.
    """

    case: str
    category: str
    regime: Regime
    error: str = ""
    type_right: bool = False
    axis: float | None = None
    line: float | None = None
    hit: bool = False
    range_iou: float = 0.0
    executes: bool = False
    rank: int | None = None
    asks: bool = False
    confidence: float = 0.0
    seconds: float = 0.0


def from_joints(joints: tuple[Joint, ...]) -> Answer:
    """Return the answer that says these joints, best first."""
    best, *others = [_fields(joint) for joint in joints]
    return Answer(**best, alternatives=tuple(Found(**other) for other in others))


def as_joint(found: Found) -> Joint:
    """Return a written joint as the engine's."""
    return Joint(
        type=found.joint_type,
        axis=found.axis,
        origin=found.origin,
        lower=found.lower,
        upper=found.upper,
        pitch=found.pitch,
        slide=found.slide,
        confidence=found.confidence,
    )


def write(path: Path, answer: Answer | Failure) -> None:
    """Write the file of a case."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(answer)) + b"\n")


def read(path: Path) -> Answer:
    """Read what `write` wrote; raises msgspec.ValidationError where a case failed."""
    return msgspec.json.decode(path.read_bytes(), type=Answer)


def score(
    case: Case, joints: Sequence[Joint], pair: Pair, *, directed: bool, about: dict[str, Any]
) -> Scores:
    """Return how good the joints (best first) are. `pair` is the case's part and body, `about`
    the fields of the scores that do not depend on them.

    Without a pull (`directed` False) a truth that is the same both ways is right both ways.
    """
    best, true = joints[0], case.joint
    places = [k for k, joint in enumerate(joints, 1) if hits(case, joint, pair, directed=directed)]
    return Scores(
        type_right=best.type == true.type,
        axis=_axis(case, best, directed=directed),
        line=_line(case, best, pair),
        hit=1 in places,
        range_iou=range_iou(best, true),
        executes=pair.executes(best),
        rank=places[0] if places else None,
        asks=choices(joints) > 1,
        confidence=best.confidence,
        **about,
    )


def hits(case: Case, found: Joint, pair: Pair, *, directed: bool) -> bool:
    """Return whether a joint has the right type, axis and line."""
    line = _line(case, found, pair)
    close = _axis(case, found, directed=directed) < close_axis
    return found.type == case.joint.type and close and (line is None or line < close_line)


def badness(scores: Scores) -> float:
    """Return a number that orders answers from good to bad: what went wrong, then how far."""
    if scores.error:
        return math.inf
    far = (scores.axis or 0.0) / 180.0 + min(scores.line or 0.0, 1.0)
    wrong = 4 * (not scores.hit) + 2 * (not scores.type_right) + (not scores.executes)
    return wrong + far + 1.0 - scores.range_iou


def _axis(case: Case, found: Joint, *, directed: bool) -> float:
    return axis_error(found, case.joint, directed=directed or not reversible(case.joint))


def _line(case: Case, found: Joint, pair: Pair) -> float | None:
    if "prismatic" in (found.type, case.joint.type):
        return None
    corners = case.vertices[case.faces[case.moving_faces]].reshape(-1, 3).astype(np.float64)
    middle = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
    return line_distance(found, case.joint, middle) / pair.diagonal


def _fields(joint: Joint) -> dict:
    names = ("axis", "origin", "lower", "upper", "pitch", "slide", "confidence")
    return {"joint_type": joint.type} | {name: getattr(joint, name) for name in names}
