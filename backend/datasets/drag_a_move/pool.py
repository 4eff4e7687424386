"""Many samples at once, drawn by several processes: arrays to train and to measure on."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.datasets.drag_a_move import stream
from backend.datasets.drag_a_move.sample import Look, Sample, every_look, most_drags
from backend.datasets.drag_a_move.stream import Recipe, checked, shard

Arrays = dict[str, NDArray]
Task = tuple[Recipe, int, int]  # the number of a shard, and how many of its samples
ready = 4  # shards that may wait to be taken, for each process


def pool(
    split: str,
    count: int,
    seed: int,
    size: int = 64,
    looks: Sequence[Look] = every_look,
    jobs: int = 1,
    *,
    source: str | Path = "",
    done: Callable[[int], None] = lambda _: None,
) -> Arrays:
    """The first `count` samples of `samples`, as arrays (N, ...), whatever `jobs` is.

    before, after (N, S, S, 3) uint8, drags (N, 10, 4) float32, moving_before, moving_after
    (N, S, S) uint8, flow (N, S, S, 2) float16, family, look (N,) str, seed (N,) int64 of the
    object. `done` hears how many there are. Raises TugError bad_input as `samples` does.
    """
    recipe = checked(split, seed, size, looks, source)
    arrays = room(count, size)
    start = 0
    tasks = [(recipe, number, some) for number, some in shards_of(count)]
    for part in each(_arrays, tasks, jobs):
        stop = start + len(part["drags"])
        for name, array in arrays.items():
            array[start:stop] = part[name]
        start = stop
        done(start)
    return arrays


def room(count: int, size: int) -> Arrays:
    """Arrays for so many samples, nothing in them yet."""
    return {name: np.empty((count, *shape), dtype) for name, (shape, dtype) in _kinds(size).items()}


def together(samples: Sequence[Sample]) -> Arrays:
    """Samples as arrays of `pool`."""
    size = len(samples[0].before)
    return {
        name: np.array([getattr(sample, name) for sample in samples], dtype)
        for name, (_, dtype) in _kinds(size).items()
    }


def shards_of(count: int) -> list[tuple[int, int]]:
    """Numbers and counts of the shards that hold `count` samples."""
    size = stream.shard_size
    return [(k, min(size, count - k * size)) for k in range(-(-count // size))]


def each(work: Callable[[Task], Arrays], tasks: Sequence[Task], jobs: int) -> Iterator[Arrays]:
    """What `work` makes of tasks, in their order, done by so many processes."""
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(work, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context) as workers:
        waiting = []
        for task in tasks:
            waiting.append(workers.submit(work, task))
            if len(waiting) >= ready * jobs:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()


def _arrays(task: Task) -> Arrays:
    recipe, number, count = task
    return together(list(shard(recipe, number, count)))


def _kinds(size: int) -> dict[str, tuple[tuple[int, ...], str]]:
    """Of an array: the shape of an item, its type."""
    return {
        "before": ((size, size, 3), "uint8"),
        "after": ((size, size, 3), "uint8"),
        "drags": ((most_drags, 4), "float32"),
        "moving_before": ((size, size), "uint8"),
        "moving_after": ((size, size), "uint8"),
        "flow": ((size, size, 2), "float16"),
        "family": ((), "U24"),
        "look": ((), "U8"),
        "seed": ((), "int64"),
    }
