"""Takes a joint along when its object was moved while the question was under way."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from ..protocol.joint import Joint
from ..protocol.meshes import Geometry
from .geometry import transformed


def follow(joint: Joint, asked: Sequence[Geometry], now: Sequence[Geometry]) -> Joint:
    """Return the joint where the body is `now`, given for where it was when `asked`.

    The first mesh of the body that is in both tells how the body moved; the joint stays as it
    is when there is none. Turned, mirrored and evenly scaled bodies are followed; raises
    TugError `bad_input` when the body was stretched.
    """
    by = moved_by(asked, now)
    return joint if by is None else carried(joint, by)


def moved_by(asked: Sequence[Geometry], now: Sequence[Geometry]) -> NDArray[np.float64] | None:
    """Return (4, 4): how the body moved since it was `asked` about; None where it did not.

    None as well where no mesh of the body is in both.
    """
    places = {g.vertices: g.matrix for g in reversed(now) if g.moving != "all"}
    then = next((g for g in asked if g.moving != "all" and g.vertices in places), None)
    if then is None or then.matrix == places[then.vertices]:
        return None
    return np.array(places[then.vertices]) @ np.linalg.inv(np.array(then.matrix))


def carried(joint: Joint, by: NDArray[np.float64]) -> Joint:
    """Return the joint moved by a (4, 4) that keeps angles. Raises TugError where it does not."""
    turn = by[:3, :3]
    scale = float(np.linalg.norm(turn)) / 3**0.5
    if not np.allclose(turn.T @ turn, scale**2 * np.eye(3), atol=1e-4 * scale**2):
        raise failure(
            "bad_input", "The object was stretched since the joint was computed; compute it again."
        )
    slides = joint.type == "prismatic"
    # A mirror turns the other way round; the axis of a rotation flips with it.
    side = 1.0 if slides or np.linalg.det(turn) > 0.0 else -1.0
    stretch = scale if slides else 1.0
    axis = side / scale * (turn @ np.array(joint.axis))
    low, high = sorted(side * scale * shift for shift in joint.slide)
    return msgspec.structs.replace(
        joint,
        axis=tuple((axis / np.linalg.norm(axis)).tolist()),
        origin=tuple(transformed(by, np.array(joint.origin)).tolist()),
        lower=joint.lower * stretch,
        upper=joint.upper * stretch,
        pitch=joint.pitch * side * scale,
        slide=(low, high),
    )
