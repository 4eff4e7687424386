"""An independent photographer: every ray against every triangle, in numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.views.cameras import Pinhole

Paint = Callable[[NDArray[Any], NDArray[np.float64]], NDArray[np.float64]]
white = 1.0


def hits(
    origin: NDArray[np.float64], ways: NDArray[np.float64], corners: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Which triangle (N,) each ray meets first, -1 for none, and its corners' shares (N, 3)."""
    nearest, face, shares = (
        np.full(len(ways), np.inf),
        np.full(len(ways), -1),
        np.zeros((len(ways), 3)),
    )
    for f, (a, b, c) in enumerate(corners):
        across = np.cross(ways, c - a)
        volume = across @ (b - a)
        with np.errstate(divide="ignore", invalid="ignore"):
            u = across @ (origin - a) / volume
            turned = np.cross(origin - a, b - a)
            v = ways @ turned / volume
            far = (c - a) @ turned / volume
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 1e-6) & (far < nearest)
        nearest[hit], face[hit] = far[hit], f
        shares[hit] = np.stack([1 - u - v, u, v], axis=1)[hit]
    return face, shares


def photograph(
    camera: Pinhole,
    corners: NDArray[np.float64],
    uv: NDArray[np.float32],
    paint: Paint,
    fine: int = 2,
) -> NDArray[np.uint8]:
    """A picture (H, W, 3) of triangles (F, 3, 3) whose light `paint` tells for face and uv."""
    size = (camera.height * fine, camera.width * fine)
    y, x = (np.indices(size) + 0.5) / fine
    rays = [
        (x - camera.centre[0]) / camera.focal[0],
        -(y - camera.centre[1]) / camera.focal[1],
        -np.ones(size),
    ]
    ways = np.stack(rays, axis=-1).reshape(-1, 3) @ camera.pose[:3, :3].T
    face, shares = hits(camera.pose[:3, 3], ways, corners)
    light = np.full((len(face), 3), white)
    seen = face >= 0
    at = np.einsum("nk,nkd->nd", shares[seen], uv[face[seen]])
    light[seen] = paint(face[seen], at)
    mean = light.reshape(camera.height, fine, camera.width, fine, 3).mean(axis=(1, 3))
    return levels(mean)


def levels(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    """sRGB of linear light."""
    bent = np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    )
    return np.round(255 * np.clip(bent, 0, 1)).astype(np.uint8)


def looking(
    place: tuple[float, ...], at: tuple[float, ...], size: int = 256, angle: float = 0.7
) -> Pinhole:
    """A square camera there that looks at a point; `angle` is its field of view."""
    back = np.array(place, float) - at
    back /= np.linalg.norm(back)
    right = np.cross((0.0, 0.0, 1.0), back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = np.stack([right, np.cross(back, right), back], axis=1), place
    focal = 0.5 * size / np.tan(0.5 * angle)
    return Pinhole("photo", pose, (focal, focal), (size / 2, size / 2), size, size, 0.01, 100.0)
