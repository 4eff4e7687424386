"""Photographs blended on texels: evened out where they overlap, the best view before the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from backend.articulation.problem import Progress
from backend.geometry.mesh import Mesh
from backend.pictures.textures import linear
from backend.textures import kernels
from backend.textures.atlas import Atlas
from backend.textures.sight import Sight, Stage
from backend.views.cameras import Pinhole

wp: Any = warp  # its stubs do not follow its own array types

Light = NDArray[np.float32]

finest = 512  # pixels across that depth has at least, however small a picture is
feather = 0.04  # of a picture's longer side, over which it fades towards its borders
compared = 40_000  # texels on which pictures are compared
likely_error, likely_gain = 2.0 / 255.0, 0.1  # deviations, as of Brown and Lowe 2007


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture ready to be projected: what its camera sees, and `light` (H, W, 3) linear.

    The depth has `fineness` pixels for each of the picture's; `border` says for each of them
    how many pixels of the picture it is to the next jump in depth or crease, or to the frame.
    """

    sight: Sight
    light: Light
    fineness: int
    border: NDArray[np.float32]

    def on(
        self, points: NDArray[np.float64], face: NDArray[np.int32]
    ) -> tuple[NDArray[np.float32], Light]:
        """How well points (n, 3) of triangles (n,) are shown, (n,), and their colours (n, 3)."""
        weight, colour = np.empty(len(points), np.float32), np.zeros((len(points), 3), np.float32)
        last = [
            wp.array(self.border, dtype=wp.float32, copy=False),
            self.fineness,
            float(max(self.light.shape) * feather),
            wp.array(self.light, dtype=wp.vec3, copy=False),
            wp.array(weight, dtype=wp.float32, copy=False),
            wp.array(colour, dtype=wp.vec3, copy=False),
        ]
        inputs = [*self.sight.inputs(points, face), *last]
        wp.launch(kernels.shoot_kernel, dim=len(points), inputs=inputs, device="cpu")
        return weight, colour


def shot(stage: Stage, camera: Pinhole, picture: NDArray[np.uint8]) -> Shot:
    """A picture (H, W, 3) sRGB that fills a camera's frame, over the meshes of a stage."""
    height, width = picture.shape[:2]
    fineness = -(-finest // max(height, width))
    sight = stage.seen_by(camera.sized(width * fineness, height * fineness))
    border = np.full(sight.jumps.shape, np.inf, np.float32)
    if sight.jumps.any():
        border = np.asarray(distance_transform_edt(sight.jumps == 0), np.float32) / fineness
    for axis, count in enumerate(border.shape):
        middle = np.arange(count) + 0.5
        frame = np.minimum(middle, count - middle) / fineness + kernels.pure
        border = np.minimum(border, np.expand_dims(frame.astype(np.float32), 1 - axis))
    return Shot(sight, linear(picture), fineness, np.ascontiguousarray(border))


@dataclass(frozen=True, eq=False)
class Canvas:
    """A mesh's texels as the pictures show them. `first` is its first triangle among all."""

    atlas: Atlas
    mesh: Mesh
    first: int
    total: NDArray[np.float64]
    light: Light

    @staticmethod
    def blank(atlas: Atlas, mesh: Mesh, first: int) -> Canvas:
        """Nothing on it yet."""
        size = len(atlas)
        return Canvas(atlas, mesh, first, np.zeros(size), np.zeros((size, 3), np.float32))

    def sample(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Points and triangles of about `count` texels."""
        some = np.arange(0, len(self.atlas), max(1, len(self.atlas) // count))
        return self.atlas.points(self.mesh, some), self.atlas.face[some] + np.int32(self.first)

    def add(self, shot: Shot, gain: Light, progress: Progress) -> None:
        """Blend a picture, made brighter by `gain` (3,), into what is there."""
        for some in self.atlas.chunks():
            progress.check()
            points = self.atlas.points(self.mesh, some)
            weight, colour = shot.on(points, self.atlas.face[some] + np.int32(self.first))
            total = self.total[some]
            total += weight
            share = np.divide(weight, total, out=np.zeros_like(total), where=total > 0.0)
            light = self.light[some]
            light += share.astype(np.float32)[:, None] * (colour * gain - light)


def gains(shots: Sequence[Shot], canvases: Sequence[Canvas]) -> Light:
    """Return by how much each picture's light (K, 3) is made brighter to agree with the others.

    Least squares over what pairs of them show of the same texels, held near 1 (Brown and Lowe
    2007, section 6).
    """
    seen: list[list[tuple[NDArray[np.float32], Light]]] = []
    for canvas in canvases:
        points, face = canvas.sample(compared // len(canvases))
        seen.append([shot.on(points, face) for shot in shots])
    weight = np.concatenate([[w for w, _ in own] for own in seen], axis=1)
    colour = np.concatenate([[c for _, c in own] for own in seen], axis=1)
    count = len(shots)
    matrix, right = np.zeros((3, count, count)), np.zeros((3, count))
    for i in range(count):
        for j in range(count):
            both = (weight[i] > 0.0) & (weight[j] > 0.0)
            if i == j or not both.any():
                continue
            number = float(both.sum())
            own, other = colour[i, both].mean(axis=0), colour[j, both].mean(axis=0)
            matrix[:, i, i] += number * (own**2 / likely_error**2 + 1.0 / likely_gain**2)
            matrix[:, i, j] -= number * own * other / likely_error**2
            right[:, i] += number / likely_gain**2
    alone = matrix[0].diagonal() == 0.0
    matrix[:, alone, alone] = right[:, alone] = 1.0
    return np.linalg.solve(matrix, right[..., None])[..., 0].T.astype(np.float32)
