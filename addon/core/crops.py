"""Square pictures that an object fills: where in a camera's picture it is, and cameras around."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from .geometry import transformed

margin = 0.08  # of the picture, free at each edge
nearest = 1e-3  # of the object's depth: what is nearer to the camera's plane is behind it
tele = 20.0  # radii of the object from which a picture hardly shows perspective
around_elevation = math.radians(20.0)
around_radii = 3.5

Pose = NDArray[np.float64]


class Crop(NamedTuple):
    """A square pinhole camera as protocol.views.Camera has it: `pose` (4, 4) to world, -z ahead.

    `focal` and `centre` are in pixels of a picture `size` pixels wide and high.
    """

    pose: Pose
    focal: tuple[float, float]
    centre: tuple[float, float]
    size: int
    near: float
    far: float


def crop(pose: Pose, points: NDArray, size: int) -> Crop:
    """Return the square about world points (N, 3) in what is seen from a rigid `pose`.

    The eye stays where it is, so the picture is a part of what a camera there sees, enlarged.
    Raises TugError `bad_input` where the points surround the eye or are behind it.
    """
    to_eye = np.linalg.inv(pose).astype(np.float64)
    local = transformed(to_eye, np.asarray(points, np.float64))
    depth = -local[:, 2]
    if not depth.size or depth.min() <= nearest * max(float(depth.max()), 0.0):
        raise failure(
            "bad_input", "The object is not all in front of the camera; step back from it."
        )
    plane = local[:, :2] / depth[:, None]
    low, high = plane.min(axis=0), plane.max(axis=0)
    side = float((high - low).max()) / (1.0 - 2.0 * margin)
    if not side > 0.0:
        raise failure("bad_input", "The object is a point from here; look from another side.")
    focal = size / side
    x, y = (low + high) / 2.0
    centre = size / 2.0 - focal * float(x), size / 2.0 + focal * float(y)
    far = 2.0 * float(depth.max())  # what is pulled may come nearer than the object is
    near = nearest * float(depth.max())
    return Crop(pose, (focal, focal), centre, size, near, far)


def from_afar(pose: Pose, points: NDArray) -> Pose:
    """Return a pose that looks the same way at the points from so far that perspective is lost."""
    middle, radius = _ball(points)
    moved = np.array(pose, np.float64)
    moved[:3, 3] = middle + pose[:3, 2] * tele * radius
    return moved


def around(points: NDArray, count: int, size: int) -> list[Crop]:
    """Return `count` cameras around the points, from the front (-y) on, a little from above."""
    middle, radius = _ball(points)
    crops = []
    for azimuth in math.tau * np.arange(count) / count + math.radians(30.0):
        flat = np.array([math.sin(azimuth), -math.cos(azimuth), 0.0])
        away = math.cos(around_elevation) * flat
        away[2] = math.sin(around_elevation)
        crops.append(crop(_looking(middle + around_radii * radius * away, away), points, size))
    return crops


def _ball(points: NDArray) -> tuple[NDArray[np.float64], float]:
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2.0, max(float(np.linalg.norm(high - low)) / 2.0, 1e-9)


def _looking(eye: NDArray[np.float64], back: NDArray[np.float64]) -> Pose:
    """Return the pose of an eye whose +z is the unit vector `back`, upright."""
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = right, np.cross(back, right), back, eye
    return pose
