"""From photographs of opened meshes to their textures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress, silent
from backend.geometry.mesh import Mesh
from backend.pictures.textures import levels_of
from backend.textures import blend
from backend.textures.atlas import Atlas, unwrapped
from backend.textures.blend import Canvas
from backend.textures.fill import bleed, borrow, fill
from backend.textures.hidden import Target, cameras_around, hidden
from backend.textures.sight import Stage
from backend.views.cameras import Pinhole

little_shared = 0.005  # of the texels, that faces may share without a word


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh at rest and opened, with the same triangles.

    `uv` (F, 3, 2) are texture coordinates of their corners; without them the mesh only stands
    in the way. `base` (R, R, 3 or 4) sRGB is its texture so far.
    """

    name: str
    rest: Mesh
    opened: Mesh
    uv: NDArray[np.float32] | None = None
    base: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class Picture:
    """What a camera saw of the opened surfaces, (H, W, 3) sRGB, filling its frame."""

    camera: Pinhole
    image: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Baked:
    """A surface's texture (R, R, 4) sRGB, what share of it the rest pose hid, and what share
    of that the pictures show.
    """

    image: NDArray[np.uint8]
    revealed: float
    painted: float


@dataclass(frozen=True, eq=False)
class Answer:
    """A texture for each surface with coordinates, seconds of each stage, remarks."""

    textures: tuple[Baked, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


def opened(mesh: Mesh, moving: NDArray[np.bool_], move: NDArray[np.float64]) -> Mesh:
    """A mesh of which the faces that are `moving` (F,) were moved by a (4, 4) transform."""
    moved = mesh.vertices @ move[:3, :3].T + move[:3, 3]
    faces = mesh.faces + np.where(moving, len(mesh.vertices), 0).astype(np.int32)[:, None]
    return Mesh(np.concatenate([mesh.vertices, moved]), faces)


def bake(
    surfaces: Sequence[Surface],
    pictures: Sequence[Picture],
    *,
    resolution: int = 1024,
    whole: bool = False,
    progress: Progress = silent,
) -> Answer:
    """Return the textures of the surfaces that have coordinates, in their order.

    A texel is painted where pictures show it with nothing in front and the rest pose hid it: of
    48 views from all sides and those of the pictures' cameras not two saw it at rest. With
    `whole`, those seen at rest are painted as well. What should be painted and no picture
    shows is filled from its chart; without a base, charts of which nothing is shown borrow from
    what is near in the world. A triangle counts from both sides. Raises TugError bad_input, and
    what `progress.check` raises.
    """
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    progress.stage("unwrap")
    starts = np.cumsum([0, *(len(surface.rest.faces) for surface in surfaces)])
    canvases = []
    for surface, start in zip(surfaces, starts, strict=False):
        if surface.uv is not None:
            atlas = unwrapped(surface.rest, surface.uv, resolution, surface.name)
            canvases.append(Canvas.blank(atlas, surface.opened, int(start)))
            progress.check()
    seconds["unwrap"], began = _lap(began)
    targets = [surface for surface in surfaces if surface.uv is not None]
    unseen = _unseen(surfaces, targets, canvases, pictures, progress)
    seconds["rest"], began = _lap(began)
    _project(surfaces, canvases, pictures, progress)
    seconds["project"], began = _lap(began)
    textures, notes = [], []
    for k, (surface, canvas, hid) in enumerate(zip(targets, canvases, unseen, strict=True)):
        progress.stage("fill", k, len(targets))
        textures.append(_finished(surface, canvas, hid, whole, progress))
        notes += _notes(surface, canvas.atlas, textures[-1], whole)
    seconds["fill"], _ = _lap(began)
    return Answer(tuple(textures), seconds, tuple(notes))


def _lap(began: float) -> tuple[float, float]:
    now = time.perf_counter()
    return now - began, now


def _unseen(
    surfaces: Sequence[Surface],
    targets: Sequence[Surface],
    canvases: Sequence[Canvas],
    pictures: Sequence[Picture],
    progress: Progress,
) -> list[NDArray[np.bool_]]:
    """Which texels of each canvas the rest pose hides."""
    meshes = [surface.rest for surface in surfaces]
    cameras = [*cameras_around(meshes), *(picture.camera for picture in pictures)]
    texels = [
        Target(canvas.atlas, surface.rest, canvas.first)
        for surface, canvas in zip(targets, canvases, strict=True)
    ]
    return hidden(Stage(meshes), cameras, texels, progress)


def _project(
    surfaces: Sequence[Surface],
    canvases: Sequence[Canvas],
    pictures: Sequence[Picture],
    progress: Progress,
) -> None:
    """Blend the pictures into the canvases."""
    stage = Stage([surface.opened for surface in surfaces])
    shots = []
    for step, picture in enumerate(pictures):
        progress.stage("project", step, 2 * len(pictures))
        shots.append(blend.shot(stage, picture.camera, picture.image))
    gains = blend.gains(shots, canvases)
    for step, (shot, gain) in enumerate(zip(shots, gains, strict=True), start=len(shots)):
        progress.stage("project", step, 2 * len(pictures))
        for canvas in canvases:
            canvas.add(shot, gain, progress)


def _finished(
    surface: Surface,
    canvas: Canvas,
    hid: NDArray[np.bool_],
    whole: bool,
    progress: Progress,
) -> Baked:
    atlas, size = canvas.atlas, canvas.atlas.resolution
    shown = canvas.total > 0.0
    wanted = hid | shown if whole else hid
    filled = fill(atlas, canvas.light, shown, wanted, progress)
    done = wanted & (shown | filled)
    if surface.base is None:
        done |= borrow(atlas, surface.opened, canvas.light, done, wanted)
    image, painted, free = _sheet(atlas, canvas.light, done)
    image, painted = bleed(image, painted, free)
    base = _base(surface, size)
    base[painted, :3] = levels_of(image[painted])
    base[painted, 3] = 255
    area = atlas.area.astype(np.float64)
    whole_area, hidden_area = area.sum(), area[hid].sum()
    return Baked(
        image=base,
        revealed=float(np.clip(hidden_area / max(whole_area, 1e-300), 0.0, 1.0)),
        painted=float(np.clip(area[hid & shown].sum() / max(hidden_area, 1e-300), 0.0, 1.0)),
    )


def _sheet(
    atlas: Atlas, light: NDArray[np.float32], done: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """The texels as an image (R, R, 3), where it is painted, and where no chart is."""
    size = atlas.resolution
    image = np.zeros((size * size, 3), np.float32)
    painted, free = np.zeros(size * size, bool), np.ones(size * size, bool)
    image[atlas.place[done]] = light[done]
    painted[atlas.place[done]] = True
    free[atlas.place] = False
    return image.reshape(size, size, 3), painted.reshape(size, size), free.reshape(size, size)


def _base(surface: Surface, size: int) -> NDArray[np.uint8]:
    """The texture so far, (R, R, 4); nothing where there is none."""
    image = np.zeros((size, size, 4), np.uint8)
    if surface.base is not None:
        image[..., 3] = 255
        image[..., : surface.base.shape[2]] = surface.base
    return image


def _notes(surface: Surface, atlas: Atlas, baked: Baked, whole: bool) -> list[str]:
    """What to tell of a texture."""
    notes = []
    if atlas.shared > little_shared:
        notes.append(
            f"{atlas.shared:.0%} of the texels of {surface.name} belong to more than one face "
            "(mirrored or stacked UVs): each shows what was painted for the first of them."
        )
    if baked.revealed == 0.0 and not whole:
        notes.append(
            f"The rest pose hides nothing of {surface.name}, so nothing was painted: paint the "
            "whole surface instead."
        )
    elif baked.painted < 0.5 and not whole:
        notes.append(
            f"The pictures show {baked.painted:.0%} of what the rest pose hides of "
            f"{surface.name}; the rest was filled from around it."
        )
    return notes
