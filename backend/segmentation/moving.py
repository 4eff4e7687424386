"""Which faces move when a part is pulled: DragAPart's features clustered, lifted to the mesh.

DragAPart, section 5.3: what the network's self-attention puts out with and without the drags
differs on what moves. The difference is clustered on the object's pixels, and the clusters
that drags start on are the moving part. Here that is done in several views, the views vote for
the faces they see, and votes are evened out over the atoms of the surface.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import (
    Progress,
    check_drag_lengths,
    check_drag_starts,
    silent,
)
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Surface
from backend.pictures import looks, studio
from backend.pictures.studio import Actor
from backend.segmentation import clustering
from backend.segmentation.atoms import Atoms, find_atoms
from backend.segmentation.contacts import find_contacts
from backend.segmentation.frame import place
from backend.segmentation.groups import find_groups
from backend.views.cameras import Pinhole
from protocol.errors import failure

Floats = NDArray[np.float64]

timestep = 200  # of the noise, at which the paper's clusters are best (its table A)
fine = 4  # pixels of a face across one of the picture
candidates = 12  # cameras that are tried for each view that is wanted
seen_within = 0.02  # of the diagonal: how far behind what a pixel shows a drag may start
least_pull = 1 / 24  # of a picture's width, that a drag must reach to be seen to pull
most_drags = 10  # that the network takes


class Model(Protocol):
    """What is asked of DragAPart."""

    size: int

    def moving_features(
        self,
        pictures: NDArray[np.uint8],
        drags: NDArray[np.float32],
        *,
        t: int = ...,
        seed: int = ...,
        progress: Progress = ...,
    ) -> NDArray[np.float32]:
        """Features (K, h, w, C) of pictures (K, S, S, 3) and drags (K, D, 4)."""
        ...


@dataclass(frozen=True, eq=False)
class View:
    """What a camera sees before the pull, (S, S, 3), drags (D, 4) as shares of the picture.

    `faces` (fine S, fine S) int32 are the triangles seen, -1 none. `labels` (S, S) int8 are the
    clusters, -1 where nothing is, `moving` (S, S) bool those that drags start on.
    """

    camera: Pinhole
    picture: NDArray[np.uint8]
    drags: NDArray[np.float32]
    faces: NDArray[np.int32]
    labels: NDArray[np.int8]
    moving: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Answer:
    """How likely each face (F,) moves, the views, seconds of each stage, and remarks."""

    likely: NDArray[np.float32]
    views: tuple[View, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


def find_moving(
    mesh: Mesh,
    drags: Floats,
    model: Model,
    *,
    views: int = 8,
    clusters: int = 4,
    owner: NDArray[np.int32] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Answer:
    """Return how likely each face of a mesh (world, at rest) moves when it is pulled so.

    `drags` (D, 2, 3) are start, on the surface, and end of each pull; `owner` (F,) tells apart
    the objects that faces belong to. Raises TugError bad_input with a sentence, and what
    `progress.check` raises.
    """
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    progress.stage("prepare")
    generator = np.random.default_rng(seed)
    placed = place(mesh, (0.0, 0.0, 1.0), generator)
    diagonal = placed.scale
    check(drags)
    check_drag_lengths(drags, diagonal)
    distance = Surface(placed.mesh).closest(placed.local(drags[:, 0]))
    check_drag_starts(distance[0] * diagonal, diagonal)
    progress.stage("views")
    found, notes = _views(mesh, drags, model.size, views, diagonal, seed)
    progress.check()
    seconds["views"], began = _lap(began)
    features = model.moving_features(
        np.stack([view.picture for view in found]),
        np.stack([view.drags for view in found]),
        t=timestep,
        seed=seed,
        progress=progress,
    )
    seconds["features"], began = _lap(began)
    progress.stage("clusters")
    found = _clustered(found, features, clusters, seed)
    seconds["clusters"], began = _lap(began)
    progress.stage("lift")
    atoms = find_atoms(placed.mesh, generator, owner)
    groups = find_groups(atoms, find_contacts(atoms, np.eye(3), progress), owner)
    moving, seen = lifted(found, len(mesh.faces))
    likely = evened(atoms, groups, moving, seen, atoms.of_face[distance[2]])
    seconds["lift"], _ = _lap(began)
    return Answer(likely.astype(np.float32), tuple(found), seconds, notes)


def check(drags: Floats) -> None:
    """Refuse pulls that say nothing. Raises TugError bad_input."""
    if not len(drags):
        raise failure("bad_input", "There is no drag: pull the part that moves.")
    if len(drags) > most_drags:
        raise failure(
            "bad_input", f"There are {len(drags)} drags and the limit is {most_drags}: send fewer."
        )
    if not np.isfinite(drags).all():
        raise failure(
            "bad_input", "A drag has coordinates that are NaN or infinite: draw it again."
        )
    if (drags[:, 0] == drags[:, 1]).all(axis=1).any():
        raise failure("bad_input", "A drag has no length: pull its end away from its start.")


def lifted(views: Sequence[View], count: int) -> tuple[Floats, Floats]:
    """Return in how many pixels of all views each of `count` faces is seen to move, and is seen."""
    moving, seen = np.zeros(count), np.zeros(count)
    for view in views:
        step = len(view.faces) // len(view.moving)
        mask = view.moving.repeat(step, axis=0).repeat(step, axis=1)
        there = view.faces >= 0
        seen += np.bincount(view.faces[there], minlength=count)
        moving += np.bincount(view.faces[there & mask], minlength=count)
    return moving, seen


def evened(
    atoms: Atoms,
    groups: NDArray[np.bool_],
    moving: Floats,
    seen: Floats,
    held: NDArray[np.int32],
) -> Floats:
    """Return how likely each face (F,) moves, from the votes of its atom and of a whole group.

    Votes are averaged over atoms. What no view shows, and half of what is said of the rest, is
    left to the groups of atoms that hold the drags' starts (`held`, atoms) and agree best.
    """
    count = len(atoms)
    yes = np.bincount(atoms.of_face, moving, count)
    pixels = np.bincount(atoms.of_face, seen, count)
    share = yes / np.maximum(pixels, 1.0)
    together = np.zeros(count, bool)
    for atom in np.unique(held):
        holding = groups[groups[:, atom]]
        together |= holding[(holding @ (2.0 * yes - pixels)).argmax()]
    own = np.where(pixels > 0.0, share, together)
    return (0.5 * (own + together))[atoms.of_face]


def _lap(began: float) -> tuple[float, float]:
    now = time.perf_counter()
    return now - began, now


def _views(
    mesh: Mesh, drags: Floats, size: int, count: int, diagonal: float, seed: int
) -> tuple[list[View], tuple[str, ...]]:
    """Pictures in clay from where the drags' starts are seen and the pulls are no points."""
    cameras = studio.cameras_around([mesh], candidates * count, seed, size)
    actor = Actor(mesh, looks.clay(mesh))
    depth = studio.shoot(
        [actor], cameras, studio.light(seed), frames=len(cameras), layers=("depth",)
    ).depth
    shares, clear = zip(
        *(
            _seen(camera, drags, image, seen_within * diagonal)
            for camera, image in zip(cameras, np.asarray(depth), strict=True)
        ),
        strict=True,
    )
    order = np.argsort(-np.array(clear), kind="stable")[:count]
    notes = () if clear[order[0]] > 0 else ("The drags start where no view sees them.",)
    chosen = [cameras[k] for k in order]
    lights = [studio.light(seed + 1 + k) for k in range(len(chosen))]
    pictures = studio.shoot([actor], chosen, lights, frames=len(chosen)).colour
    close = [camera.sized(fine * size, fine * size) for camera in chosen]
    faces = studio.shoot([actor], close, lights, frames=len(chosen), layers=("faces",)).faces
    nothing = np.zeros((size, size))
    found = [
        View(camera, picture, shares[k], seen, nothing.astype(np.int8), nothing.astype(bool))
        for camera, picture, k, seen in zip(chosen, pictures, order, np.asarray(faces), strict=True)
    ]
    return found, notes


def _seen(
    camera: Pinhole, drags: Floats, depth: NDArray[np.float32], within: float
) -> tuple[NDArray[np.float32], int]:
    """Drags (10, 4) in a camera's picture, and how clear it is what they pull.

    Twice the number of starts that are seen, less one if any of these pulls is hardly more
    than a point. Pulls whose start is hidden are left out, unless all are.
    """
    size = camera.width
    ends, far = camera.project(drags)
    pixel = np.clip(np.floor(ends[:, 0]), 0, size - 1).astype(int)
    shown = far[:, 0] <= depth[pixel[:, 1], pixel[:, 0]] + within
    long = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) >= least_pull * size
    kept = shown if shown.any() else np.ones(len(drags), bool)
    shares = np.zeros((most_drags, 4), np.float32)
    shares[: int(kept.sum())] = ends[kept].reshape(-1, 4) / size
    return shares, 2 * int(shown.sum()) - int(not long[kept].all())


def _clustered(
    views: Sequence[View], features: NDArray[np.float32], count: int, seed: int
) -> list[View]:
    """The views with their clusters."""
    step = len(views[0].faces) // len(views[0].picture)
    object_there = np.stack([view.faces for view in views]) >= 0
    size = len(views[0].picture)
    blocks = object_there.reshape(len(views), size, step, size, step)
    labels = clustering.clusters(features, blocks.mean(axis=(2, 4)) > 0.5, count, seed)
    return [
        replace(view, labels=own, moving=clustering.under_tails(own, view.drags))
        for view, own in zip(views, labels, strict=True)
    ]
