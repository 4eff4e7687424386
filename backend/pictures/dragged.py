"""Pictures with drags in them: which cameras show the drags, and where they are in the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.geometry.mesh import Mesh
from backend.pictures import studio
from backend.pictures.studio import Actor, Light
from backend.views.cameras import Pinhole

Values = NDArray[np.float64]
Pictures = NDArray[np.uint8]

candidates = 5  # cameras that are tried for each that is wanted
hidden = 0.02  # of the actors' extent: what is this far behind a surface is not seen
clear_length = 0.15  # of the picture: a drag this long says enough


@dataclass(frozen=True, eq=False)
class Dragged:
    """A square picture (S, S, 3) and its drags (D, 4): (x0, y0, x1, y1) as shares of it.

    `seen` (D,) says whether the start of each is on the surface that the picture shows.
    """

    camera: Pinhole
    picture: Pictures
    drags: Values
    seen: NDArray[np.bool_]

    @property
    def worth(self) -> float:
        """How well the drags can be told from the picture."""
        length = np.linalg.norm(self.drags[:, 2:] - self.drags[:, :2], axis=1) / clear_length
        return float((self.seen + np.minimum(length, 1.0) + 0.1 * np.log1p(length)).mean())


def best(
    actors: Sequence[Actor],
    light: Light,
    drags: Values,
    count: int,
    *,
    size: int,
    seed: int,
    framed: Sequence[Mesh] | None = None,
) -> list[Dragged]:
    """Return up to `count` views of actors at rest that show the drags (D, 2, 3) best.

    The cameras frame the actors, or what is to be `framed` instead. Of several times as many
    random ones those stay that see the drags' starts and see the drags long: none looks along
    them, and none has one end behind it.
    """
    meshes = [actor.mesh for actor in actors] if framed is None else framed
    cameras = studio.cameras_around(meshes, candidates * count, seed, size)
    cameras = [camera for camera in cameras if ahead(camera, drags)]
    shots = shot(actors, light, drags, cameras)
    found = sorted(shots, key=lambda dragged: -dragged.worth)[:count]
    return [
        replace(view, camera=view.camera.renamed(f"view {k}")) for k, view in enumerate(found, 1)
    ]


def shot(
    actors: Sequence[Actor], light: Light, drags: Values, cameras: Sequence[Pinhole]
) -> list[Dragged]:
    """Return what each camera sees of actors at rest; all drags must be ahead of them."""
    if not cameras:
        return []
    seen = studio.shoot(actors, cameras, light, frames=len(cameras), layers=("depth",))
    assert seen.depth is not None
    points = np.concatenate([actor.mesh.vertices for actor in actors])
    slack = hidden * float(np.linalg.norm(np.ptp(points, axis=0)))
    found = []
    for camera, picture, depths in zip(cameras, seen.colour, seen.depth, strict=True):
        spots, depth = camera.project(drags[:, 0])
        on_top = _on_top(depths, spots, depth - slack)
        found.append(Dragged(camera, picture, in_picture(camera, drags), on_top))
    return found


def in_picture(camera: Pinhole, drags: Values) -> Values:
    """Return drags (D, 2, 3) as shares (D, 4) of a camera's picture."""
    spots, _ = camera.project(drags)
    return (spots / [camera.width, camera.height]).reshape(-1, 4)


def ahead(camera: Pinhole, drags: Values) -> bool:
    """Return whether all drags (D, 2, 3) begin and end before the camera."""
    _, depth = camera.project(drags)
    return bool((depth > camera.near).all())


def camera_of(camera: Pinhole, size: int) -> Pinhole:
    """Return a square camera with pictures of another size."""
    share = size / camera.width
    (fx, fy), (x, y) = camera.focal, camera.centre
    focal, centre = (fx * share, fy * share), (x * share, y * share)
    return replace(camera, focal=focal, centre=centre, width=size, height=size)


def picture_of(picture: Pictures, size: int) -> Pictures:
    """Return a square picture (S, S, 3) at another size."""
    if len(picture) == size:
        return picture
    how = Image.Resampling.BOX if len(picture) % size == 0 else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(picture).resize((size, size), how))


def _on_top(depths: Values, spots: Values, depth: Values) -> NDArray[np.bool_]:
    """Whether points (D,) are no deeper than what the picture shows around their pixels."""
    height, width = depths.shape
    column = np.floor(spots[:, 0]).astype(int)
    row = np.floor(spots[:, 1]).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)
    around = np.pad(depths, 1, mode="edge")
    near = np.stack([around[row + i, column + j] for i in range(3) for j in range(3)])
    farthest = np.where(np.isfinite(near), near, -np.inf).max(axis=0)
    return inside & (depth <= farthest)
