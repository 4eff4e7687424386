"""One actor in many poses before a scene that stands still: only what moves is drawn anew (Warp).

Pictures are those of `studio.shoot`, pixel for pixel, many times as fast: what stands still is
covered once for a camera, and a pose is drawn in a window around the actor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.pictures import kernels, studio
from backend.pictures.studio import Actor, Light, Stage, fine, wp
from backend.views import kernels as covering
from backend.views.cameras import Pinhole

Pictures = NDArray[np.uint8]
Keys = NDArray[np.uint64]
windows = 4  # widths that windows have: each a share of the picture's


class Variations(Stage):
    """An actor whose poses vary, before others that stay."""

    def __init__(self, actor: Actor, others: list[Actor], device: str = "cpu") -> None:
        still = [replace(other, motion=None) for other in others]
        super().__init__([replace(actor, motion=None), *still], 1, device)
        self.own = len(actor.mesh.faces)
        self.corners_used = np.unique(actor.mesh.faces)

    def before(self, camera: Pinhole, light: Light) -> View:
        """Return a camera's view, ready for poses."""
        return View(self, camera, light)

    def drawn(
        self,
        camera: list[Pinhole],
        light: Light,
        poses: NDArray[np.float64],
        keys: Keys,
        faces: int,
        width: int,
    ) -> tuple[Pictures, Keys]:
        """Cover keys (B, h, w) by the first `faces` triangles, or all but the actor's where that
        is 0, and return the pictures (B, h / 2, w / 2, 3) and what is covered.

        The cameras have windows of pictures that are `width` wide.
        """
        every = np.tile(np.eye(4), (len(poses), self.poses.shape[1], 1, 1))
        every[:, 0] = poses
        self.poses = every
        frames = np.arange(len(poses))
        _, high, wide = keys.shape
        lens = wp.vec4d(wide, high, wide / 2, high / 2)
        seen = self._seen(camera, frames)
        near, far = wp.float64(camera[0].near), wp.float64(camera[0].far)
        spots = wp.zeros(seen.shape, dtype=wp.vec2d, device=self.device)
        self._launch(covering.spot_kernel, seen.shape, [seen, lens, near, spots])
        there = wp.array(keys, dtype=wp.uint64, device=self.device)
        triangles = self._faces
        if not faces:
            others = self.faces.copy()
            others[: self.own] = 0
            triangles, faces = self._there(others, int), len(others)
        inputs = [seen, spots, triangles, lens, near, far, 0, 0, there]
        self._launch(covering.cover_kernel, (len(poses), faces), inputs)
        size = (len(poses), keys.shape[1] // fine, keys.shape[2] // fine)
        pictures = wp.empty((*size, 3), dtype=wp.uint8, device=self.device)
        lit = (light.sun, light.sky, light.ground, light.cavity)
        inputs = [
            seen,
            self._faces,
            self._actor,
            *self._surface,
            self._there(every[..., :3, :3], wp.mat33),
            self._there([light.direction] * len(poses), wp.vec3),
            self._there([lit] * len(poses), wp.vec4),
            self._there([1.0 / (fine * camera[0].focal[0])] * len(poses), float),
            lens,
            fine,
            max(1, round(studio.groove * fine * width)),
            there,
            pictures,
        ]
        self._launch(kernels.shade_kernel, size, inputs)
        return pictures.numpy(), there.numpy()


class View:
    """A camera before what stands still."""

    def __init__(self, stage: Variations, camera: Pinhole, light: Light) -> None:
        self._stage, self._camera, self._light = stage, camera, light
        size = (1, camera.height * fine, camera.width * fine)
        nothing = np.full(size, studio.nowhere, np.uint64)
        rest = np.eye(4)[None]
        (picture,), (keys,) = stage.drawn([camera], light, rest, nothing, 0, camera.width)
        self._picture, self._keys = picture, keys

    def pictures(self, poses: NDArray[np.float64]) -> Pictures:
        """Return the pictures (T, H, W, 3) of the actor in poses (T, 4, 4)."""
        camera = self._camera
        found = np.repeat(self._picture[None], len(poses), axis=0)
        if not len(poses):
            return found
        low, size = self._windows(poses)
        for width, height in np.unique(size, axis=0):
            own = np.flatnonzero((size == (width, height)).all(axis=1))
            cameras = [_cropped(camera, x, y, width, height) for x, y in low[own]]
            rows = low[own, 1, None] + np.arange(height)
            columns = low[own, 0, None] + np.arange(width)
            keys = self._keys[_finer(rows)[:, :, None], _finer(columns)[:, None, :]]
            drawn, _ = self._stage.drawn(
                cameras, self._light, poses[own], keys, self._stage.own, camera.width
            )
            inner = _inner(rows, camera.height)[:, :, None] & _inner(columns, camera.width)[:, None]
            at = own[:, None, None], rows[:, :, None], columns[:, None, :]
            found[at] = np.where(inner[..., None], drawn, found[at])
        return found

    def _windows(self, poses: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Corners and sizes (T, 2), x and y, of windows that hold all that a pose changes."""
        camera, stage = self._camera, self._stage
        whole = np.array([camera.width, camera.height])
        points = stage.points[stage.corners_used]
        places = np.einsum("tij,nj->tni", poses[:, :3, :3], points) + poses[:, None, :3, 3]
        spots, depth = camera.project(places)
        about = 2 * _ring(camera.width) + 1
        low = np.clip(np.floor(spots.min(axis=1) - about), 0, whole)
        high = np.clip(np.ceil(spots.max(axis=1) + about), 0, whole)
        behind = (depth < camera.near).any(axis=1)
        low[behind], high[behind] = 0, whole
        step = np.maximum(1, np.ceil(whole / windows))
        size = np.minimum(np.maximum(np.ceil((high - low) / step), 1) * step, whole)
        return np.minimum(low, whole - size).astype(np.intp), size.astype(np.intp)


def _ring(width: int) -> int:
    """How many pixels away shading looks at what else is there."""
    return int(np.ceil(studio.groove * width))


def _inner(pixels: NDArray[np.intp], width: int) -> NDArray[np.bool_]:
    """Which rows or columns (T, N) of windows are shaded as in the whole picture."""
    ring = _ring(width)
    inner = np.ones(pixels.shape, bool)
    inner[:, :ring] &= pixels[:, :1] == 0
    inner[:, -ring:] &= pixels[:, -1:] == width - 1
    return inner


def _cropped(camera: Pinhole, x: int, y: int, width: int, height: int) -> Pinhole:
    centre = (camera.centre[0] - x, camera.centre[1] - y)
    return replace(camera, centre=centre, width=int(width), height=int(height))


def _finer(pixels: NDArray[np.intp]) -> NDArray[np.intp]:
    """The keys (..., N * fine) of pixels (..., N)."""
    return (pixels[..., None] * fine + np.arange(fine)).reshape(*pixels.shape[:-1], -1)
