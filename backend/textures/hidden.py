"""What the rest pose hides: texels that no two views of many see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress
from backend.geometry.mesh import Mesh
from backend.geometry.surface import together
from backend.textures import kernels
from backend.textures.atlas import Atlas
from backend.textures.sight import Sight, Stage, bytes_a_triangle
from backend.views.cameras import Pinhole

views = 48  # around the meshes, from all sides
view_pixels = 320
distance = 4.0  # of the cameras, in radii of a ball around the meshes
most_kept = 1 << 30  # bytes of what cameras see


def cameras_around(meshes: Sequence[Mesh]) -> list[Pinhole]:
    """Cameras that look from all sides, evenly spread, at a ball around meshes."""
    corners = [mesh.corners.reshape(-1, 3) for mesh in meshes if len(mesh.faces)]
    low = np.min([points.min(axis=0) for points in corners], axis=0)
    high = np.max([points.max(axis=0) for points in corners], axis=0)
    middle, radius = 0.5 * (low + high), max(0.5 * float(np.linalg.norm(high - low)), 1e-9)
    focal = 0.5 * view_pixels * math.sqrt(distance**2 - 1.0)
    return [
        Pinhole(
            name=f"around {k}",
            pose=_looking(middle + distance * radius * way, way),
            focal=(focal, focal),
            centre=(0.5 * view_pixels, 0.5 * view_pixels),
            width=view_pixels,
            height=view_pixels,
            near=(distance - 1.01) * radius,
            far=(distance + 1.01) * radius,
        )
        for k, way in enumerate(_directions(views))
    ]


class Target(NamedTuple):
    """The texels of a mesh at rest, and the number of its first triangle among all meshes'."""

    atlas: Atlas
    mesh: Mesh
    first: int


def hidden(
    stage: Stage, cameras: Sequence[Pinhole], targets: Sequence[Target], progress: Progress
) -> list[NDArray[np.bool_]]:
    """Return which texels (N,) of each target no two of the cameras see.

    A sliver of surface beside something nearer counts as not seen: through a gap of a pixel
    nothing is. Of large meshes only as many cameras are held at once as memory allows.
    """
    noticed = [np.zeros(len(target.atlas), np.uint8) for target in targets]
    at_once = max(1, most_kept // (bytes_a_triangle * max(1, stage.triangles)))
    for start in range(0, len(cameras), at_once):
        at_rest = []
        for step, camera in enumerate(cameras[start : start + at_once], start):
            progress.stage("rest", step, len(cameras))
            at_rest.append(stage.seen_by(camera))
        for target, own in zip(targets, noticed, strict=True):
            _notice(target, at_rest, own, progress)
    return [own < kernels.enough for own in noticed]


def _notice(
    target: Target, at_rest: Sequence[Sight], noticed: NDArray[np.uint8], progress: Progress
) -> None:
    """Count up in `noticed` (N,) for the texels that cameras see."""
    for some in target.atlas.chunks():
        points = target.atlas.points(target.mesh, some)
        face = target.atlas.face[some] + np.int32(target.first)
        halves = [
            (points[half], face[half], noticed[some][half])
            for half in (slice(0, len(face) // 2), slice(len(face) // 2, None))
        ]
        for sight in at_rest:
            progress.check()
            jobs = [partial(sight.notice, *half) for half in halves]
            list(together(*jobs))


def _directions(count: int) -> NDArray[np.float64]:
    """Unit vectors (count, 3) spread over the sphere on a Fibonacci spiral, none along an axis."""
    k = np.arange(count) + 0.5
    z = 1.0 - 2.0 * k / count
    turn = math.pi * (1.0 + math.sqrt(5.0)) * k
    level = np.sqrt(1.0 - z * z)
    return np.stack([level * np.cos(turn), level * np.sin(turn), z], axis=1)


def _looking(place: NDArray[np.float64], back: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pose (4, 4) of a camera there that looks against `back`."""
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = place
    return pose
