"""Takes a joint along when its object was moved while the question was under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from ..protocol.joint import Joint
from ..protocol.meshes import Geometry
from ..protocol.views import Camera
from .geometry import transformed

Matrix = NDArray[np.float64]
Kind = tuple[object, ...]  # what a mesh is, wherever it is
Kinds = dict[Kind, list[Matrix]]
near = 1e-5  # of the coordinates: how far apart two places may be and be one


def follow(joint: Joint, asked: Sequence[Geometry], now: Sequence[Geometry]) -> Joint:
    """Return the joint where the body is `now`, given for where it was when `asked`.

    The first mesh of the body that is in both tells how the body moved; the joint stays as it
    is when there is none. Turned, mirrored and evenly scaled bodies are followed; raises
    TugError `bad_input` when the body was stretched.
    """
    places = {g.vertices: g.matrix for g in reversed(now) if g.moving != "all"}
    then = next((g for g in asked if g.moving != "all" and g.vertices in places), None)
    if then is None or then.matrix == places[then.vertices]:
        return joint
    by = np.array(places[then.vertices]) @ np.linalg.inv(np.array(then.matrix))
    return carried(joint, by)


def moved_by(asked: Sequence[Geometry], now: Sequence[Geometry]) -> NDArray[np.float64] | None:
    """Return (4, 4), a turn and a shift: how all of it was moved since; None where it was not.

    Raises TugError `bad_input` where the meshes are others now, or were not moved as one.
    """
    places, kinds = _by_kind(now), _by_kind(asked)
    first = min(asked, key=lambda g: len(kinds[_same(g)]), default=None)
    if first and {k: len(g) for k, g in kinds.items()} == {k: len(g) for k, g in places.items()}:
        limit = near * _size([*asked, *now])
        for there in places[_same(first)]:
            by = _between(np.array(first.matrix), there)
            if by is not None and _takes(by, kinds, places, limit):
                return None if np.abs(by - np.eye(4)).max() <= limit else by
    raise failure("bad_input", "The object was changed since it was imagined; show it again.")


def _by_kind(geometry: Sequence[Geometry]) -> Kinds:
    """Return where meshes are, (4, 4) each, by what they are."""
    found: Kinds = {}
    for each in geometry:
        found.setdefault(_same(each), []).append(np.array(each.matrix))
    return found


def _same(geometry: Geometry) -> Kind:
    return geometry.vertices, geometry.faces, geometry.moving, geometry.selection


def _between(one: Matrix, other: Matrix) -> Matrix | None:
    """Return the turn and shift (4, 4) from one place to another; None where it is none."""
    try:
        by = other @ np.linalg.inv(one)
    except np.linalg.LinAlgError:
        return None
    turn = by[:3, :3]
    rigid = np.allclose(turn.T @ turn, np.eye(3), atol=1e-4) and np.linalg.det(turn) > 0.0
    return by if rigid else None


def _takes(by: Matrix, then: Kinds, now: Kinds, limit: float) -> bool:
    """Return whether a motion takes each mesh to where one of its kind is now."""
    for kind, places in then.items():
        left = list(now[kind])
        for place in places:
            off = [float(np.abs(by @ place - other).max()) for other in left]
            if not off or min(off) > limit:
                return False
            left.pop(off.index(min(off)))
    return True


def _size(geometry: Sequence[Geometry]) -> float:
    return max(1.0, *(float(np.abs(np.array(g.matrix)).max()) for g in geometry))


def seen_from(camera: Camera, by: NDArray[np.float64] | None) -> Camera:
    """Return a camera that was moved along with what it sees, by a (4, 4) of `moved_by`."""
    if by is None:
        return camera
    rows: Any = tuple(tuple(row) for row in (by @ np.array(camera.pose)).tolist())
    return msgspec.structs.replace(camera, pose=rows)


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
