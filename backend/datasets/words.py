"""How people tell the parts of one object apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Place = tuple[float, float]

_sides = {1: [""], 2: ["left", "right"], 3: ["left", "middle", "right"]}
_heights = {1: [""], 2: ["bottom", "top"], 3: ["bottom", "middle", "top"]}
_ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]


def place_words(places: Sequence[Place]) -> list[str]:
    """Return a word for each (x, z) seen from the front that tells it from the others.

    `left`, `top right`, `second`, and nothing where there is only one.
    """
    columns = _ranks([x for x, _ in places])
    words = [""] * len(places)
    for column in sorted(set(columns)):
        members = [i for i, c in enumerate(columns) if c == column]
        side = _named(column, max(columns) + 1, _sides)
        rows = _ranks([places[i][1] for i in members])
        for member, row in zip(members, rows, strict=True):
            words[member] = f"{_row_word(row, max(rows) + 1)} {side}".strip()
    return words


def _row_word(row: int, count: int) -> str:
    """Rows are counted from the floor; people count more than three from the top."""
    return _named(row, count, _heights) if count <= 3 else _ordinals[count - 1 - row]


def _named(rank: int, count: int, words: dict[int, list[str]]) -> str:
    return words[count][rank] if count in words else _ordinals[rank]


def _ranks(values: Sequence[float]) -> list[int]:
    """Rank of each value, equal where they differ by less than 1 cm."""
    order = np.argsort(values, kind="stable")
    ranks = [0] * len(values)
    rank = 0
    for previous, current in pairwise(order):
        rank += int(values[current] - values[previous] > 0.01)
        ranks[current] = rank
    return ranks
