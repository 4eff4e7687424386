"""When a mover is where: shares of the way by frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from protocol.animation import Ease

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wait:
    """A stop: from frame `begin` it slows down for `brake` frames, stands still for `hold`
    frames and gets up to speed within `brake` frames. It costs `brake + hold` frames.
    """

    begin: float
    brake: float
    hold: float

    @property
    def cost(self) -> float:
        return self.brake + self.hold

    def schedule(self, frames: Floats) -> Floats:
        """Return how far the schedule without this wait has come at frames."""
        t = frames - self.begin
        braking = np.clip(t, 0.0, self.brake)
        starting = np.clip(t - self.brake - self.hold, 0.0, self.brake)
        rest = np.maximum(t - 2.0 * self.brake - self.hold, 0.0)
        long = max(self.brake, 1e-300)
        gone = braking - 0.5 * braking**2 / long + 0.5 * starting**2 / long + rest
        return np.where(t < 0.0, frames, self.begin + gone)

    def frame_of(self, schedule: float) -> float:
        """Return the frame at which the schedule without this wait comes to `schedule`."""
        if schedule <= self.begin:
            return schedule
        low, high = self.begin, schedule + self.cost + 1.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            passed = self.schedule(np.array([middle]))[0] >= schedule
            low, high = (low, middle) if passed else (middle, high)
        return high


@dataclass(frozen=True, eq=False)
class Timing:
    """From frame `start` to `end`, by an ease or by given `shares`, with waits in between."""

    start: float
    end: float
    ease: Ease = "constant"
    shares: Floats | None = None
    waits: tuple[Wait, ...] = field(default=())

    def share(self, frames: ArrayLike) -> Floats:
        """Return how much of the way is behind at frames (N,)."""
        time = self.schedule(np.atleast_1d(np.asarray(frames, np.float64)))
        x = np.clip((time - self.start) / (self.end - self.start), 0.0, 1.0)
        if self.shares is None:
            return eased(x, self.ease)
        places = np.linspace(0.0, 1.0, len(self.shares))
        if len(self.shares) == 2:
            return np.interp(x, places, self.shares)
        return np.clip(PchipInterpolator(places, self.shares)(x), 0.0, 1.0)

    def schedule(self, frames: Floats) -> Floats:
        """Return how far the schedule without waits has come at frames."""
        for wait in reversed(self.waits):
            frames = wait.schedule(frames)
        return frames

    def frame_of(self, schedule: float) -> float:
        """Return the frame at which the schedule comes to a frame of its own."""
        for wait in self.waits:
            schedule = wait.frame_of(schedule)
        return schedule

    @property
    def late(self) -> float:
        """How many frames it waits in all."""
        return sum(wait.cost for wait in self.waits)

    @property
    def arrival(self) -> float:
        """The frame at which it is there, waits included."""
        return self.frame_of(self.end)

    def delayed(self, wait: Wait) -> Timing:
        """Return the same with one more wait, which is told in frames of this timing."""
        return replace(self, waits=(*self.waits, wait))


def eased(x: Floats, ease: Ease) -> Floats:
    """Return the share of the way at shares of the time: from rest, to rest, both or neither."""
    match ease:
        case "both":
            return x * x * (3.0 - 2.0 * x)
        case "in":
            return x * x
        case "out":
            return x * (2.0 - x)
        case _:
            return x


def grid(first: int, last: int, parts: int) -> Floats:
    """Return frames from the first to the last in steps of one over `parts`."""
    return np.linspace(first, last, (last - first) * parts + 1)


def span(start: float, end: float) -> tuple[int, int]:
    """Return the first and last whole frame that hold a time span."""
    return math.floor(start + 1e-9), math.ceil(end - 1e-9)
