"""Which faces move when a part is pulled: what DragAPart tells of pictures, lifted to the mesh.

DragAPart, section 5.3: what the network's self-attention puts out with and without the drags
differs on what moves. The difference is clustered on the object's pixels, and the clusters
that drags start on are the moving part. A network that carries pixels says of each whether what
it shows moves; it is taken at its word. Here that is done in several views, the views vote for
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
from backend.pictures import dragged, looks, studio
from backend.pictures.dragged import Dragged
from backend.pictures.studio import Actor
from backend.segmentation import clustering
from backend.segmentation.atoms import find_atoms
from backend.segmentation.frame import place
from backend.segmentation.lifting import agreeing, counted, evened
from backend.views.cameras import Pinhole
from protocol.errors import failure

Floats = NDArray[np.float64]

sure = 0.75  # from how likely on a pixel votes for its face: the best faces of validation cases
timestep = 200  # of the noise, at which the paper's clusters are best (its table A)
fine = 4  # pixels of a face across one of the picture
reach = 2  # pixels from a drag's start within which its atom is looked for


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

    def leaving(
        self,
        pictures: NDArray[np.uint8],
        drags: NDArray[np.float32],
        *,
        seed: int = ...,
        progress: Progress = ...,
    ) -> NDArray[np.float32] | None:
        """How likely what each pixel shows moves, (K, S, S); None where it cannot say."""
        ...


@dataclass(frozen=True, eq=False)
class View:
    """What a camera sees before the pull, (S, S, 3), drags (D, 4) as shares of the picture.

    `faces` (fine S, fine S) int32 are the triangles seen, -1 none. `labels` (S, S) int8 are the
    clusters, -1 where nothing is, `moving` (S, S) bool those that drags start on. Where the
    model says what moves, that is cluster 1 and the rest cluster 0. It is `whole` where it shows
    the start of every drag.
    """

    camera: Pinhole
    picture: NDArray[np.uint8]
    drags: NDArray[np.float32]
    faces: NDArray[np.int32]
    labels: NDArray[np.int8]
    moving: NDArray[np.bool_]
    whole: bool


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
    the objects that faces belong to. `clusters` are for models that do not say themselves what
    moves. Raises TugError bad_input with a sentence, and what `progress.check` raises.
    """
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    progress.stage("prepare")
    generator = np.random.default_rng(seed)
    placed = place(mesh, (0.0, 0.0, 1.0), generator)
    diagonal = placed.scale
    check_drag_lengths(drags, diagonal)
    distance = Surface(placed.mesh).closest(placed.local(drags[:, 0]))
    check_drag_starts(distance[0] * diagonal, diagonal)
    progress.stage("views")
    found, notes = _views(mesh, drags, model.size, views, seed)
    progress.check()
    seconds["views"], began = _lap(began)
    atoms = find_atoms(placed.mesh, generator, owner)
    held = atoms.of_face[distance[2]]
    asked = np.stack([view.picture for view in found]), np.stack([view.drags for view in found])
    said = model.leaving(*asked, seed=seed, progress=progress)
    if said is not None:
        found = _said(found, said)
    else:
        features = model.moving_features(*asked, t=timestep, seed=seed, progress=progress)
        progress.stage("clusters")
        found = _clustered(found, features, clusters, atoms.of_face, held, seed)
    seconds["features"], began = _lap(began)
    progress.stage("lift")
    yes, seen = counted(
        [view.faces for view in found],
        [view.moving for view in found],
        [view.whole for view in found],
        len(mesh.faces),
    )
    regions = agreeing(mesh, drags[:, 0], yes, seen, owner, progress)
    likely = evened(atoms, regions, yes, seen)
    seconds["lift"], _ = _lap(began)
    return Answer(likely.astype(np.float32), tuple(found), seconds, notes)


def _lap(began: float) -> tuple[float, float]:
    now = time.perf_counter()
    return now - began, now


def _views(
    mesh: Mesh, drags: Floats, size: int, count: int, seed: int
) -> tuple[list[View], tuple[str, ...]]:
    """Pictures in clay that show the drags best, and what is in them."""
    actor, light = Actor(mesh, looks.clay(mesh)), studio.light(seed)
    shown = dragged.best([actor], light, drags, count, size=size, seed=seed)
    if not shown:
        raise failure(
            "bad_input",
            "The drags end so far away that no camera has them in sight: shorten them.",
        )
    close = [view.camera.sized(fine * size, fine * size) for view in shown]
    faces = studio.shoot([actor], close, light, frames=len(close), layers=("faces",)).faces
    assert faces is not None
    found = [_unclustered(view, seen) for view, seen in zip(shown, faces, strict=True)]
    hidden = not any(view.seen.any() for view in shown)
    return found, ("The drags start where no view sees it.",) if hidden else ()


def _unclustered(shown: Dragged, faces: NDArray[np.int32]) -> View:
    """A view without the pulls whose start it does not show, unless it shows none."""
    kept = shown.seen if shown.seen.any() else np.ones_like(shown.seen)
    drags = np.where(kept[:, None], shown.drags, 0.0).astype(np.float32)
    labels = np.full(shown.picture.shape[:2], -1, np.int8)
    whole = bool(kept.all())
    return View(shown.camera, shown.picture, drags, faces, labels, labels >= 0, whole)


def _clustered(
    views: Sequence[View],
    features: NDArray[np.float32],
    count: int,
    of_face: NDArray[np.int32],
    held: NDArray[np.int32],
    seed: int,
) -> list[View]:
    """The views with their clusters. Drag k holds the atom `held` (D,), faces are `of_face`."""
    labels = clustering.clusters(features, _there(views), count, seed)
    return [
        replace(view, labels=own, moving=_moving(view, own, of_face, held))
        for view, own in zip(views, labels, strict=True)
    ]


def _said(views: Sequence[View], likely: NDArray[np.float32]) -> list[View]:
    """The views with what a model says of their pixels (K, S, S)."""
    moving = (likely > sure) & (there := _there(views))
    labels = np.where(there, moving, -1).astype(np.int8)
    return [replace(v, labels=a, moving=b) for v, a, b in zip(views, labels, moving, strict=True)]


def _there(views: Sequence[View]) -> NDArray[np.bool_]:
    """Which pixels (K, S, S) show an object."""
    size = len(views[0].picture)
    there = np.stack([view.faces for view in views]) >= 0
    return there.reshape(len(views), size, fine, size, fine).mean(axis=(2, 4)) > 0.5


def _moving(
    view: View, labels: NDArray[np.int8], of_face: NDArray[np.int32], held: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Which pixels are of a cluster that a drag starts on: the most frequent on its atom there.

    The pixel itself may show what is beside a small handle as well.
    """
    atoms = np.where(view.faces >= 0, of_face[view.faces], -1)
    wide = labels.repeat(fine, axis=0).repeat(fine, axis=1)
    moving = np.zeros(labels.shape, bool)
    for drag, atom in zip(view.drags, held, strict=True):
        if not drag.any():
            continue
        x, y = np.floor(drag[:2] * len(wide)).astype(int)
        around = tuple(
            slice(max(0, at - reach * fine), max(0, at + reach * fine + 1)) for at in (y, x)
        )
        own = wide[around][(atoms[around] == atom) & (wide[around] >= 0)]
        if len(own):
            moving |= labels == np.bincount(own).argmax()
        else:
            moving |= clustering.under_tails(labels, drag[None])
    return moving
