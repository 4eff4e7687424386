"""What samples promise: drags that agree with what moves, and splits that do not mix."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from backend.datasets import categories
from backend.datasets import splits as benchmark
from backend.datasets.drag_a_move import families_of, held_out, names, pool, samples, stream
from backend.datasets.drag_a_move.animation import draw, frames, movable
from backend.datasets.drag_a_move.splits import seeds_of
from backend.datasets.drag_a_move.stream import Recipe, shard
from protocol.errors import TugError

size = 96


@pytest.fixture(scope="module")
def some() -> list:
    return list(samples("train", seed=1, size=size, count=60))


def drags_of(sample) -> np.ndarray:
    return sample.drags[: len(sample.names)].astype(float) * size


def test_a_drag_starts_on_its_part_and_ends_where_the_flow_takes_it(some: list) -> None:
    off = []
    for sample in some:
        for k, (x0, y0, x1, y1) in enumerate(drags_of(sample)):
            row, column = int(y0), int(x0)
            assert sample.moving_before[row, column] == k + 1
            off.append(np.abs((x1 - x0, y1 - y0) - sample.flow[row, column]).max())
    assert np.median(off) < 0.5 and np.percentile(off, 95) < 1.5  # a pixel's flow is its centre's


def test_absent_drags_are_zero_and_parts_have_one_each(some: list) -> None:
    for sample in some:
        count = len(sample.names)
        assert 1 <= count <= len(sample.drags)
        assert (sample.drags[count:] == 0.0).all() and (sample.drags[:count] != 0.0).any(
            axis=1
        ).all()
        assert set(np.unique(sample.moving_before)) - {0} == set(range(1, count + 1))


def test_nothing_moves_but_the_parts_that_are_dragged(some: list) -> None:
    changed = 0
    for sample in some:
        calm = sample.moving_before == 0
        assert (sample.flow[calm] == 0.0).all()
        assert np.linalg.norm(sample.flow, axis=-1).max() > 1.0
        near = np.zeros_like(calm)
        for mask in (sample.moving_before > 0, sample.moving_after > 0):
            rows, columns = np.nonzero(mask)
            for dy in range(-3, 4):
                for dx in range(-3, 4):
                    near[np.clip(rows + dy, 0, size - 1), np.clip(columns + dx, 0, size - 1)] = True
        other = (sample.before != sample.after).any(axis=-1) & ~near
        changed += other.sum()
    assert changed < 1e-4 * size * size * len(some)  # slivers between pixels' centres


def test_pictures_have_white_corners_and_an_object(some: list) -> None:
    for sample in some:
        assert (sample.before[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
        assert 0.01 < (sample.before < 250).any(axis=-1).mean() < 0.9


def test_the_same_seed_gives_the_same_samples_and_others_differ(some: list) -> None:
    for first, second in zip(some, samples("train", seed=1, size=size, count=12), strict=False):
        assert all(
            np.array_equal(getattr(first, f.name), getattr(second, f.name))
            for f in fields(first)
            if f.name != "camera"
        )
        assert np.array_equal(first.camera.pose, second.camera.pose)
    other = next(samples("train", seed=2, size=size))
    assert not np.array_equal(other.before, some[0].before)


def test_looks_change_colours_and_nothing_else() -> None:
    ways = [
        list(samples("validation", seed=3, size=48, looks=(look,), count=8))
        for look in ("clay", "colours", "textured")
    ]
    for clay, colours, textured in zip(*ways, strict=True):
        for other in (colours, textured):
            assert np.array_equal(clay.drags, other.drags)
            assert np.array_equal(clay.flow, other.flow)
            assert np.array_equal(clay.moving_after, other.moving_after)
            assert not np.array_equal(clay.before, other.before)
        assert (clay.look, colours.look, textured.look) == ("clay", "colours", "textured")
        assert np.ptp(clay.before.astype(int), axis=-1).max() < 16  # grey


def test_splits_share_no_object_and_held_out_families_are_never_trained_on() -> None:
    objects = {
        name: {(f, n) for f in families_of(name) for part in seeds_of(name) for n in part}
        for name in names
    }
    for first in names:
        for second in names:
            assert first == second or not objects[first] & objects[second]
    assert set(families_of("test_families")) == set(held_out) < set(categories)
    for split in ("train", "validation", "test_objects"):
        assert not set(families_of(split)) & set(held_out)
    tested = {n for split in ("validation", "test") for n in benchmark[split]}
    assert not tested & {n for part in seeds_of("train") for n in part}
    for split in names:
        sample = next(samples(split, seed=0, size=32))
        assert (sample.family, sample.seed) in objects[split]


def test_shards_are_drawn_alone_and_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "shard_size", 3)
    whole = list(samples("validation", seed=4, size=32, count=8))
    second = list(shard(Recipe(split="validation", seed=4, size=32), 1))
    for first, again in zip(whole[3:6], second, strict=True):
        assert np.array_equal(first.after, again.after)


def test_a_pool_is_the_samples_as_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "shard_size", 4)
    arrays = pool("test_families", 10, 5, 32)
    whole = list(samples("test_families", seed=5, size=32, count=10))
    for name in ("before", "drags", "moving_before", "moving_after", "seed"):
        assert np.array_equal(arrays[name], np.array([getattr(s, name) for s in whole]))
    assert set(arrays["family"].tolist()) <= set(held_out)


def test_an_animation_moves_one_part_or_all_along_their_ranges() -> None:
    from backend.datasets import generate

    item = generate("cabinet", 3)
    movers, rng = movable(item), np.random.default_rng(0)
    pairs = [draw(rng, item, movers) for _ in range(200)]
    assert {len(pair.movers) for pair in pairs} == {1, len(movers)}
    for pair in pairs:
        for i, link in enumerate(item.links):
            if link.joint is None:
                continue
            before, after = pair.before[link.name], pair.after[link.name]
            assert link.joint.lower <= min(before, after) <= max(before, after) <= link.joint.upper
            assert (before == after) or i in pair.movers
    assert frames == 36


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"split": "tests"}, "test_objects"),
        ({"looks": ("chrome",)}, "clay"),
        ({"size": 4}, "pixels"),
    ],
)
def test_wrong_wishes_are_answered_in_words(asked: dict, said: str) -> None:
    with pytest.raises(TugError, match=said):
        samples(**{"split": "train", "seed": 0, **asked})
