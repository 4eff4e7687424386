"""What the engine is asked, and the checks that turn nonsense into one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from backend.articulation import locks
from backend.geometry.mesh import Mesh, checked
from protocol.errors import failure
from protocol.joint import JointType
from protocol.tasks import Lock

no_drags = np.zeros((0, 2, 3))
drag_distance_limit = 0.05  # of the object's diagonal, from drag start to the part's surface


@dataclass(frozen=True, eq=False)
class Problem:
    """Which joint moves `part` against `body`? Everything in one world frame.

    `drags` (D, 2, 3) float64: start on the part at rest and where that point should go; may be
    empty. `up` is the direction against gravity. `joint_types` are those the answer may have,
    `locked` what holds in every answer and is not sought.
    """

    part: Mesh
    body: Mesh
    drags: NDArray[np.float64] = field(default_factory=lambda: no_drags)
    prompt: str = ""
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)
    joint_types: tuple[JointType, ...] = get_args(JointType)
    seed: int = 0
    locked: Lock | None = None

    @property
    def types(self) -> tuple[JointType, ...]:
        """The types to be considered: the locked one, else those allowed."""
        kind = locks.type_of(self.locked)
        return (kind,) if kind else self.joint_types


class Progress(Protocol):
    """Whoever waits for the answer: told of stages, asked whether to go on."""

    def stage(self, name: str, step: int = 0, total: int = 0) -> None: ...

    def check(self) -> None:
        """Raise to stop the work; called at least every 100 ms."""


class Silent:
    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        pass

    def check(self) -> None:
        pass


silent = Silent()


def check(problem: Problem) -> tuple[Mesh, Mesh, NDArray[np.float64]]:
    """Return part, body and drags (D, 2, 3) ready to use.

    Raises TugError `bad_input` or `too_large` with a sentence about what to change.
    """
    if not len(problem.part.vertices) and not len(problem.body.vertices):
        raise failure("bad_input", "The mesh is empty: there is nothing to articulate.")
    if not len(problem.part.faces):
        raise failure("bad_input", "No faces belong to the part: mark the part that moves first.")
    if not len(problem.body.faces):
        raise failure(
            "bad_input",
            "All faces belong to the part, so nothing is left to hold it: "
            "mark only what moves, or choose a body.",
        )
    locks.check(problem.locked)
    if not problem.types:
        raise failure("bad_input", "No joint type is allowed: allow at least one.")
    part = checked(problem.part.vertices, problem.part.faces, name="part")
    body = checked(problem.body.vertices, problem.body.faces, name="body")
    return part, body, _checked_drags(problem.drags)


def check_surface(areas: NDArray[np.float64], kept: NDArray[np.bool_], name: str) -> None:
    """Raise TugError `bad_input` where no triangle has an area."""
    if not kept.any() or areas[kept].sum() <= 0.0:
        raise failure(
            "bad_input",
            f"All triangles of the {name} are degenerate (no area): check its scale and its mesh.",
        )


def check_drag_starts(distance: NDArray[np.float64], diagonal: float) -> None:
    """Raise TugError `bad_input` for a drag that starts off the part."""
    worst = float(distance.max(initial=0.0))
    if worst > drag_distance_limit * diagonal:
        raise failure(
            "bad_input",
            f"The drag starts {worst:.3g} units away from the part: start it on the part.",
        )


def _checked_drags(drags: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.asarray(drags, dtype=np.float64).reshape(-1, 2, 3)
    if not np.isfinite(values).all():
        raise failure(
            "bad_input", "A drag has coordinates that are NaN or infinite: draw it again."
        )
    return values


def check_drag_lengths(drags: NDArray[np.float64], diagonal: float) -> None:
    """Raise TugError `bad_input` for a drag that goes nowhere."""
    length = np.linalg.norm(drags[:, 1] - drags[:, 0], axis=1)
    if len(length) and length.min() <= 1e-6 * diagonal:
        raise failure("bad_input", "A drag has no length: pull its end away from its start.")
