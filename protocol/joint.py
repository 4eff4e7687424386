"""What a joint means: its parameters and the motion they describe."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

JointType = Literal["revolute", "prismatic", "continuous", "screw", "cylindrical", "fixed"]
Vector = tuple[float, float, float]
Confidence = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for or against a joint.

    `name` is the engine that produced it (`drag`, `penetration`, ...), `score` lies in
    [0, 1] with 1 the best, `text` says it in words an artist understands.
    """

    name: str
    score: float
    text: str


class Joint(msgspec.Struct, frozen=True, kw_only=True):
    """A joint of a part against the rest of its object, or against another part.

    World frame, right-handed, z up, Blender units. `axis` is a unit vector; `origin` a
    point on the axis (meaningful for hinges, the part's centre for sliders). `lower` and
    `upper` are relative to the pose sent, in Blender units for `prismatic`, in radians for
    all that turn; both are 0 for `fixed`. Positive motion follows the drag.

    A `screw` moves `pitch` Blender units along +axis with every full positive turn. A
    `cylindrical` joint turns within its range and, apart from that, slides along the same
    axis within `slide` (low, high) Blender units.
    """

    type: JointType
    axis: Vector
    origin: Vector
    lower: float
    upper: float
    pitch: float = 0.0
    slide: tuple[float, float] = (0.0, 0.0)
    confidence: Confidence = 0.0
    evidence: tuple[Evidence, ...] = ()


def flipped(joint: Joint) -> Joint:
    """Return the same joint with its axis the other way round: its values change their sign.

    `motion(flipped(joint), -value, -slide)` is `motion(joint, value, slide)`; flipping twice
    gives the joint back.
    """
    x, y, z = joint.axis
    low, high = joint.slide
    return msgspec.structs.replace(
        joint,
        axis=(0.0 - x, 0.0 - y, 0.0 - z),  # never "-0"
        lower=0.0 - joint.upper,
        upper=0.0 - joint.lower,
        slide=(0.0 - high, 0.0 - low),
    )


def motion(joint: Joint, value: float, slide: float = 0.0) -> NDArray[np.float64]:
    """Return the (4, 4) float64 world transform that moves the part to `value`.

    Column-vector convention: a rest point p goes to `(T @ [p, 1])[:3]`. `value` is in the
    joint's own unit and is not clamped to the range; `slide` is how far a cylindrical joint
    is shifted, and no other joint looks at it. A fixed joint never moves.
    """
    along, angle = _travel(joint, value, slide)
    turned = _rotation_about(joint.axis, joint.origin, angle)
    return _translation(np.asarray(joint.axis) * along) @ turned


def _travel(joint: Joint, value: float, slide: float) -> tuple[float, float]:
    """How far along the axis, and by which angle about it."""
    match joint.type:
        case "prismatic":
            return value, 0.0
        case "screw":
            return joint.pitch * value / math.tau, value
        case "cylindrical":
            return slide, value
        case "fixed":
            return 0.0, 0.0
        case _:
            return 0.0, value


def _translation(offset: ArrayLike) -> NDArray[np.float64]:
    transform = np.eye(4)
    transform[:3, 3] = offset
    return transform


def _rotation_about(axis: ArrayLike, origin: ArrayLike, angle: float) -> NDArray[np.float64]:
    """Rodrigues' formula about the line through `origin` along the unit vector `axis`."""
    x, y, z = np.asarray(axis, dtype=np.float64)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    rotation = np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * (cross @ cross)
    point = np.asarray(origin, dtype=np.float64)
    transform = np.eye(4)
    transform[:3, :3] = rotation
    transform[:3, 3] = point - rotation @ point
    return transform
