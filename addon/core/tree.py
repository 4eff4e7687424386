"""Parts that hang on each other: in which order to take them, and where they are when open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..protocol.joint import Joint, motion
from .opening import slide_at, value_at


def parents_first(parents: Sequence[int]) -> list[int]:
    """Return the indices of parts such that each comes after the one it hangs on (-1: none)."""

    def depth(index: int) -> int:
        above, steps = parents[index], 1
        while above >= 0 and steps <= len(parents):  # what hangs in a ring has no first
            above, steps = parents[above], steps + 1
        return steps

    return sorted(range(len(parents)), key=depth)


def open_poses(
    parents: Sequence[int], joints: Sequence[Joint | None], opened: float, slid: float
) -> NDArray[np.float64]:
    """Return (N, 4, 4) world transforms of parts that are all `opened` and `slid`, 0 to 1.

    The joints are in world with every part at rest; a part without one only goes along.
    """
    poses = np.tile(np.eye(4), (len(parents), 1, 1))
    for index in parents_first(parents):
        joint, parent = joints[index], parents[index]
        if joint:
            poses[index] = motion(joint, value_at(joint, opened), slide_at(joint, slid))
        if parent >= 0:
            poses[index] = poses[parent] @ poses[index]
    return poses
