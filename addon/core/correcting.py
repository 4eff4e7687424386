"""What a person corrects of a proposed joint: its type, its axis, its origin, its range."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import get_args

import msgspec
import numpy as np

from ..protocol.errors import failure
from ..protocol.joint import Joint, JointType, flipped
from ..protocol.tasks import LockField
from .names import order

__all__ = ["flipped", "mirrored", "moved_origin", "next_type", "retyped", "with_axis", "with_range"]

every_field: tuple[LockField, ...] = get_args(LockField)
turning = ("revolute", "screw", "cylindrical")  # whose limits are angles
usual_turn = math.radians(90.0)
usual_slide = 0.5  # of the part's size
usual_pitch = 0.25  # of the part's size, for one turn
same_axis = math.cos(math.radians(1.0))
same_line = 0.01  # of the part's size


def next_type(kind: JointType, step: int = 1) -> JointType:
    """Return the type that comes after (or before) `kind`; they wrap around."""
    return order[(order.index(kind) + step) % len(order)]


def mirrored(joint: Joint) -> Joint:
    """Return the joint opening to the other side: its axis stays, its limits change sides."""
    low, high = joint.slide
    return msgspec.structs.replace(
        joint,
        lower=0.0 - joint.upper,
        upper=0.0 - joint.lower,
        slide=(0.0 - high, 0.0 - low),
    )


def retyped(
    joint: Joint,
    kind: JointType,
    size: float,
    alternatives: Iterable[Joint] = (),
    locked: Collection[LockField] = (),
    pull: Sequence[float] | None = None,
) -> Joint:
    """Return the joint as another type.

    The best of the `alternatives` of that type is taken, if it has the axis and the origin that
    are `locked`. Without one the line stays, with limits as they are usual for a part of that
    `size` (its diagonal in Blender units); those of a joint that turns stay where the new one
    turns as well. A slide goes along the `pull`, where there is one and the axis is free.
    """
    if kind not in order:
        raise failure("bad_input", f"There is no joint type {kind!r}; it is {' or '.join(order)}.")
    if kind == joint.type:
        return joint
    for other in alternatives:
        if other.type == kind and _complies(other, joint, size, locked):
            return other
    if kind == "prismatic" and joint.type != "cylindrical" and pull and "axis" not in locked:
        along = with_axis(joint, pull)
        return msgspec.structs.replace(along, type=kind, **_usual(joint, kind, size, 1.0))
    way = 1.0 if joint.upper >= -joint.lower else -1.0
    return msgspec.structs.replace(joint, type=kind, **_usual(joint, kind, size, way))


def _complies(other: Joint, joint: Joint, size: float, locked: Collection[LockField]) -> bool:
    axis, arm = np.asarray(joint.axis), np.asarray(other.origin) - np.asarray(joint.origin)
    if "axis" in locked and float(np.dot(other.axis, axis)) < same_axis:
        return False
    off = arm - np.asarray(other.axis) * float(np.dot(arm, other.axis))
    return "origin" not in locked or float(np.linalg.norm(off)) <= same_line * size


def _usual(joint: Joint, kind: JointType, size: float, way: float) -> dict[str, object]:
    """What a joint of a type has when nothing is known but the line; `way` is 1 or -1."""
    turns = joint.lower, joint.upper
    if joint.type not in turning or kind == "screw":
        turns = _from_rest(way * (math.tau if kind == "screw" else usual_turn))
    slide = _from_rest(way * usual_slide * size)
    match kind:
        case "prismatic":
            limits = joint.slide if joint.type == "cylindrical" else slide
        case "continuous":
            limits = _from_rest(way * math.tau)
        case "fixed":
            limits = 0.0, 0.0
        case _:
            limits = turns
    return {
        "lower": limits[0],
        "upper": limits[1],
        "pitch": usual_pitch * size if kind == "screw" else 0.0,
        "slide": slide if kind == "cylindrical" else (0.0, 0.0),
    }


def _from_rest(end: float) -> tuple[float, float]:
    return min(end, 0.0), max(end, 0.0)


def moved_origin(joint: Joint, point: Sequence[float]) -> Joint:
    """Return the joint with its axis through another point (world), its direction kept."""
    return msgspec.structs.replace(joint, origin=_finite(point))


def with_axis(joint: Joint, direction: Sequence[float], *, any_sign: bool = False) -> Joint:
    """Return the joint with its axis along a direction (world) of any length.

    With `any_sign` it may point the other way: that nearer to the present axis counts.
    Raises TugError `bad_input` where the direction has no length.
    """
    x, y, z = _finite(direction)
    length = math.hypot(x, y, z)
    if length < 1e-12:
        raise failure("bad_input", "The axis has no length; give it a direction.")
    if any_sign and sum(a * b for a, b in zip((x, y, z), joint.axis, strict=True)) < 0.0:
        length = -length
    axis = (x / length + 0.0, y / length + 0.0, z / length + 0.0)  # never "-0"
    return msgspec.structs.replace(joint, axis=axis)


def with_range(
    joint: Joint,
    lower: float | None = None,
    upper: float | None = None,
    slide: tuple[float, float] | None = None,
    pitch: float | None = None,
) -> Joint:
    """Return the joint with other limits, in its own unit; what is None stays.

    The present pose (0) stays within. Raises TugError `bad_input` for limits that leave it
    out, and for a type that has none.
    """
    if joint.type in ("fixed", "continuous"):
        raise failure("bad_input", "A joint of this type has no limits; choose another type.")
    limits = joint.lower if lower is None else lower, joint.upper if upper is None else upper
    slides = joint.slide if slide is None else slide
    for low, high in (limits, slides):
        if not low <= 0.0 <= high:
            raise failure(
                "bad_input", "The limits leave out the present pose; widen them to contain 0."
            )
    return msgspec.structs.replace(
        joint,
        lower=float(limits[0]),
        upper=float(limits[1]),
        slide=(float(slides[0]), float(slides[1])),
        pitch=joint.pitch if pitch is None else float(pitch),
    )


def _finite(values: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    if not all(map(math.isfinite, (x, y, z))):
        raise failure("bad_input", "The joint would have values that are not finite.")
    return x, y, z
