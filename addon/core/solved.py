"""Solved motions ready to be looked at: where each link is, which frames to show, what to say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..protocol.animation import Collision
from ..protocol.joint import motion
from ..protocol.meshes import ModelLink

Poses = NDArray[np.float64]


def link_poses(links: Sequence[ModelLink], pose: Poses, values: ArrayLike) -> Poses:
    """Return (L, 4, 4) of the links, from where they were sent, when the first is at `pose`.

    `values` (L,) are the joint values. Links come parents first.
    """
    found = np.tile(np.eye(4), (len(links), 1, 1))
    for index, (link, value) in enumerate(zip(links, np.asarray(values).tolist(), strict=True)):
        found[index] = found[link.parent] if link.parent >= 0 else pose
        if link.joint is not None:
            found[index] = found[index] @ motion(link.joint, value)
    return found


def pivot_line(poses: Poses, pivot: ArrayLike) -> NDArray[np.float64]:
    """Return (T, 3): where the pivot is at each frame."""
    return poses[:, :3, :3] @ np.asarray(pivot, np.float64) + poses[:, :3, 3]


def shown_frames(line: NDArray[np.float64], most: int) -> list[int]:
    """Return indices of frames whose places are evenly spread along the way, both ends too."""
    gone = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    if gone[-1] <= 0.0:
        return [0]
    wanted = np.linspace(0.0, gone[-1], most)
    return sorted({int(np.abs(gone - place).argmin()) for place in wanted})


def worst(collision: Collision) -> int:
    """Return the frame that shows a collision: its middle."""
    return (collision.first + collision.last) // 2


def within(frame: float, collisions: Sequence[Collision]) -> list[Collision]:
    """Return the collisions that last at a frame."""
    return [found for found in collisions if found.first <= frame <= found.last]
