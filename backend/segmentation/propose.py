"""Propose: a mesh in, regions that may be parts out, and which of them the words mean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.articulation.problem import Progress, silent
from backend.articulation.words import Meaning, parse
from backend.geometry.mesh import Mesh, checked
from backend.geometry.surface import Surface
from backend.segmentation import looks, matching, ranking, traits
from backend.segmentation.atoms import Atoms, find_atoms
from backend.segmentation.contacts import find_contacts
from backend.segmentation.frame import Placed, place
from backend.segmentation.groups import Groups, find_groups
from protocol.errors import failure

Floats = NDArray[np.float64]

stages = ("prepare", "pieces", "contacts", "groups", "rank")
near_surface = 0.05  # of the diagonal: how far a seed point may be off
considered = 256  # best groups that words are held against


@dataclass(frozen=True, eq=False)
class Proposal:
    """A region: `faces` (K,) indices of triangles. `score` and `fits` in [0, 1].

    `score` is how likely it is a part that moves, `fits` how well it is what the prompt
    means, 0.5 without a prompt.
    """

    faces: NDArray[np.int64]
    score: float
    name: str
    fits: float


@dataclass(frozen=True, eq=False)
class Answer:
    """Proposals, best first, seconds of each stage, and remarks for the user."""

    proposals: tuple[Proposal, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


def propose(
    mesh: Mesh,
    *,
    prompt: str = "",
    seed_point: ArrayLike | None = None,
    up: ArrayLike = (0.0, 0.0, 1.0),
    most: int = 64,
    seed: int = 0,
    owner: NDArray[np.int32] | None = None,
    progress: Progress = silent,
) -> Answer:
    """Return up to `most` regions of the mesh (world) that may be parts, from geometry alone.

    With a prompt those come first that it may mean; with `seed_point` (world) only those that
    hold the face there, the smallest first. `owner` (F,) tells apart the objects that the faces
    belong to. Raises TugError `bad_input` with a sentence, and what `progress.check` raises.
    """
    generator = np.random.default_rng(seed)
    clock = _Clock(progress)
    with clock.stage("prepare"):
        placed = place(_checked(mesh), up, generator)
    with clock.stage("pieces"):
        atoms = find_atoms(placed.mesh, generator, owner)
    with clock.stage("contacts"):
        contacts = find_contacts(atoms, np.eye(3), progress)
    with clock.stage("groups"):
        groups = find_groups(atoms, contacts, owner)
    with clock.stage("rank"):
        measures = traits.measure(atoms, contacts, groups)
        odds = ranking.part_odds(measures)
        meaning = parse(prompt)
        if seed_point is not None:
            chosen = _holding(placed, atoms, groups, odds, seed_point, most)
        else:
            chosen = ranking.best(groups, atoms.area, odds, max(most, considered))
        seen = looks.look(placed, atoms, groups[chosen], measures.ways[chosen])
        match = matching.match(meaning, seen, groups[chosen], atoms.area, _chance(odds[chosen]))
        order = _order(meaning, match.fits, seed_point is not None)[:most]
        proposals = [
            Proposal(
                faces=np.flatnonzero(groups[chosen[k]][atoms.of_face]),
                score=float(_chance(odds[chosen[k]])),
                name=looks.name(seen, k),
                fits=float(match.fits[k]),
            )
            for k in order
        ]
    return Answer(tuple(proposals), clock.seconds, match.notes)


class _Clock:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.progress.check()
        self.progress.stage(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def _checked(mesh: Mesh) -> Mesh:
    if not len(mesh.vertices) or not len(mesh.faces):
        raise failure("bad_input", "The mesh is empty: there is nothing to take apart.")
    return checked(mesh.vertices, mesh.faces, name="mesh")


def _holding(
    placed: Placed, atoms: Atoms, groups: Groups, odds: Floats, point: ArrayLike, most: int
) -> list[int]:
    """The best groups around a point, from the smallest to the largest."""
    there = placed.local(point).reshape(1, 3)
    if not np.isfinite(there).all():
        raise failure("bad_input", "The seed point is NaN or infinite: point at the mesh.")
    distance, _, face = Surface(placed.mesh).closest(there)
    if distance[0] > near_surface:
        raise failure(
            "bad_input",
            f"The seed point is {distance[0] * placed.scale:.3g} units away from the mesh: "
            "point at its surface.",
        )
    holding = np.flatnonzero(groups[:, atoms.of_face[face[0]]])
    picked = ranking.best(groups[holding], atoms.area, odds[holding], most)
    area = groups[holding[picked]] @ atoms.area
    return holding[picked][np.argsort(area, kind="stable")].tolist()


def _order(meaning: Meaning, fits: Floats, by_size: bool) -> NDArray[np.intp]:
    if by_size or meaning == Meaning():
        return np.arange(len(fits))
    return np.argsort(-fits, kind="stable")


def _chance(odds: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-odds))
