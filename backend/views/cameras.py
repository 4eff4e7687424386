"""Pinhole cameras: what is where in their pictures, exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.views.asking import check_camera
from protocol.views import Camera

Matrix = NDArray[np.float64]
turn_about = np.diag([1.0, -1.0, -1.0, 1.0])  # Blender's axes to OpenCV's: y down, z ahead


@dataclass(frozen=True, eq=False)
class Pinhole:
    """A camera. `pose` (4, 4) is its frame to world in Blender's axes: -z ahead, +y up.

    `focal` and `centre` are in pixels, from the outer corner of the top left one.
    """

    name: str
    pose: Matrix
    focal: tuple[float, float]
    centre: tuple[float, float]
    width: int
    height: int
    near: float = 0.01
    far: float = 1000.0

    @property
    def view(self) -> Matrix:
        """World to the camera's frame in OpenCV's axes: x right, y down, z ahead."""
        turn = self.pose[:3, :3].T
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = turn, -turn @ self.pose[:3, 3]
        return turn_about @ matrix

    @property
    def ahead(self) -> NDArray[np.float64]:
        """The unit vector along its axis, in world."""
        return -self.pose[:3, 2]

    def project(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return pixel positions (..., 2), NaN behind the camera, and depths (...)."""
        view = self.view
        seen = np.asarray(points, np.float64) @ view[:3, :3].T + view[:3, 3]
        depth = seen[..., 2]
        ahead = np.where(depth > 0.0, depth, np.nan)
        x = self.focal[0] * seen[..., 0] / ahead + self.centre[0]
        y = self.focal[1] * seen[..., 1] / ahead + self.centre[1]
        return np.stack([x, y], axis=-1), depth

    def holds(self, pixels: NDArray[np.float64], depth: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether what was projected is in the picture and between near and far."""
        x, y = pixels[..., 0], pixels[..., 1]
        inside = (x >= 0.0) & (x < self.width) & (y >= 0.0) & (y < self.height)
        return inside & (depth >= self.near) & (depth <= self.far)

    def sized(self, width: int, height: int) -> Pinhole:
        """The same frame with another number of pixels."""
        x, y = width / self.width, height / self.height
        focal = (self.focal[0] * x, self.focal[1] * y)
        centre = (self.centre[0] * x, self.centre[1] * y)
        return replace(self, focal=focal, centre=centre, width=width, height=height)

    def renamed(self, name: str) -> Pinhole:
        return replace(self, name=name)


def read(camera: Camera) -> Pinhole:
    """A camera of a request. Raises TugError bad_input where it is none."""
    pose = check_camera(camera)
    turn = pose[:3, :3] / np.linalg.norm(pose[:3, :3], axis=0)
    left, _, right = np.linalg.svd(turn)  # to the nearest rotation
    rigid = np.eye(4)
    rigid[:3, :3], rigid[:3, 3] = left @ right, pose[:3, 3]
    return Pinhole(
        camera.name,
        rigid,
        camera.focal,
        camera.centre,
        camera.width,
        camera.height,
        camera.near,
        camera.far,
    )


def written(camera: Pinhole) -> Camera:
    """The camera as results carry it."""
    a, b, c, d = (tuple(row) for row in camera.pose.tolist())
    fx, fy, cx, cy = (float(value) for value in (*camera.focal, *camera.centre))
    return Camera(
        name=camera.name,
        pose=(a, b, c, d),  # type: ignore[arg-type]
        focal=(fx, fy),
        centre=(cx, cy),
        width=camera.width,
        height=camera.height,
        near=float(camera.near),
        far=float(camera.far),
    )
