"""Fast motion cut into clips that are shown so slowly that no track is too fast in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.views.cameras import Pinhole
from protocol.views import Clip

shortest = 4  # steps: a shorter clip joins a slower neighbour
slowest = 256  # a step that is longer than that leaves any picture


def speeds(
    camera: Pinhole, pixels: NDArray[np.float64], depths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The largest step of any track (T, N, 2) that begins or ends in the picture: (T - 1,)."""
    if len(pixels) < 2 or not pixels.shape[1]:
        return np.zeros(max(0, len(pixels) - 1))
    seen = camera.holds(pixels, depths)
    step = np.linalg.norm(np.diff(pixels, axis=0), axis=2)
    step[~(seen[1:] | seen[:-1]) | ~np.isfinite(step)] = 0.0
    return step.max(axis=1)


def cut(steps: NDArray[np.float64], fastest: float, first: int) -> tuple[Clip, ...]:
    """Clips of the frames from number `first` on, T - 1 steps of so many pixels apart."""
    if not len(steps):
        return (Clip(first=first, last=first),)
    slower = np.minimum(2 ** np.ceil(np.log2(np.maximum(steps / fastest, 1.0) - 1e-9)), slowest)
    ends = [*np.flatnonzero(np.diff(slower)) + 1, len(slower)]
    runs = [
        [int(start), int(end), float(slower[start])]
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]
    _join_short(runs)
    return tuple(
        Clip(first=first + int(start), last=first + int(end), slower=slow)
        for start, end, slow in runs
    )


def shown_frames(clip: Clip) -> NDArray[np.float64]:
    """The frame numbers that are shown of a clip, with those between two frames."""
    count = round((clip.last - clip.first) * clip.slower) + 1
    return np.linspace(clip.first, clip.last, count)


def shown(clip: Clip, pixels: NDArray[np.floating], first: int) -> NDArray[np.float32]:
    """Where tracks (T, N, 2), the first at frame `first`, are in what is shown of a clip.

    Between two frames they go straight and evenly, so that none goes too far.
    """
    frames = shown_frames(clip) - first
    before = np.clip(np.floor(frames).astype(int), 0, len(pixels) - 1)
    after = np.minimum(before + 1, len(pixels) - 1)
    share = (frames - before)[:, None, None]
    there = pixels[before] * (1.0 - share) + pixels[after] * share
    return np.where(share > 0.0, there, pixels[before]).astype(np.float32)


def _join_short(runs: list[list]) -> None:
    """Let each run that is too short join the slower, so still slow enough, of its neighbours."""
    while len(runs) > 1:
        short = [k for k, (start, end, _) in enumerate(runs) if end - start < shortest]
        joining = [(k, other) for k in short if (other := _slower_neighbour(runs, k)) is not None]
        if not joining:
            break
        k, other = joining[0]
        low, high = min(k, other), max(k, other)
        runs[low : high + 1] = [[runs[low][0], runs[high][1], runs[other][2]]]
    for k in range(len(runs) - 1, 0, -1):
        if runs[k][2] == runs[k - 1][2]:
            runs[k - 1 : k + 1] = [[runs[k - 1][0], runs[k][1], runs[k][2]]]


def _slower_neighbour(runs: list[list], k: int) -> int | None:
    """The index of the neighbour that a run may join: as slow as it or slower, the least so."""
    around = [j for j in (k - 1, k + 1) if 0 <= j < len(runs) and runs[j][2] >= runs[k][2]]
    return min(around, key=lambda j: runs[j][2], default=None)
