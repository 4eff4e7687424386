"""Views along which the motion runs show none of it: they are kept, replaced or split in two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.views.cameras import Pinhole
from backend.views.rig import Stage, angles, directions, framed, orientation, steepest, view_name
from protocol.views import Unclear

Points = NDArray[np.float64]
steps = np.radians(np.arange(-180.0, 180.5, 2.0))  # by which a view is moved to be clear
rises = np.radians(np.arange(-88.0, 89.0, 2.0))
still = 1e-9  # of the stage's size: less is no motion
slack = 1e-9
climb = math.radians(10.0)  # what another height counts besides the angle it is off by


@dataclass(frozen=True, eq=False)
class Chosen:
    """A camera, the angle in radians between the motion and its axis, and which it replaces."""

    camera: Pinhole
    along: float
    replaces: str = ""


def spread(ways: Points) -> NDArray[np.float64]:
    """How much of a motion (T, N, 3) goes where: (3, 3), of trace 1; zero where nothing moves.

    Every step counts by its length.
    """
    moves = np.diff(ways, axis=0).reshape(-1, 3)
    lengths = np.linalg.norm(moves, axis=1)
    size = float(np.ptp(ways.reshape(-1, 3), axis=0).max())
    moving = lengths > still * max(size, 1e-300)
    if not moving.any():
        return np.zeros((3, 3))
    moves, lengths = moves[moving], lengths[moving]
    return (moves / lengths[:, None]).T @ moves / lengths.sum()


def angle_along(matrix: NDArray[np.float64], ahead: Points) -> NDArray[np.float64]:
    """The angle between a motion and axes (..., 3), pi/2 where nothing moves.

    For a straight motion that between the two lines, else the root mean square of them.
    """
    share = np.einsum("...i,ij,...j->...", ahead, matrix, ahead)
    return np.arccos(np.sqrt(np.clip(share, 0.0, 1.0)))


def cleared(
    cameras: list[Pinhole],
    ways: Points,
    stage: Stage,
    unclear: Unclear,
    least: float,
    margin: float,
    cutaway: bool,
) -> list[Chosen]:
    """The cameras, with those that see the motion by less than `least` kept, replaced or split."""
    matrix = spread(ways)
    found: list[Chosen] = []
    for camera in cameras:
        along = float(angle_along(matrix, camera.ahead))
        others: list[Chosen] = []
        if along < least and unclear != "keep":
            for turn in _turns(camera, matrix, least, split=unclear == "split"):
                name = view_name(*angles(turn))
                other = framed(camera.renamed(name), turn, stage, margin, cutaway)
                angle = float(angle_along(matrix, other.ahead))
                others.append(Chosen(other, angle, camera.name))
        found += others or [Chosen(camera, along)]
    return found


def _turns(
    camera: Pinhole, matrix: NDArray[np.float64], least: float, *, split: bool
) -> list[NDArray[np.float64]]:
    """Rotations of the nearest clear view, or of the nearest on both sides, if there are any."""
    azimuth, elevation = angles(camera.pose[:3, :3])
    turned, raised = (grid.ravel() for grid in np.meshgrid(steps, [elevation, *rises]))
    raised = np.clip(raised, -steepest, steepest)
    back = directions(azimuth + turned, raised)
    clear = angle_along(matrix, back) >= least - slack
    away = np.arccos(np.clip(back @ camera.pose[:3, 2], -1.0, 1.0))
    # Another height makes another kind of picture, and from below there is little to see.
    climbing = np.where(np.abs(raised - elevation) > 1e-6, climb, 0.0)
    sinking = np.where(raised < min(elevation, 0.0) - 1e-6, climb, 0.0)
    cost = away + climbing + sinking + 1e-6 * (turned < 0.0)
    sides = [turned > 0.0, turned < 0.0] if split else [np.ones(len(turned), bool)]
    found = []
    for side in sides:
        fitting = np.flatnonzero(clear & side)
        if len(fitting):
            best = fitting[np.argmin(cost[fitting])]
            found.append(orientation(azimuth + float(turned[best]), float(raised[best])))
    return found


def words(chosen: list[Chosen], least: float) -> list[str]:
    """What to tell of views that were moved, and of those that were left as they are."""
    notes = []
    for view in chosen:
        degrees = math.degrees(view.along)
        if view.replaces:
            notes.append(
                f"The motion runs along the axis of view {view.replaces}: {view.camera.name} "
                f"shows it from {degrees:.0f} degrees off instead."
            )
        elif view.along < least:
            notes.append(
                f"The motion runs within {degrees:.0f} degrees of the axis of view "
                f"{view.camera.name}: little of it is seen there."
            )
    return notes
