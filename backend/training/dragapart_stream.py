"""Pairs of DragAPart that are rendered while the training runs."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import numpy as np

from backend.datasets.drag_a_move import Look, every_look
from backend.datasets.drag_a_move.pool import together
from backend.datasets.drag_a_move.stream import Recipe, checked, shard, shard_size
from backend.training.dragapart_pool import Pool, drawn, flipped, groups, joined, pool

kept = 32  # shards that are drawn from
ready = 2  # shards that are asked for ahead, for each process


class Stream:
    """Draws from the newest shards of `portion` rendered pairs, replaced once one is ready.

    No more is rendered than leaves each pair drawn about `reuse` times, and the training waits
    for nothing but the first shard. What is drawn depends on how fast the workers are. After
    `step` other shards are rendered than before it, so that a resumed run sees new ones. `source`
    is a folder of PartNet-Mobility, or empty for this project's families.
    """

    def __init__(
        self,
        shares: Mapping[str, float],
        *,
        size: int,
        seed: int,
        jobs: int = 1,
        rank: int = 0,
        source: str | Path = "",
        reuse: float = 2.0,
        portion: int = shard_size,
        step: int = 0,
    ) -> None:
        self.shares, self.reuse, self.portion = shares, reuse, portion
        self.seed = int(np.random.SeedSequence([seed, rank, step]).generate_state(1)[0])
        wanted: list[Look] = [look for look in every_look if shares[look]]
        self.recipe = checked("train", self.seed, size, wanted, source)
        context = multiprocessing.get_context("spawn")
        self.workers = ProcessPoolExecutor(jobs, mp_context=context)
        self.waiting: deque[Future[Pool]] = deque()
        self.shards: deque[Pool] = deque(maxlen=kept)
        self.taken = self.asked = self.drawn = 0
        self._ask(ready * jobs)
        self._take()

    def batch(self, step: int, count: int) -> Pool:
        """Return `count` pairs."""
        if self.drawn >= self.reuse * self.portion * self.taken and self.waiting[0].done():
            self._take()
        self.drawn += count
        generator = np.random.default_rng([self.seed, step])
        index = drawn(self.groups, self.shares, count, generator)
        return flipped(self.pairs.rows(index), generator.random(count) < 0.5)

    def close(self) -> None:
        """End the workers."""
        self.workers.shutdown(cancel_futures=True)

    def _ask(self, count: int) -> None:
        for _ in range(count):
            asked = self.workers.submit(_rendered, self.recipe, self.asked, self.portion)
            self.waiting.append(asked)
            self.asked += 1

    def _take(self) -> None:
        self.shards.append(self.waiting.popleft().result())
        self._ask(1)
        self.taken += 1
        self.pairs = joined(tuple(self.shards))
        self.groups = groups(self.pairs)


def _rendered(recipe: Recipe, number: int, count: int) -> Pool:
    return pool(together(list(shard(recipe, number, count))))
