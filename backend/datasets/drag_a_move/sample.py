"""A sample: a picture before, one after, and the drags between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.views.cameras import Pinhole

Look = Literal["clay", "colours", "textured"]
every_look: tuple[Look, ...] = ("clay", "colours", "textured")
most_drags = 10


@dataclass(frozen=True, eq=False)
class Sample:
    """Pictures of `size` S pixels; row k of `drags` is that of the part k + 1 of the masks.

    before, after: (S, S, 3) uint8. drags: (10, 4) float32, (x0, y0, x1, y1) as shares of the
    picture, zeros where there is none. moving_before, moving_after: (S, S) uint8, 1 + the
    index of the moving part, 0 else. flow: (S, S, 2) float32, by how many pixels what is in
    a pixel before moves. `names` are those of the moving parts, `seed` the object's.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    drags: NDArray[np.float32]
    moving_before: NDArray[np.uint8]
    moving_after: NDArray[np.uint8]
    flow: NDArray[np.float32]
    family: str
    seed: int
    look: Look
    camera: Pinhole
    names: tuple[str, ...]
