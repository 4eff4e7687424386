"""Endless streams of samples, in shards that are drawn independently of each other."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import count as counting
from itertools import islice

import numpy as np

from backend.datasets import generate
from backend.datasets.drag_a_move.sample import Look, Sample, every_look
from backend.datasets.drag_a_move.scene import samples_of
from backend.datasets.drag_a_move.splits import families_of, seeds_of
from protocol.errors import failure

shard_size = 256
drawn_at_once, few = 8, 2  # samples of one object and look, to train on and elsewhere
looks_of_an_object = 2  # to train on: to build an object takes as long as to draw it
sizes = (16, 1024)
open_share = 0.4  # of the objects: backs and interiors are missing, as artists model


def samples(
    split: str = "train",
    *,
    seed: int,
    size: int = 64,
    looks: Sequence[Look] = every_look,
    count: int | None = None,
) -> Iterator[Sample]:
    """Samples of a split in random looks; without `count` there is no end to them.

    The same seed gives the same samples, and the same geometry whatever the looks are.
    Raises TugError bad_input for an unknown split or look, or a size that is none.
    """
    check(split, size, looks)
    shards = (shard(split, seed, number, size, looks) for number in counting())
    return islice((sample for one in shards for sample in one), count)


def shard(
    split: str, seed: int, number: int, size: int, looks: Sequence[Look], count: int = shard_size
) -> Iterator[Sample]:
    """The first `count` samples of a shard, at most `shard_size`, whatever the others are."""
    rng = np.random.default_rng([zlib.crc32(split.encode()), seed, number])
    return islice(_endless(split, rng, size, looks), min(count, shard_size))


def check(split: str, size: int, looks: Sequence[str]) -> None:
    """Raise TugError bad_input where `samples` would."""
    families_of(split)
    unknown = [look for look in looks if look not in every_look]
    if unknown or not looks:
        raise failure("bad_input", f"Looks are {', '.join(every_look)}, not {unknown or 'none'}.")
    if not sizes[0] <= size <= sizes[1]:
        raise failure("bad_input", f"A picture has {sizes[0]} to {sizes[1]} pixels, not {size}.")


def _endless(
    split: str, rng: np.random.Generator, size: int, looks: Sequence[Look]
) -> Iterator[Sample]:
    families, seeds = families_of(split), seeds_of(split)
    count, times = (drawn_at_once, looks_of_an_object) if split == "train" else (few, 1)
    while True:
        family = families[int(rng.integers(len(families)))]
        numbers = seeds[int(rng.integers(len(seeds)))]
        solid = bool(rng.random() >= open_share)
        item = generate(family, int(rng.choice(numbers)), solid=solid)
        for _ in range(times):
            look = looks[int(rng.random() * len(looks))]
            yield from samples_of(item, rng, count, size, look)
