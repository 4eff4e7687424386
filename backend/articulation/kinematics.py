"""Many motions at once: moving points, and the joint value that carries a drag."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.geometry.surface import Motions

Values = NDArray[np.float64]


def move(motions: Motions, values: Values, points: Values) -> Values:
    """Return where (H, N, 3) each motion at its value (H,) takes points (N, 3) or (H, N, 3)."""
    axis, origin = motions.axis[:, None, :], motions.origin[:, None, :]
    arm = points - origin
    along = (arm * axis).sum(axis=2, keepdims=True) * axis
    radial = arm - along
    angle = values[:, None, None]
    turned = origin + along + radial * np.cos(angle) + np.cross(axis, radial) * np.sin(angle)
    slid = points + axis * angle
    return np.where(motions.hinge[:, None, None], turned, slid)


def transforms(motions: Motions, values: Values) -> Values:
    """Return the rigid transforms (H, 4, 4) of each motion at its value (H,)."""
    corners = move(motions, values, np.concatenate([np.zeros((1, 3)), np.eye(3)]))
    found = np.tile(np.eye(4), (len(motions), 1, 1))
    found[:, :3, 3] = corners[:, 0]
    found[:, :3, :3] = (corners[:, 1:] - corners[:, :1]).transpose(0, 2, 1)
    return found


def values_of(motions: Motions, drags: Values) -> Values:
    """Return the joint value (H, D) that brings each drag's start closest to its end."""
    start, end = drags[:, 0], drags[:, 1]
    axis = motions.axis[:, None, :]
    slide = ((end - start)[None] * axis).sum(axis=2)
    arms = [points[None] - motions.origin[:, None, :] for points in (start, end)]
    flat = [arm - (arm * axis).sum(axis=2, keepdims=True) * axis for arm in arms]
    sine = (np.cross(flat[0], flat[1]) * axis).sum(axis=2)
    turn = np.arctan2(sine, (flat[0] * flat[1]).sum(axis=2))
    return np.where(motions.hinge[:, None], turn, slide)


def misses(motions: Motions, drags: Values) -> Values:
    """Return from each drag's end to where its start is carried (H, D, 3), over its length."""
    values = values_of(motions, drags)
    carried = [
        move(motions, values[:, d], drags[d : d + 1, 0])[:, 0] - drags[d, 1]
        for d in range(len(drags))
    ]
    length = np.linalg.norm(drags[:, 1] - drags[:, 0], axis=1)
    return np.stack(carried, axis=1) / length[:, None]


def carry(motions: Motions, drags: Values) -> tuple[Values, Values]:
    """Return the joint values (H, D) that carry the drags best, and the misses' lengths (H, D)."""
    off = np.linalg.norm(misses(motions, drags), axis=2)
    return values_of(motions, drags), off


def arms(motions: Motions, points: Values) -> Values:
    """Return the distance (H, N) of each point from each motion's axis line."""
    arm = points[None] - motions.origin[:, None, :]
    along = np.einsum("hni,hi->hn", arm, motions.axis)
    return np.sqrt(np.maximum(np.einsum("hni,hni->hn", arm, arm) - along**2, 0.0))


def signed(motions: Motions, flip: NDArray[np.bool_]) -> Motions:
    """Return the motions with the axes of `flip` (H,) reversed."""
    return Motions(
        motions.hinge, np.where(flip[:, None], -motions.axis, motions.axis), motions.origin
    )
