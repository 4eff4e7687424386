"""Timing apart from shape: how much of a way is behind at a frame, as the keys of a curve.

Keys are (K, 6) float64 as the protocol's channels have them: frame, value, frame and value of
the left handle, frame and value of the right one.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Keys = NDArray[np.float64]
Preset = Literal["CONSTANT", "EASE", "EASE_IN", "EASE_OUT"]
third = 1.0 / 3.0

# Of the inner control points, at a third and two thirds of the time, how much is behind.
inner: dict[Preset, tuple[float, float]] = {
    "CONSTANT": (third, 2.0 * third),
    "EASE": (0.0, 1.0),
    "EASE_IN": (0.0, third),
    "EASE_OUT": (2.0 * third, 1.0),
}


def preset(name: Preset, start: float, end: float) -> Keys:
    """Return two keys that go from 0 at `start` to 1 at `end`."""
    first, second = inner[name]
    step = (end - start) / 3.0
    return np.array(
        [
            [start, 0.0, start - step, -first, start + step, first],
            [end, 1.0, end - step, second, end + step, 2.0 - second],
        ]
    )


def smooth(pairs: NDArray[np.float64]) -> Keys:
    """Return keys through (K, 2) frames and shares, without going beyond the shares given."""
    frames, shares = pairs.T
    slopes = np.diff(shares) / np.diff(frames)
    inside = np.where(slopes[1:] * slopes[:-1] > 0.0, _harmonic(slopes[1:], slopes[:-1]), 0.0)
    slope = np.r_[slopes[:1], inside, slopes[-1:]]
    steps = np.diff(frames) / 3.0
    before, after = np.r_[steps[:1], steps], np.r_[steps, steps[-1:]]
    columns = (frames, shares, frames - before, shares - slope * before)
    return np.stack([*columns, frames + after, shares + slope * after], axis=1)


def _harmonic(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the harmonic mean, which keeps a cubic between its ends; 0 where one is."""
    total = a + b
    return 2.0 * a * b / np.where(total == 0.0, 1.0, total)


def with_key(keys: Keys, frame: float) -> Keys:
    """Return the keys with one more at `frame`; the curve keeps its shape.

    A key that is there already stays alone; beyond the ends the curve is level.
    """
    at = int(np.searchsorted(keys[:, 0], frame))
    if np.abs(keys[:, 0] - frame).min() < 0.01:
        return keys
    if at in (0, len(keys)):
        value = keys[min(at, len(keys) - 1), 1]
        level = [frame, value, frame - 1.0, value, frame + 1.0, value]
        return np.insert(keys, at, level, axis=0)
    before, after = keys[at - 1].copy(), keys[at].copy()
    points = np.array([before[:2], before[4:6], after[2:4], after[:2]])
    left, right = _split(points, _parameter(points[:, 0], frame))
    before[4:6], after[2:4] = left[1], right[2]
    between = np.concatenate([left[3], left[2], right[1]])
    return np.concatenate([keys[: at - 1], [before, between, after], keys[at + 1 :]])


def _parameter(frames: NDArray[np.float64], frame: float) -> float:
    """Return where along a cubic whose frames grow a frame is, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        s = 1.0 - middle
        weights = np.array([s**3, 3 * s * s * middle, 3 * s * middle**2, middle**3])
        low, high = (middle, high) if weights @ frames < frame else (low, middle)
    return (low + high) / 2.0


def _split(points: NDArray[np.float64], t: float) -> tuple[NDArray, NDArray]:
    """Return the control points (4, 2) of both halves of a cubic (de Casteljau)."""
    left, right = [points[0]], [points[-1]]
    while len(points) > 1:
        points = points[:-1] + t * (points[1:] - points[:-1])
        left.append(points[0])
        right.append(points[-1])
    return np.array(left), np.array(right[::-1])


def share_at(
    frame: ArrayLike, start: float, end: float, shares: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return which share of the way is behind at a frame or frames, 0 to 1.

    `shares` (K,) are evenly spaced in time from start to end; without, the motion is steady.
    """
    length = max(end - start, 1e-6)
    gone = np.clip((np.asarray(frame, np.float64) - start) / length, 0.0, 1.0)
    if shares is None:
        return gone
    known = np.atleast_1d(np.asarray(shares, np.float64))
    return np.interp(gone, np.linspace(0.0, 1.0, len(known)), known)
