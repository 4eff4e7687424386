"""What a camera sees of a scene, kept so that texels can be held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh
from backend.textures import kernels
from backend.views.cameras import Pinhole
from backend.views.raster import Rasteriser, nothing
from backend.views.scene import Body, Part, Scene

wp: Any = warp  # its stubs do not follow its own array types

slack = 0.2  # pixels that something must be nearer to count as in front
bytes_a_triangle = 96  # of what is kept for a camera


@dataclass(frozen=True, eq=False)
class Sight:
    """What each pixel of a camera sees.

    `seen` (H, W) int32 is the triangle, -1 for none, `jumps` (H, W) uint8 is 1 beside a crease,
    2 beside a jump in depth on its near side and 3 on its far side, else 0. `corners`
    (F, 3, 3) of all triangles are in the camera's frame, `own` (F, 3) their planes: see `kernels`.
    """

    camera: Pinhole
    corners: NDArray[np.float64]
    own: NDArray[np.float64]
    seen: NDArray[np.int32]
    jumps: NDArray[np.uint8]

    def inputs(self, points: NDArray[np.float64], face: NDArray[np.int32]) -> list[Any]:
        """What kernels take first: points in world, their triangles, and what the camera sees."""
        camera = self.camera
        return [
            wp.array(points, dtype=wp.vec3d, copy=False),
            wp.array(np.ascontiguousarray(face), dtype=int, copy=False),
            wp.mat44d(camera.view),
            wp.vec4d(*camera.focal, *camera.centre),
            wp.float64(camera.near),
            wp.float64(slack / max(camera.focal)),
            wp.array(self.corners, dtype=wp.vec3d, copy=False),
            wp.array(self.own, dtype=wp.vec3d, copy=False),
            wp.array(self.seen, dtype=int, copy=False),
        ]

    def notice(
        self, points: NDArray[np.float64], face: NDArray[np.int32], noticed: NDArray[np.uint8]
    ) -> None:
        """Count up in `noticed` (n,), to `kernels.enough`, for the points (n, 3) that are seen.

        Their triangles are `face` (n,).
        """
        last = [
            wp.array(self.jumps, dtype=wp.uint8, copy=False),
            wp.array(noticed, dtype=wp.uint8, copy=False),
        ]
        inputs = [*self.inputs(points, face), *last]
        wp.launch(kernels.notice_kernel, dim=len(points), inputs=inputs, device="cpu")


class Stage:
    """Meshes in one pose, ready for cameras."""

    def __init__(self, meshes: Sequence[Mesh]) -> None:
        parts = tuple(Part(str(k), mesh) for k, mesh in enumerate(meshes))
        self.triangles = sum(len(mesh.faces) for mesh in meshes)
        self._rasteriser = Rasteriser(Scene((Body("all", parts),), 1))

    def seen_by(self, camera: Pinhole) -> Sight:
        """What a camera sees of the meshes; triangles count through all of them."""
        behind = self._rasteriser.backdrop(camera, [])
        corners = behind.seen.numpy()[0][behind.group.faces]
        own = np.zeros((len(corners), 3))
        face = (behind.keys & np.uint64(nothing)).astype(np.uint32).view(np.int32)  # nothing is -1
        jumps = np.empty(face.shape, np.uint8)
        planes = wp.array(own, dtype=wp.vec3d, copy=False)
        inputs = [wp.array(corners, dtype=wp.vec3d, copy=False), planes]
        wp.launch(kernels.plane_kernel, dim=len(own), inputs=inputs, device="cpu")
        inputs = [
            wp.vec4d(*camera.focal, *camera.centre),
            planes,
            wp.array(face, dtype=int, copy=False),
            wp.array(jumps, dtype=wp.uint8, copy=False),
        ]
        wp.launch(kernels.jump_kernel, dim=face.shape, inputs=inputs, device="cpu")
        return Sight(camera, corners, own, face, jumps)
