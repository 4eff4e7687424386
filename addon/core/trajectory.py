"""A path through the world in time: where something is at a frame, and how that is drawn.

Lines are (N, 2, 3) segments, float32, as in core.overlay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .strokes import Floats, arcs, extent
from .timing import share_at

Lines = NDArray[np.float32]
most_ticks = 240
tick_steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
most_arrows = 5


class Path:
    """A polyline of (N, 3) world points, by the length of way along it."""

    def __init__(self, points: Floats) -> None:
        self.points = points
        self.along = arcs(points)
        self.size = extent(points)

    @property
    def length(self) -> float:
        """The length of the way in Blender units; 0 when it goes nowhere."""
        return float(self.along[-1])

    def at(self, share: float | Floats) -> Floats:
        """Return the point(s), (3,) or (N, 3), at a share of the way from 0 to 1."""
        along = np.clip(share, 0.0, 1.0) * self.length
        axes = [np.interp(along, self.along, axis) for axis in self.points.T]
        return np.stack(axes, axis=-1)

    def heading(self, share: float | Floats) -> Floats:
        """Return the unit direction(s) at a share of the way; zero where there is no way."""
        step = 0.005
        low = np.clip(np.subtract(share, step), 0.0, 1.0 - 2.0 * step)
        way = self.at(low + 2.0 * step) - self.at(low)
        length = np.linalg.norm(way, axis=-1, keepdims=True)
        return way / np.where(length > 0.0, length, 1.0)


def at_frame(
    path: Path, frame: float, start: float, end: float, shares: Floats | None = None
) -> Floats:
    """Return the point (3,) at a frame; `shares` are as `timing.share_at` has them."""
    return path.at(share_at(frame, start, end, shares))


def tick_frames(start: float, end: float) -> NDArray[np.int64]:
    """Return the frames that get a tick: all, or each 2nd, 5th, ... so that they stay few."""
    start, end = round(start), round(end)
    frames = max(end - start, 1)
    step = next((step for step in tick_steps if frames / step <= most_ticks), frames)
    return np.arange(start, end + 1, step)


def ticks(
    path: Path, start: float, end: float, second: float, shares: Floats | None = None
) -> tuple[Lines, Lines]:
    """Return crosses at equal steps of time, and larger ones at whole seconds after the start.

    Where they are dense, the motion is slow. `second` is how many frames make one.
    """
    frames = tick_frames(start, end)
    seconds = np.arange(start, end + 1e-6, max(second, 1.0))
    small, large = (share_at(chosen, start, end, shares) for chosen in (frames, seconds))
    return _crosses(path, small, 0.012), _crosses(path, large, 0.03)


def _crosses(path: Path, shares: Floats, size: float) -> Lines:
    middles, ways = path.at(shares), path.heading(shares)
    side = _across(ways)
    arms = size * path.size * np.stack([side, np.cross(ways, side)])
    return _segments(np.stack([middles - arms, middles + arms], axis=2))


def arrows(path: Path) -> Lines:
    """Return arrow heads along the way, one at its end."""
    shares = np.linspace(0.0, 1.0, most_arrows + 1)[1:]
    tips, ways = path.at(shares), path.heading(shares)
    side = _across(ways)
    sides = np.stack([side, -side, np.cross(ways, side), -np.cross(ways, side)])
    wings = tips - 0.03 * path.size * (ways - 0.4 * sides)
    return _segments(np.stack([np.broadcast_to(tips, wings.shape), wings], axis=2))


def way(points: Floats) -> Lines:
    """Return the segments from each point to the next."""
    return _segments(np.stack([points[:-1], points[1:]], axis=1))


def marker(size: float) -> Lines:
    """Return a diamond about the origin: what moves where nothing has been chosen."""
    tips = size * np.concatenate([np.eye(3), -np.eye(3)])
    pairs = [(i, j) for i in range(6) for j in range(i + 1, 6) if j != i + 3]
    return _segments(tips[np.array(pairs)])


def _across(ways: Floats) -> Floats:
    """Return unit vectors at right angles to directions (..., 3), level where possible."""
    up = np.where(np.abs(ways[..., 2:]) > 0.99, [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    side = np.cross(up, ways)
    length = np.linalg.norm(side, axis=-1, keepdims=True)
    return side / np.where(length > 0.0, length, 1.0)


def _segments(pairs: NDArray) -> Lines:
    return np.asarray(pairs, np.float32).reshape(-1, 2, 3)
