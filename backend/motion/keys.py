"""Few cubic keys for a motion, within a tolerance of it.

A channel is fitted by least squares with a cubic spline whose slope is continuous, so that its
handles are aligned; knots stand where the fourth derivative asks for them, on whole frames.
At `kinks` (the moments where the motion starts, stops or turns a corner) the slope may jump, and
there a key may stand between frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

Floats = NDArray[np.float64]
Fit = tuple[Floats, Floats, Floats]  # knots (K,), values and slopes there
end_weight = 30.0  # the first and last value are met nearly exactly
growth = 1.25
finest = 1e-12


def reduced(
    frames: Floats,
    values: Floats,
    tolerance: float,
    kinks: Sequence[float] = (),
    proceed: Callable[[], None] = lambda: None,
) -> Floats:
    """Return keys (K, 6) of values (N,) at dense, even frames (N,): see `fcurve.evaluate`."""
    tolerance = max(tolerance, finest * (1.0 + float(np.abs(values).max())))
    if np.ptp(values) <= 0.25 * tolerance:
        middle = 0.5 * float(values.max() + values.min())
        frame = float(frames[0])
        return np.array([[frame, middle, frame - 1.0, middle, frame + 1.0, middle]])
    cuts = sorted({float(frames[0]), *_inside(kinks, frames), float(frames[-1])})
    knots, heights, left, right = [], [], [], []
    for times, held, slopes in _pieces(frames, values, cuts, tolerance, proceed):
        if knots:
            heights[-1] = 0.5 * (heights[-1] + held[0])
            right[-1] = slopes[0]
            times, held, slopes = times[1:], held[1:], slopes[1:]
        knots += times.tolist()
        heights += held.tolist()
        left += slopes.tolist()
        right += slopes.tolist()
    return _keys(*(np.array(column) for column in (knots, heights, left, right)))


def _inside(kinks: Sequence[float], frames: Floats) -> list[float]:
    """Kinks within the frames that are not next to each other or to an end."""
    found: list[float] = []
    last = float(frames[0])
    for kink in sorted(kinks):
        near = round(kink)
        time = float(near) if abs(kink - near) < 1e-3 else float(kink)
        if time - last > 0.1 and frames[-1] - time > 0.1:
            found.append(time)
            last = time
    return found


def _pieces(
    frames: Floats,
    values: Floats,
    cuts: Sequence[float],
    tolerance: float,
    proceed: Callable[[], None],
) -> Iterator[Fit]:
    """The fits between cuts. Where one key a frame is needed for a while, that is a piece of its
    own, so that it does not spoil its neighbourhood.
    """
    for low, high in pairwise(cuts):
        proceed()
        found = _piece(frames, values, low, high, tolerance)
        if found is not None:
            yield found
            continue
        ends = _runs(frames, values, low, high, tolerance)
        for a, b in pairwise(ends):
            fitted = _piece(frames, values, a, b, tolerance) if len(ends) > 2 else None
            yield fitted or _each_frame(frames, values, a, b)


def _piece(frames: Floats, values: Floats, low: float, high: float, tolerance: float) -> Fit | None:
    """Knots (K,), values and slopes between two cuts, with as few knots as the tolerance lets;
    None when that takes one a frame somewhere.
    """
    times, heights, whole = _between(frames, values, low, high)
    density = _density(times, heights)
    best = None
    counts = _counts(len(whole))
    rough, fine = 0, len(counts) - 1
    while rough <= fine:  # the fewest that will do
        middle = (rough + fine) // 2
        fitted = _refined(
            times,
            heights,
            _spread(low, high, whole, density, times, counts[middle]),
            whole,
            tolerance,
            counts[middle],
        )
        if fitted is None:
            rough = middle + 1
        else:
            fine = middle - 1
            if best is None or len(fitted[0]) < len(best[0]):
                best = fitted
    return best


def _between(
    frames: Floats, values: Floats, low: float, high: float
) -> tuple[Floats, Floats, Floats]:
    """Samples between two cuts, theirs included, and the whole frames between them."""
    inner = (frames > low + 1e-9) & (frames < high - 1e-9)
    times = np.concatenate([[low], frames[inner], [high]])
    heights = np.concatenate(
        [[_at(frames, values, low, 1)], values[inner], [_at(frames, values, high, -1)]]
    )
    whole = np.arange(np.ceil(low + 1e-9), np.floor(high - 1e-9) + 1.0)
    return times, heights, whole


def _at(frames: Floats, values: Floats, time: float, side: int) -> float:
    """The value at a time, from the samples on one side of it where it is between samples."""
    near = int(np.argmin(np.abs(frames - time)))
    if abs(frames[near] - time) < 1e-6:
        return float(values[near])
    a = int(np.searchsorted(frames, time))
    pair = (a, a + 1, a + 2) if side > 0 else (a - 1, a - 2, a - 3)
    if min(pair) < 0 or max(pair) >= len(frames):
        return float(np.interp(time, frames, values))
    x, y = frames[list(pair)], values[list(pair)]
    return float(np.polyval(np.polyfit(x - time, y, 2), 0.0))


def _counts(most: int) -> list[int]:
    """Numbers of inner knots that are tried: 0, 1, 2, ... and larger steps later."""
    found, now = [], 0.0
    while now < max(most, 1):
        found.append(int(now))
        now = max(now + 1.0, now * 1.12)
    return [*dict.fromkeys(found)]


def _density(times: Floats, values: Floats) -> Floats:
    """How densely knots are wanted at each time: the fourth root of the fourth derivative."""
    step = float(np.median(np.diff(times)))
    even = np.arange(times[0], times[-1] + 0.5 * step, step)
    if len(even) < 9:
        return np.ones(len(times))
    smooth = gaussian_filter1d(np.interp(even, times, values), 1.0, mode="nearest")
    smooth[:2], smooth[-2:] = (
        np.interp(even[:2], times, values),
        np.interp(even[-2:], times, values),
    )
    fourth = np.abs(np.diff(smooth, 4)) / step**4
    fourth = np.concatenate([fourth[:1], fourth[:1], fourth, fourth[-1:], fourth[-1:]])
    fourth[:6], fourth[-6:] = np.median(fourth[4:8]), np.median(fourth[-8:-4])
    width = max(3.0, 0.01 * len(even))
    fourth = gaussian_filter1d(maximum_filter1d(fourth, int(width)), width, mode="nearest")
    root = (fourth + 1e-9 * fourth.max() + 1e-300) ** 0.25
    root += 0.03 * root.mean()
    return np.interp(times, even, root)


def _spread(
    low: float, high: float, whole: Floats, density: Floats, times: Floats, count: int
) -> Floats:
    """Two ends and about `count` knots between them on whole frames, spread by density."""
    mass = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(times))])
    wanted = np.interp(np.linspace(0.0, mass[-1], count + 2)[1:-1], mass, times)
    inner = np.unique(np.round(wanted))
    inner = inner[(inner > low + 0.1) & (inner < high - 0.1)]
    return np.concatenate([[low], inner, [high]])


def _refined(
    times: Floats, values: Floats, knots: Floats, whole: Floats, tolerance: float, count: int
) -> Fit | None:
    """The fit with these knots and a few more where it strays; None when that is not enough."""
    more = max(1, count // 5)
    for _ in range(4):
        heights, slopes = _fitted(times, values, knots)
        errors = np.abs(_hermite(knots, heights, slopes, times) - values)
        if errors.max() <= tolerance:
            return knots, heights, slopes
        segment = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
        worst = np.zeros(len(knots) - 1)
        np.maximum.at(worst, segment, errors)
        bad = np.argsort(-worst)[: max(more, 1)]
        bad = bad[worst[bad] > tolerance]
        added = [split for k in bad for split in _split(knots, k, whole)]
        if not added or len(knots) + len(added) > 1.3 * (count + 2) + 1:
            return None
        knots = np.unique(np.concatenate([knots, added]))
    return None


def _runs(frames: Floats, values: Floats, low: float, high: float, tolerance: float) -> list[float]:
    """Ends of the stretches between two cuts where knots must be a frame apart, and of the others.

    Knots are halved wherever the fit strays, to see where that ends.
    """
    times, heights, whole = _between(frames, values, low, high)
    knots = np.array([low, high])
    while len(knots) <= len(whole):
        held, slopes = _fitted(times, heights, knots)
        errors = np.abs(_hermite(knots, held, slopes, times) - heights)
        segment = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
        worst = np.zeros(len(knots) - 1)
        np.maximum.at(worst, segment, errors)
        bad = np.flatnonzero(worst > tolerance)
        added = [split for k in bad for split in _split(knots, k, whole)]
        if not added:
            break
        knots = np.unique(np.concatenate([knots, added]))
    short = np.diff(knots) < 1.5
    changes = np.flatnonzero(short[1:] != short[:-1]) + 1
    return [low, *knots[changes].tolist(), high]


def _each_frame(frames: Floats, values: Floats, low: float, high: float) -> Fit:
    """A key at each frame between two cuts, met exactly."""
    times, heights, whole = _between(frames, values, low, high)
    knots = np.concatenate([[low], whole, [high]])
    return knots, *_exact(times, heights, knots)


def _split(knots: Floats, k: int | np.intp, whole: Floats) -> list[float]:
    """The whole frame in the middle of a segment, if it has one inside."""
    low, high = float(knots[k]), float(knots[k + 1])
    inner = whole[(whole > low + 0.1) & (whole < high - 0.1)]
    return [float(inner[np.argmin(np.abs(inner - 0.5 * (low + high)))])] if len(inner) else []


def _fitted(times: Floats, values: Floats, knots: Floats) -> tuple[Floats, Floats]:
    """Values and slopes at knots, by least squares."""
    count = len(knots)
    k = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, count - 2)
    h = np.diff(knots)[k]
    basis = _basis((times - knots[k]) / h, h)
    columns = np.stack([2 * k, 2 * k + 1, 2 * k + 2, 2 * k + 3], axis=1)
    weights = np.ones(len(times))
    short = h < 1.5  # what happens within a frame is not to bend what is around it
    weights[short] = np.where(np.abs(times - np.round(times))[short] < 1e-6, 10.0, 1e-3)
    weights[[0, -1]] = end_weight * max(1.0, len(times) / count)
    normal = np.zeros((2 * count, 2 * count))
    weighted = basis * weights[:, None]
    for i in range(4):
        for j in range(4):
            np.add.at(normal, (columns[:, i], columns[:, j]), weighted[:, i] * basis[:, j])
    side = np.zeros(2 * count)
    np.add.at(side, columns.ravel(), (weighted * values[:, None]).ravel())
    # a whisper of the straight line keeps slopes in hand where samples are few
    start = np.interp(knots, times, values)
    slope = np.gradient(start, knots) if count > 1 else np.zeros(1)
    prior = np.stack([start, slope], axis=1).ravel()
    weight = 1e-8 * float(np.median(np.diag(normal)))
    normal[np.diag_indices(2 * count)] += weight
    side += weight * prior
    found: Floats = np.asarray(np.linalg.solve(normal, side), np.float64).reshape(-1, 2)
    found[0, 0], found[-1, 0] = values[0], values[-1]
    return found[:, 0], found[:, 1]


def _exact(times: Floats, values: Floats, knots: Floats) -> tuple[Floats, Floats]:
    """A key at each of the knots, met exactly."""
    heights: Floats = np.asarray(np.interp(knots, times, values), np.float64)
    slopes = np.diff(heights) / np.diff(knots)
    if len(knots) > 2:
        slopes = np.gradient(heights, knots)
    every: Floats = np.zeros(len(knots), np.float64)
    every += slopes
    return heights, every


def _basis(u: Floats, h: Floats) -> Floats:
    """Hermite weights (N, 4) of value and slope at both ends."""
    v = 1.0 - u
    return np.stack(
        [v * v * (1.0 + 2.0 * u), h * u * v * v, u * u * (3.0 - 2.0 * u), -h * u * u * v], axis=1
    )


def _hermite(knots: Floats, heights: Floats, slopes: Floats, times: Floats) -> Floats:
    k = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
    h = np.diff(knots)[k]
    basis = _basis((times - knots[k]) / h, h)
    ends = np.stack([heights[k], slopes[k], heights[k + 1], slopes[k + 1]], axis=1)
    return (basis * ends).sum(axis=1)


def _keys(knots: Floats, heights: Floats, left: Floats, right: Floats) -> Floats:
    """Keys with handles a third of the way to their neighbours."""
    gaps = np.diff(knots)
    before = np.concatenate([gaps[:1], gaps]) / 3.0
    after = np.concatenate([gaps, gaps[-1:]]) / 3.0
    return np.stack(
        [
            knots,
            heights,
            knots - before,
            heights - left * before,
            knots + after,
            heights + right * after,
        ],
        axis=1,
    )
