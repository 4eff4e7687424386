"""Endless streams of samples, in shards that are drawn independently of each other."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import count as counting
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from backend.datasets.drag_a_move.sample import Look, Sample, every_look
from backend.datasets.drag_a_move.scene import samples_of
from backend.datasets.drag_a_move.sources import source_of
from backend.datasets.drag_a_move.splits import families_of
from protocol.errors import TugError, failure

shard_size = 256
drawn_at_once, few = 8, 2  # samples of one object and look, to train on and elsewhere
looks_of_an_object = 2  # to train on: to build an object takes as long as to draw it
sizes = (16, 1024)
patience = 300  # objects in a row that show nothing to drag


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What samples to draw; equal recipes give equal samples.

    `source` is a folder of PartNet-Mobility, or empty for this project's families.
    """

    split: str = "train"
    seed: int = 0
    size: int = 64
    looks: tuple[Look, ...] = every_look
    source: str = ""

    @property
    def folder(self) -> Path | None:
        return Path(self.source) if self.source else None


def samples(
    split: str = "train",
    *,
    seed: int,
    size: int = 64,
    looks: Sequence[Look] = every_look,
    count: int | None = None,
    source: str | Path = "",
) -> Iterator[Sample]:
    """Samples of a split in random looks; without `count` there is no end to them.

    The same seed gives the same samples, and the same geometry whatever the looks are.
    Raises TugError bad_input for an unknown split or look, a size that is none, and a source
    without objects of that split, or none that can be read and dragged; some such are left out.
    """
    recipe = checked(split, seed, size, looks, source)
    shards = (shard(recipe, number) for number in counting())
    return islice((sample for one in shards for sample in one), count)


def checked(
    split: str, seed: int, size: int, looks: Sequence[Look], source: str | Path = ""
) -> Recipe:
    """The recipe of `samples`, raising what it raises."""
    families_of(split)
    unknown = [look for look in looks if look not in every_look]
    if unknown or not looks:
        raise failure("bad_input", f"Looks are {', '.join(every_look)}, not {unknown or 'none'}.")
    if not sizes[0] <= size <= sizes[1]:
        raise failure("bad_input", f"A picture has {sizes[0]} to {sizes[1]} pixels, not {size}.")
    if seed < 0:
        raise failure("bad_input", f"A seed is 0 or more, not {seed}.")
    recipe = Recipe(split=split, seed=seed, size=size, looks=tuple(looks), source=str(source))
    source_of(recipe.folder, split)
    return recipe


def shard(recipe: Recipe, number: int, count: int = 0) -> Iterator[Sample]:
    """The samples of a shard, whatever the others are; the first `count` if that is given."""
    rng = np.random.default_rng([zlib.crc32(recipe.split.encode()), recipe.seed, number])
    return islice(_endless(recipe, rng), count or shard_size)


def _endless(recipe: Recipe, rng: np.random.Generator) -> Iterator[Sample]:
    source = source_of(recipe.folder, recipe.split)
    count, times = (drawn_at_once, looks_of_an_object) if recipe.split == "train" else (few, 1)
    empty, broken = 0, None
    while empty < patience:
        empty += 1
        try:
            item = source.draw(rng)
        except TugError as problem:  # one of many that somebody has
            broken = problem
            continue
        for _ in range(times):
            look = recipe.looks[int(rng.random() * len(recipe.looks))]
            for sample in samples_of(item, rng, count, recipe.size, look):
                empty = 0
                yield sample
    raise broken or failure(
        "bad_input",
        f"The last {patience} objects show nothing that can be dragged: no joint of theirs has a "
        "range, or the parts are too small.",
    )
