"""Small scenes that the tests of views share."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh
from backend.views.cameras import Pinhole
from backend.views.rig import orientation
from backend.views.scene import Body, Part, Scene
from tests.backend.conftest import box


def box_mesh(low: tuple[float, ...], high: tuple[float, ...]) -> Mesh:
    vertices, faces = box(low, high)
    return Mesh(vertices.astype(np.float64), faces)


def ball(radius: float = 0.5, middle: tuple[float, ...] = (0.0, 0.0, 0.0), rings: int = 12) -> Mesh:
    """A sphere of quads cut in two."""
    around, up = np.meshgrid(
        np.linspace(0.0, math.tau, 2 * rings + 1), np.linspace(0.0, math.pi, rings + 1)
    )
    points = np.stack([np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)], -1)
    index = np.arange(points[..., 0].size).reshape(around.shape)
    a, b, c, d = (
        x.ravel() for x in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
    )
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    return Mesh(points.reshape(-1, 3) * radius + np.array(middle), faces)


def moves(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Translations (T, 4, 4) by steps (T, 3)."""
    motion = np.tile(np.eye(4), (len(steps), 1, 1))
    motion[:, :3, 3] = steps
    return motion


def turns(count: int, angle: float, step: tuple[float, ...] = (0.0, 0.0, 0.0)) -> NDArray:
    """Turns about z that also go somewhere, (count, 4, 4)."""
    shares = np.linspace(0.0, 1.0, count)
    motion = moves(shares[:, None] * np.array(step))
    c, s = np.cos(angle * shares), np.sin(angle * shares)
    motion[:, 0, 0], motion[:, 0, 1], motion[:, 1, 0], motion[:, 1, 1] = c, -s, s, c
    return motion


def straight(count: int, *ends: tuple[float, ...]) -> NDArray[np.float64]:
    """Evenly spaced moves between two offsets, (count, 4, 4)."""
    share = np.linspace(0.0, 1.0, count)[:, None]
    start, end = (np.array(point, float) for point in ends)
    return moves(start + share * (end - start))


def moving(
    motion: NDArray[np.float64], mesh: Mesh | None = None, *scenery: Mesh, **fields: int
) -> Scene:
    """A box (or a mesh) that moves among scenery."""
    own = Part("box", mesh or box_mesh((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5)), motion)
    still = tuple(
        Body(f"scenery {k}", (Part("all", mesh),), tracked=False) for k, mesh in enumerate(scenery)
    )
    return Scene((Body("thing", (own,)), *still), len(motion), **fields)


def camera(
    azimuth: float = 0.3, elevation: float = 0.4, distance: float = 6.0, **fields: float
) -> Pinhole:
    """A camera that looks at the origin."""
    pose = np.eye(4)
    pose[:3, :3] = orientation(azimuth, elevation)
    pose[:3, 3] = distance * pose[:3, 2]
    usual = {"width": 64, "height": 48, "near": 0.1, "far": 100.0} | fields
    return Pinhole("camera", pose, (70.0, 75.0), (33.3, 22.1), **usual)  # type: ignore[arg-type]
