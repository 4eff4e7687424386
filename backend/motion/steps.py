"""Joints of a mover that move at times of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.motion.bodies import Body
from backend.motion.timing import Timing
from protocol.animation import Step
from protocol.joint import Joint

Floats = NDArray[np.float64]


def write(body: Body, timing: Timing, frames: Floats, joints: Floats) -> list[str]:
    """Write the steps into `joints` (N, L) at frames (N,); returns notes.

    Each goes from where the joint is when it starts. One that starts while the mover waits for
    another, or after that, is as much later.
    """
    notes = []
    for link in sorted({step.link for step in body.steps}):
        part = body.parts[link]
        if part.joint is None:
            continue
        own = sorted((s for s in body.steps if s.link == link), key=lambda s: (s.start, s.end))
        shifted = [_moment(step, timing) for step in own]
        values = [clamped(part.joint, step.value) for step in own]
        joints[:, link] = curve(shifted, values, frames)
        if any(abs(v - s.value) > 1e-9 for v, s in zip(values, own, strict=True)):
            notes.append(
                f"'{part.name}' of '{body.name}' was asked beyond its limits and stops at them."
            )
    return notes


def curve(
    moments: Sequence[tuple[float, float]], values: Sequence[float], frames: Floats
) -> Floats:
    """Return values (N,) that go smoothly to each value in its time, from where they are then."""
    now = np.zeros(len(frames))
    for k, ((start, end), value) in enumerate(zip(moments, values, strict=True)):
        base = float(_at(moments[:k], values[:k], start))
        x = np.clip((frames - start) / max(end - start, 1e-9), 0.0, 1.0)
        now = np.where(frames >= start, base + (value - base) * x * x * (3.0 - 2.0 * x), now)
    return now


def kinks(body: Body, timing: Timing, link: int) -> list[float]:
    """Return the frames at which a link's steps begin and end."""
    return [time for step in body.steps if step.link == link for time in _moment(step, timing)]


def clamped(joint: Joint, value: float) -> float:
    """Return the value within the joint's limits; one that turns without end has none."""
    if joint.type in ("continuous", "fixed"):
        return value
    if not math.isfinite(joint.lower) or not math.isfinite(joint.upper):
        return value
    return min(max(value, joint.lower), joint.upper)


def _at(moments: Sequence[tuple[float, float]], values: Sequence[float], frame: float) -> float:
    return float(curve(moments, values, np.array([frame]))[0]) if len(moments) else 0.0


def _moment(step: Step, timing: Timing) -> tuple[float, float]:
    start = timing.frame_of(step.start)
    return start, start + (step.end - step.start)
