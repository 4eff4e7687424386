"""An object with several marked parts, and the checks that turn nonsense into one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Problem, check_surface, no_drags
from backend.geometry.mesh import Mesh, areas_and_normals, checked, subset, without_slivers
from protocol.errors import failure
from protocol.joint import JointType

body = -1  # the owner of what no part claims, and the parent of what hangs on it


@dataclass(frozen=True, eq=False)
class Mark:
    """A part as the artist marked it: its name, its pulls (D, 2, 3) float64, its prompt."""

    name: str
    drags: NDArray[np.float64] = field(default_factory=lambda: no_drags)
    prompt: str = ""


@dataclass(frozen=True, eq=False)
class Whole:
    """One object in one world frame. `owner` (F,) says which of `marks` has a face, -1 the body.

    `up` is the direction against gravity, `joint_types` are those the answers may have.
    """

    mesh: Mesh
    owner: NDArray[np.int32]
    marks: tuple[Mark, ...]
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)
    joint_types: tuple[JointType, ...] = Problem.joint_types
    seed: int = 0

    def side(self, owners: Iterable[int]) -> Mesh:
        """Return the faces of some parts (or of the body), in the order of the mesh."""
        return subset(self.mesh, np.isin(self.owner, list(owners)))

    def problem(self, index: int, moving: list[int]) -> Problem:
        """Return the engine's question for one part: `moving` goes with it, all else rests."""
        chosen = np.isin(self.owner, moving)
        return Problem(
            part=subset(self.mesh, chosen),
            body=subset(self.mesh, ~chosen),
            drags=self.marks[index].drags,
            prompt=self.marks[index].prompt,
            up=self.up,
            joint_types=self.joint_types,
            seed=self.seed,
        )

    def order(self) -> list[int]:
        """Return the parts by their first face, so that how they were listed decides nothing."""
        return sorted(range(len(self.marks)), key=lambda k: int(np.argmax(self.owner == k)))


def check(whole: Whole) -> Whole:
    """Return the object ready to use. Raises TugError `bad_input`, `too_large`."""
    if not whole.marks:
        raise failure("bad_input", "No part is marked: mark the parts that move first.")
    mesh = checked(whole.mesh.vertices, whole.mesh.faces, name="object")
    areas, _ = areas_and_normals(mesh)
    kept = without_slivers(mesh, areas)
    for index, mark in enumerate(whole.marks):
        own = whole.owner == index
        if not own.any():
            raise failure("bad_input", f"No faces belong to '{mark.name}': mark them first.")
        check_surface(areas[own], kept[own], f"part '{mark.name}'")
    rest = whole.owner == body
    if not rest.any():
        raise failure(
            "bad_input",
            "All faces belong to parts, so nothing is left to hold them: "
            "leave what stands still unmarked.",
        )
    check_surface(areas[rest], kept[rest], "body")
    _check_doubles(whole)
    return whole


def _check_doubles(whole: Whole) -> None:
    """Refuse parts that are one and the same thing twice: they could only move together."""
    corners = whole.mesh.corners
    step = 1e-6 * max(float(np.ptp(corners, axis=(0, 1)).max()), 1e-300)
    centres = np.round(corners.mean(axis=1) / step).astype(np.int64)
    seen: dict[bytes, str] = {}
    for index, mark in enumerate(whole.marks):
        own = np.unique(centres[whole.owner == index], axis=0).tobytes()
        if own in seen:
            raise failure(
                "bad_input",
                f"'{seen[own]}' and '{mark.name}' are the same shape in the same place: "
                "delete one of them.",
            )
        seen[own] = mark.name


def carried(parent: NDArray[np.intp], index: int) -> list[int]:
    """Return a part and all that hangs on it, given each part's parent (N,)."""
    found = [index]
    for part in found:
        found.extend(np.flatnonzero(parent == part).tolist())
    return found
