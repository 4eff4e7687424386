"""Where cameras stand around a motion, so that all of it is in the picture and fills it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.views.cameras import Pinhole
from backend.views.scene import Part, Points, Scene, chunk_points, swept
from protocol.views import Rig

steepest = math.radians(89.0)  # that a view is moved to; one that was asked for may be steeper
cut_slack = 0.02  # of the motion's depth that is left in front of it by a cutaway
near_share = 1e-3  # of the distance, where nothing is cut away
least_gap = 1e-3  # of the motion's depth, by which a camera keeps off it


@dataclass(frozen=True, eq=False)
class Stage:
    """What cameras frame: the parts that are followed, and a box around everything."""

    parts: tuple[Part, ...]
    low: Points
    high: Points

    @cached_property
    def middle(self) -> Points:
        """Of the box around the motion."""
        axes = np.eye(3)
        return 0.5 * (self.reach(axes) - self.reach(-axes))

    def reach(self, directions: Points) -> NDArray[np.float64]:
        """How far the motion reaches along directions (D, 3), (D,)."""
        return np.max([_reach(part, directions) for part in self.parts], axis=0)


def stage_of(scene: Scene) -> Stage:
    """The stage of all tracked bodies over all frames."""
    followed = [part for body in scene.bodies if body.tracked for part in body.parts]
    return Stage(tuple(followed), *scene.extent())


def _reach(part: Part, directions: Points) -> NDArray[np.float64]:
    """How far a part reaches along directions (D, 3) at any frame, (D,)."""
    if part.shapes is not None:
        chunks = swept(part)
        return np.max([(chunk @ directions.T).max(axis=0) for chunk in chunks], axis=0)
    if part.motion is None:
        return (part.span @ directions.T).max(axis=0)
    far = np.full(len(directions), -np.inf)
    step = max(1, chunk_points // (len(part.span) * len(directions)))
    for start in range(0, len(part.motion), step):
        poses = part.motion[start : start + step]
        turned = np.einsum("tij,di->tdj", poses[:, :3, :3], directions)
        there = (part.span @ turned.reshape(-1, 3).T).max(axis=0).reshape(turned.shape[:2])
        far = np.maximum(far, (there + poses[:, :3, 3] @ directions.T).max(axis=0))
    return far


def orientation(azimuth: float, elevation: float) -> NDArray[np.float64]:
    """The (3, 3) rotation of a camera that looks in from there; 0, 0 is the front (-y)."""
    right = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    back = directions(np.float64(azimuth), np.float64(elevation))
    return np.stack([right, np.cross(back, right), back], axis=1)


def directions(azimuth: ArrayLike, elevation: ArrayLike) -> Points:
    """Unit vectors (..., 3) from the middle to cameras that look in from there."""
    level = np.cos(elevation)
    x, y = np.sin(azimuth) * level, -np.cos(azimuth) * level
    return np.stack([x, y, np.broadcast_to(np.sin(elevation), np.shape(x))], axis=-1)


def angles(turn: NDArray[np.float64]) -> tuple[float, float]:
    """Azimuth and elevation that a camera's (3, 3) rotation looks in from."""
    back, right = turn[:, 2], turn[:, 0]
    elevation = math.asin(float(np.clip(back[2], -1.0, 1.0)))
    if math.hypot(back[0], back[1]) > 1e-9:
        return math.atan2(back[0], -back[1]), elevation
    return math.atan2(right[1], right[0]), elevation


def view_name(azimuth: float, elevation: float) -> str:
    """What a rig calls a view: az090_el30."""
    turn, rise = round(math.degrees(azimuth), 1) % 360.0, round(math.degrees(elevation), 1)
    sign = "-" if rise < 0.0 else ""
    return f"az{_degrees(turn, 3)}_el{sign}{_degrees(abs(rise), 2)}"


def _degrees(value: float, digits: int) -> str:
    whole, part = divmod(round(value * 10.0), 10)
    return f"{whole:0{digits}d}" + (f".{part}" if part else "")


def cameras_of(rig: Rig, stage: Stage) -> list[Pinhole]:
    """The rig's cameras, azimuths first: all at the first elevation, then at the next."""
    focal = 0.5 * max(rig.width, rig.height) / math.tan(0.5 * rig.field)
    lens = Pinhole(
        "",
        np.eye(4),
        (focal, focal),
        (0.5 * rig.width, 0.5 * rig.height),
        rig.width,
        rig.height,
    )
    found = []
    for elevation in rig.elevations:
        for azimuth in rig.azimuths:
            lens = replace(lens, name=view_name(azimuth, elevation))
            turn = orientation(azimuth, elevation)
            found.append(framed(lens, turn, stage, rig.margin, rig.cutaway))
    return found


def framed(
    lens: Pinhole, turn: NDArray[np.float64], stage: Stage, margin: float, cutaway: bool
) -> Pinhole:
    """The camera from as near as all of the motion still is in its picture less the margin.

    Each edge of the picture bounds where the camera may be by a half-space: in each direction
    the farther of the two that meet decides.
    """
    right, down, ahead = turn[:, 0], -turn[:, 1], -turn[:, 2]
    sizes = (lens.width, lens.height)
    bounds, planes = [], []
    for axis, across in enumerate((right, down)):
        edge = margin * sizes[axis]
        low = (edge - lens.centre[axis]) / lens.focal[axis]
        high = (sizes[axis] - edge - lens.centre[axis]) / lens.focal[axis]
        bounds.append((low, high))
        planes += [across - high * ahead, low * ahead - across]
    *reach, near, far = stage.reach(np.array([*planes, -ahead, ahead]))
    depth = min(
        -(reach[0] + reach[1]) / (bounds[0][1] - bounds[0][0]),
        -(reach[2] + reach[3]) / (bounds[1][1] - bounds[1][0]),
        -near - max(least_gap * (near + far), 1e-9),
    )
    x, y = (
        0.5 * ((reach[2 * axis] + high * depth) - (reach[2 * axis + 1] - low * depth))
        for axis, (low, high) in enumerate(bounds)
    )
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, x * right + y * down + depth * ahead
    camera = replace(lens, pose=pose)
    return _with_range(camera, stage, -near - depth, far - depth, cutaway)


def _with_range(
    camera: Pinhole, stage: Stage, nearest: float, farthest: float, cutaway: bool
) -> Pinhole:
    """The camera with a near plane in front of the motion and a far one behind everything."""
    corners = np.array(np.meshgrid(*zip(stage.low, stage.high, strict=True))).reshape(3, -1).T
    behind = float(((corners - camera.pose[:3, 3]) @ camera.ahead).max())
    near = near_share * farthest
    if cutaway:
        near = max(near, nearest - cut_slack * (farthest - nearest) - near)
    return replace(camera, near=min(near, 0.999 * nearest), far=1.01 * max(behind, farthest))


def unique_names(names: Sequence[str]) -> list[str]:
    """The names as those of folders, repeated ones with a number."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "_", name)[:80].strip(". ") or "view"
        number, own = 2, plain
        while own.lower() in {other.lower() for other in found}:
            own, number = f"{plain}_{number}", number + 1
        found.append(own)
    return found
