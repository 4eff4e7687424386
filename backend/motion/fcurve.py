"""Keys as Blender reads them: cubic Bezier curves of value over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def evaluate(keys: ArrayLike, frames: ArrayLike) -> Floats:
    """Return the values (N,) at frames (N,) of keys (K, 6): frame, value, left and right handle.

    Constant before the first key and after the last. Handles that reach beyond the neighbouring
    key are shortened to it, both by the same share, as Blender does.
    """
    keys, frames = np.asarray(keys, np.float64), np.asarray(frames, np.float64)
    found = np.interp(frames, keys[:, 0], keys[:, 1])
    if len(keys) == 1:
        return np.full(len(frames), keys[0, 1])
    index = np.clip(np.searchsorted(keys[:, 0], frames, side="right") - 1, 0, len(keys) - 2)
    inside = (frames > keys[0, 0]) & (frames < keys[-1, 0])
    index, times = index[inside], frames[inside]
    x, y = _controls(keys[index], keys[index + 1])
    found[inside] = _bezier(y, _parameter(x, times))
    return found


def _controls(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The control points' times and values, (N, 4) each."""
    start, end = left[:, 0], right[:, 0]
    out_x, out_y = left[:, 4] - start, left[:, 5] - left[:, 1]
    in_x, in_y = end - right[:, 2], right[:, 1] - right[:, 3]
    total = np.maximum(out_x, 0.0) + np.maximum(in_x, 0.0)
    share = np.where(total > end - start, (end - start) / np.maximum(total, 1e-300), 1.0)
    x = np.stack([start, start + share * out_x, end - share * in_x, end], axis=1)
    y = np.stack(
        [left[:, 1], left[:, 1] + share * out_y, right[:, 1] - share * in_y, right[:, 1]], axis=1
    )
    return x, y


def _bezier(points: Floats, t: Floats) -> Floats:
    s = 1.0 - t
    a, b, c, d = points.T
    return ((s * a + 3.0 * t * b) * s + 3.0 * t * t * c) * s + t**3 * d


def _parameter(x: Floats, times: Floats) -> Floats:
    """Where the curve's time is `times` (N,): its time only grows, so bisection finds it."""
    low, high = np.zeros(len(times)), np.ones(len(times))
    for _ in range(52):
        middle = 0.5 * (low + high)
        before = _bezier(x, middle) < times
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return 0.5 * (low + high)
