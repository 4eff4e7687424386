"""What of a case the engine is told, and how the object is turned before it sees it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from backend.articulation.problem import Problem, no_drags
from backend.datasets import Case
from backend.geometry.mesh import Mesh, subset
from protocol.joint import Joint, Vector, motion

Regime = Literal["exact", "rough", "rougher", "short", "text", "part", "far", "straight"]
regimes: tuple[Regime, ...] = get_args(Regime)[:6]  # of the benchmark; the others go beyond it
noise = {"rough": 0.08, "rougher": 0.20, "far": 0.40}  # of the drag's length
short = 0.1  # of the drag's length


@dataclass(frozen=True, eq=False)
class Turn:
    """A rotation (3, 3) about the world's origin, and the way back for the answer."""

    matrix: NDArray[np.float64]

    def points(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return points (..., 3) as the engine sees them."""
        return np.asarray(points, dtype=np.float64) @ self.matrix.T

    def back(self, joint: Joint) -> Joint:
        """Return a joint the engine found in the case's own frame."""
        axis, origin = np.array([joint.axis, joint.origin]) @ self.matrix
        return msgspec.structs.replace(joint, axis=_vector(axis), origin=_vector(origin))


unturned = Turn(np.eye(3))


def random_turn(name: str, seed: int) -> Turn:
    """Return the rotation, uniform over all, that belongs to the case of that name."""
    return Turn(Rotation.random(rng=_generator(name, seed, "turn")).as_matrix())


def drags(case: Case, regime: Regime, name: str, seed: int) -> NDArray[np.float64]:
    """Return the drags (D, 2, 3) of the regime in the case's frame; D is 0 or 1."""
    if regime in ("text", "part"):
        return no_drags
    start, end = case.drag_start, case.drag_end
    if regime in noise:
        off = _generator(name, seed, "noise").normal(size=3)
        length = np.linalg.norm(end - start)
        end = end + noise[regime] * length * off / np.linalg.norm(off)
    if regime == "short":
        end = start + short * (end - start)
    if regime == "straight":
        end = start + np.linalg.norm(end - start) * _first_way(case)
    return np.stack([start, end])[None]


def problem(
    case: Case, regime: Regime, name: str, *, turn: Turn = unturned, seed: int = 0
) -> Problem:
    """Return what the engine is asked. Up stays the world's z, however the object is turned."""
    part, body = part_and_body(case)
    return Problem(
        part=Mesh(turn.points(part.vertices), part.faces),
        body=Mesh(turn.points(body.vertices), body.faces),
        drags=turn.points(drags(case, regime, name, seed)),
        prompt=case.prompt if regime == "text" else "",
        seed=seed,
    )


def part_and_body(case: Case) -> tuple[Mesh, Mesh]:
    """Return what moves and what does not, in the case's frame."""
    whole = Mesh(case.vertices.astype(np.float64), case.faces)
    return subset(whole, case.moving_faces), subset(whole, ~case.moving_faces)


def _first_way(case: Case) -> NDArray[np.float64]:
    """The unit way (3,) in which the drag's start sets out."""
    step = 1e-4 if case.joint.type != "prismatic" else 1e-4 * (case.upper - case.lower)
    moved = motion(case.joint, step) @ np.append(case.drag_start, 1.0)
    way = moved[:3] - case.drag_start
    way = way / np.linalg.norm(way)
    return way if way @ (case.drag_end - case.drag_start) >= 0.0 else -way


def _generator(name: str, seed: int, purpose: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode()), zlib.crc32(purpose.encode())])


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = values.tolist()
    return (x, y, z)
