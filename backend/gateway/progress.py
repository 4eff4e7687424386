"""From stages to a fraction and the seconds left."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

nearly_done = 0.99


class Progress:
    """How far one job is.

    `usual` gives each stage's seconds from earlier jobs, or mere shares when `measured`
    is false; then no time left is told. Stages `without` which the job should do count when
    they come; a stage nobody expected counts as the mean one.
    """

    def __init__(
        self,
        usual: dict[str, float],
        *,
        measured: bool,
        without: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stage = ""
        self.step = 0
        self.total = 0
        self.seconds: dict[str, float] = {}
        self._usual = {name: time for name, time in usual.items() if name not in without}
        self._unlikely = {name: usual[name] for name in without if name in usual}
        self._measured = measured
        self._clock = clock
        self._started = self._entered = clock()
        self._fraction = 0.0

    def enter(self, stage: str, step: int, total: int) -> None:
        """Note where the job is now."""
        if stage != self.stage:
            self._leave()
            self.stage = stage
            if stage not in self._usual:
                mean = self._sum() / max(1, len(self._usual))
                self._usual[stage] = self._unlikely.get(stage, mean)
        self.step, self.total = step, total

    def finish(self) -> dict[str, float]:
        """Return the seconds that each stage took."""
        self._leave()
        return self.seconds

    def _leave(self) -> None:
        now = self._clock()
        if self.stage:
            self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + now - self._entered
        self._entered = now

    @property
    def fraction(self) -> float:
        """Share of the work done: never falls, and stays below 1 until the result is there."""
        whole = self._sum()
        if whole > 0.0:
            self._fraction = max(self._fraction, min(nearly_done, self._done() / whole))
        return self._fraction

    @property
    def seconds_left(self) -> float:
        """Usual time of what remains, stretched as this job has been so far; -1 when unknown."""
        if not self._measured:
            return -1.0
        done, whole = self._done(), self._sum()
        elapsed = self._clock() - self._started
        stretch = elapsed / done if done > 0.1 * whole > 0.0 else 1.0
        return max(0.0, (whole - done) * stretch)

    def _sum(self) -> float:
        return sum(self._usual.values())

    def _done(self) -> float:
        """Usual seconds of the stages behind, and of the part of this one that is behind."""
        behind = sum(self._usual[stage] for stage in self.seconds if stage != self.stage)
        return behind + self._usual.get(self.stage, 0.0) * self._share()

    def _share(self) -> float:
        if self.total > 0:
            return min(1.0, self.step / self.total)
        usual = self._usual.get(self.stage, 0.0)
        if not self._measured or usual <= 0.0:
            return 0.0
        return min(0.9, (self._clock() - self._entered) / usual)
