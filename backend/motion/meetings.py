"""Right of way: where two movers would meet, the one that comes later waits before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from backend.motion.bodies import Body
from backend.motion.timing import Timing, Wait

Floats = NDArray[np.float64]
most_frames = 500
longest_brake = 16.0  # frames
margin = 0.02  # of the size, about each


def overlaps(a: Body, b: Body, poses_a: Floats, poses_b: Floats) -> NDArray[np.bool_]:
    """Return (N, M): whether the boxes of two movers overlap at poses (N, 4, 4) and (M, 4, 4)."""
    centres_a, axes_a, half_a = _boxes(a, poses_a)
    centres_b, axes_b, half_b = _boxes(b, poses_b)
    found = np.zeros((len(poses_a), len(poses_b)), bool)
    reach = np.linalg.norm(half_a) + np.linalg.norm(half_b)
    for i in range(len(poses_a)):
        apart = centres_b - centres_a[i]
        near = np.flatnonzero((apart * apart).sum(axis=1) < reach**2)
        if len(near):
            found[i, near] = _meet(apart[near], axes_a[i], half_a, axes_b[near], half_b)
    return found


def _boxes(body: Body, poses: Floats) -> tuple[Floats, Floats, Floats]:
    low, high = body.extent
    centre = body.pivot + 0.5 * (low + high) @ body.axes
    half = 0.5 * (high - low) + margin * body.size
    centres = poses[:, :3, :3] @ centre + poses[:, :3, 3]
    return centres, body.axes @ poses[:, :3, :3].transpose(0, 2, 1), half


def _meet(
    apart: Floats, ours: Floats, half: Floats, theirs: Floats, other: Floats
) -> NDArray[np.bool_]:
    """Whether a box (axes as rows (3, 3)) meets others (M, 3, 3): no axis separates them."""
    count = len(apart)
    crosses = np.cross(ours[None, :, None, :], theirs[:, None, :, :]).reshape(count, 9, 3)
    axes = np.concatenate([np.broadcast_to(ours, (count, 3, 3)), theirs, crosses], axis=1)
    distance = np.abs(np.einsum("mkd,md->mk", axes, apart))
    reach = np.abs(np.einsum("mkd,id->mki", axes, ours)) @ half
    reach += (np.abs(np.einsum("mkd,mid->mki", axes, theirs)) * other).sum(axis=2)
    return (distance <= reach + 1e-9).all(axis=1)


def conflict(
    schedule_a: Floats, schedule_b: Floats, meets: NDArray[np.bool_], a: Timing, b: Timing
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the spans of both schedules in which the two block each other, at their first meeting.

    `meets` (N, M) says it for each pair of schedule frames. None when they do not meet in time.
    """
    first = min(a.start, b.start)
    last = max(a.arrival, b.arrival)
    frames = np.arange(np.floor(first), np.ceil(last) + 1.0)
    i = _nearest(schedule_a, np.clip(a.schedule(frames), a.start, a.end))
    j = _nearest(schedule_b, np.clip(b.schedule(frames), b.start, b.end))
    together = np.flatnonzero(meets[i, j])
    if not len(together):
        return None
    zones = np.asarray(label(meets, structure=np.ones((3, 3)))[0])  # pyright: ignore
    zone = np.argwhere(zones == zones[i[together[0]], j[together[0]]])
    (i0, j0), (i1, j1) = zone.min(axis=0), zone.max(axis=0)
    return (_span(schedule_a, i0, i1), _span(schedule_b, j0, j1))


def _span(schedule: Floats, low: int, high: int) -> tuple[float, float]:
    """From the frame before a zone to the one after it; infinite where it does not leave it."""
    before = schedule[low - 1] if low > 0 else -np.inf
    after = schedule[high + 1] if high + 1 < len(schedule) else np.inf
    return float(before), float(after)


def _nearest(schedule: Floats, frames: Floats) -> NDArray[np.intp]:
    index = np.clip(np.searchsorted(schedule, frames), 1, max(len(schedule) - 1, 1))
    lower = np.abs(schedule[index - 1] - frames) <= np.abs(
        schedule[np.minimum(index, len(schedule) - 1)] - frames
    )
    return np.where(lower, index - 1, np.minimum(index, len(schedule) - 1))


def waiting(timing: Timing, entry: float, free: float) -> Wait | None:
    """Return the wait that stops a mover before schedule frame `entry` until frame `free`."""
    arrives = timing.frame_of(entry)
    need = free - arrives
    if need <= 0.0:
        return None
    room = max(arrives - timing.start, 0.0)
    brake = min(longest_brake, 2.0 * room, 2.0 * need)
    begin = arrives - 0.5 * brake
    return Wait(begin, brake, max(0.0, free - begin - brake))


def arranged(
    timings: list[Timing],
    schedules: Sequence[Floats],
    meets: dict[tuple[int, int], NDArray[np.bool_]],
    names: Sequence[str],
) -> tuple[list[Timing], list[str]]:
    """Return timings in which no two meet, as far as waiting can help, and notes on the rest."""
    timings, notes, stuck = list(timings), [], set()
    for _ in range(20 * max(len(meets), 1)):
        pending = [
            (found[0][0], pair, found)
            for pair, grid in meets.items()
            if pair not in stuck
            and (
                found := conflict(
                    schedules[pair[0]], schedules[pair[1]], grid, timings[pair[0]], timings[pair[1]]
                )
            )
        ]
        if not pending:
            break
        _, (a, b), spans = min(pending, key=lambda item: _moment(item, timings))
        if not _yields(timings, a, b, spans):
            stuck.add((a, b))
            notes.append(
                f"'{names[a]}' and '{names[b]}' meet and neither can wait for the other: "
                "give one of them another way or time."
            )
    return timings, notes


def _moment(item: tuple, timings: list[Timing]) -> float:
    _, (a, b), (span_a, span_b) = item
    return max(_entry(timings[a], span_a), _entry(timings[b], span_b))


def _entry(timing: Timing, span: tuple[float, float]) -> float:
    return timing.frame_of(span[0]) if np.isfinite(span[0]) else -np.inf


def _yields(timings: list[Timing], a: int, b: int, spans: tuple) -> bool:
    """Let the later of two wait, or the other one where it cannot."""
    order = [(a, b, spans[0], spans[1]), (b, a, spans[1], spans[0])]  # who waits for whom
    if _entry(timings[b], spans[1]) >= _entry(timings[a], spans[0]):
        order.reverse()
    for waits, goes, own, other in order:
        if not (np.isfinite(own[0]) and np.isfinite(other[1])):
            continue
        wait = waiting(timings[waits], own[0], timings[goes].frame_of(other[1]))
        if wait is not None:
            timings[waits] = timings[waits].delayed(wait)
            return True
    return False
