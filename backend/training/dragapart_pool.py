"""Training pairs of DragAPart in memory: pictures before and after, drags, what moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from backend.datasets.drag_a_move import every_look as looks
from protocol.errors import failure

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Pool:
    """N pairs. Pictures are (N, S, S, 3) uint8, masks of moving parts (N, S, S) bool.

    `drags` (N, 10, 4) float32 are (x0, y0, x1, y1) in shares of the picture, four zeros where
    there is none. `flow` (N, S, S, 2) float16 is by how many pixels what was in a pixel before
    moves. `look` (N,) uint8 is the place in `looks` of how a pair is painted.
    """

    before: Bytes
    after: Bytes
    drags: NDArray[np.float32]
    moving_before: NDArray[np.bool_]
    moving_after: NDArray[np.bool_]
    flow: NDArray[np.float16]
    look: Bytes

    def __len__(self) -> int:
        return len(self.drags)

    def rows(self, index: NDArray[np.int64]) -> Pool:
        """Return some of the pairs."""
        return Pool(*(getattr(self, field.name)[index] for field in fields(self)))


def pool(arrays: Mapping[str, np.ndarray]) -> Pool:
    """Return the arrays of backend.datasets.drag_a_move as pairs."""
    return Pool(
        arrays["before"],
        arrays["after"],
        np.asarray(arrays["drags"], np.float32),
        np.asarray(arrays["moving_before"]) > 0,
        np.asarray(arrays["moving_after"]) > 0,
        np.asarray(arrays["flow"], np.float16),
        np.array([looks.index(look) for look in arrays["look"]], np.uint8),
    )


def joined(pools: Sequence[Pool]) -> Pool:
    """Return the pairs of several pools as one."""
    names = [field.name for field in fields(Pool)]
    return Pool(*(np.concatenate([getattr(one, name) for one in pools]) for name in names))


def flipped(pairs: Pool, chosen: NDArray[np.bool_]) -> Pool:
    """Mirror the chosen (N,) pairs left to right, with their masks and their drags."""
    drags = pairs.drags.copy()
    there = chosen[:, None] & (drags != 0.0).any(axis=2)
    drags[there] = drags[there] * [-1, 1, -1, 1] + [1, 0, 1, 0]
    mirrored = {
        name: _mirrored(getattr(pairs, name), chosen)
        for name in ("before", "after", "moving_before", "moving_after", "flow")
    }
    mirrored["flow"][chosen, ..., 0] *= -1
    return replace(pairs, drags=drags, **mirrored)


def _mirrored(pictures: np.ndarray, chosen: NDArray[np.bool_]) -> np.ndarray:
    found = pictures.copy()
    found[chosen] = pictures[chosen][:, :, ::-1]
    return found


class Draws:
    """Draws of a pool: each step's batch depends on the seed, the step and the process alone.

    `shares` say how often each look is drawn (section 4, domain randomisation); looks that the
    pool lacks are left out. Half of the pairs are mirrored (A.2).
    """

    def __init__(
        self, pairs: Pool, shares: Mapping[str, float], *, seed: int, rank: int = 0
    ) -> None:
        self.pairs, self.shares, self.seed, self.rank = pairs, shares, seed, rank
        self.groups = groups(pairs)

    def batch(self, step: int, count: int) -> Pool:
        """Return the `count` pairs of a step."""
        generator = np.random.default_rng([self.seed, step, self.rank])
        index = drawn(self.groups, self.shares, count, generator)
        return flipped(self.pairs.rows(index), generator.random(count) < 0.5)


def groups(pairs: Pool) -> list[NDArray[np.int64]]:
    """Return the pairs of each look, by their places in the pool."""
    return [np.flatnonzero(pairs.look == k) for k in range(len(looks))]


def drawn(
    groups: Sequence[NDArray[np.int64]],
    shares: Mapping[str, float],
    count: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Return `count` places in a pool. Raises TugError where no look that is wanted is there."""
    wanted = np.array([shares[n] * bool(len(own)) for n, own in zip(looks, groups, strict=True)])
    if not wanted.sum():
        raise failure("bad_input", "No pair is painted in a way that was asked for.")
    look = generator.choice(len(looks), count, p=wanted / wanted.sum())
    within = generator.random(count)
    return np.array([groups[k][int(u * len(groups[k]))] for k, u in zip(look, within, strict=True)])
