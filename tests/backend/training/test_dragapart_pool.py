from __future__ import annotations

import numpy as np
import pytest

from backend.datasets import drag_a_move
from backend.training.dragapart_pool import Draws, Pool, flipped, joined, looks, pool
from backend.training.dragapart_stream import Stream
from protocol.errors import TugError

even: dict[str, float] = dict.fromkeys(looks, 1 / 3)


def rendered(count: int = 6) -> Pool:
    return pool(drag_a_move.pool("validation", count, 0, 16))


def test_mirrored_drags_start_and_end_on_the_same_colours() -> None:
    pairs = rendered()
    chosen = np.array([True, False] * 3)
    found = flipped(pairs, chosen)
    for k in range(6):
        x0, y0, x1, y1 = pairs.drags[k, 0]
        wanted = (1 - x0, y0, 1 - x1, y1) if chosen[k] else (x0, y0, x1, y1)
        np.testing.assert_allclose(found.drags[k, 0], wanted, atol=1e-6)
    for name in ("before", "after", "moving_before", "moving_after"):
        old, new = getattr(pairs, name), getattr(found, name)
        np.testing.assert_array_equal(new[chosen], old[chosen][:, :, ::-1])
        np.testing.assert_array_equal(new[~chosen], old[~chosen])
    np.testing.assert_array_equal(found.flow[0], pairs.flow[0][:, ::-1] * [-1, 1])


def test_absent_drags_stay_absent_when_mirrored() -> None:
    pairs = rendered()
    found = flipped(pairs, np.ones(6, bool))
    np.testing.assert_array_equal((pairs.drags == 0).all(2), (found.drags == 0).all(2))


def test_batches_depend_on_seed_step_and_process_alone() -> None:
    pairs = rendered()
    one = Draws(pairs, even, seed=1).batch(5, 4)
    Draws(pairs, even, seed=1).batch(4, 4)
    again = Draws(pairs, even, seed=1).batch(5, 4)
    np.testing.assert_array_equal(one.drags, again.drags)
    others = [Draws(pairs, even, seed=2).batch(5, 4), Draws(pairs, even, seed=1).batch(6, 4)]
    others.append(Draws(pairs, even, seed=1, rank=1).batch(5, 4))
    assert not any(np.array_equal(one.drags, other.drags) for other in others)


def test_looks_are_drawn_by_their_shares() -> None:
    pairs = joined([rendered(8)] * 2)
    pairs.look[:] = np.arange(16) % 3
    shares = {"clay": 0.0, "colours": 0.75, "textured": 0.25}
    found = Draws(pairs, shares, seed=0).batch(0, 4000).look
    np.testing.assert_allclose(np.bincount(found, minlength=3) / 4000, [0, 0.75, 0.25], atol=0.03)


def test_looks_that_are_not_there_are_an_error() -> None:
    pairs = rendered()
    pairs.look[:] = looks.index("clay")
    with pytest.raises(TugError, match="painted"):
        Draws(pairs, {"clay": 0.0, "colours": 1.0, "textured": 0.0}, seed=0).batch(0, 2)


def test_a_stream_renders_only_the_looks_that_are_wanted() -> None:
    shares = {"clay": 0.0, "colours": 1.0, "textured": 0.0}
    stream = Stream(shares, size=16, seed=3, portion=4)
    try:
        found = stream.batch(0, 8)
    finally:
        stream.close()
    assert found.before.shape == (8, 16, 16, 3)
    assert (found.look == looks.index("colours")).all()
