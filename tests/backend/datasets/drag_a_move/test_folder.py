"""Samples on disk: what is written is what is read, and a stopped run goes on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.datasets.drag_a_move import folder, pool, samples, stream
from backend.datasets.drag_a_move.stream import Recipe
from backend.pictures import sheets
from protocol.errors import TugError

recipe = Recipe(split="validation", seed=2, size=32)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "shard_size", 4)


def arrays_of(where: Path) -> list[dict[str, np.ndarray]]:
    return [dict(np.load(path)) for path in sorted((where / "shards").glob("*.npz"))]


def same(first: Path, second: Path) -> bool:
    pairs = list(zip(arrays_of(first), arrays_of(second), strict=True))
    alike = all(np.array_equal(a[name], b[name]) for a, b in pairs for name in a)
    index = [(where / folder.index_file).read_text() for where in (first, second)]
    return bool(pairs) and alike and index[0] == index[1]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder.write(tmp_path, recipe, 6)
    whole = list(samples("validation", seed=2, size=32, count=6))
    for stored, sample in zip(folder.read(tmp_path), whole, strict=True):
        for name in ("before", "after", "drags", "moving_before", "moving_after"):
            assert np.array_equal(getattr(stored, name), getattr(sample, name))
        assert np.allclose(stored.flow, sample.flow, rtol=1e-3, atol=1e-3)
        assert (stored.family, stored.names) == (sample.family, sample.names)
        assert np.allclose(stored.camera.pose, sample.camera.pose)
    rows = [json.loads(line) for line in (tmp_path / folder.index_file).read_text().splitlines()]
    assert [(row["shard"], row["row"]) for row in rows] == [
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 0),
        (1, 1),
    ]
    assert len(rows[0]["drags"]) == len(rows[0]["names"])


def test_a_stopped_run_goes_on_and_equals_one_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write(tmp_path / "whole", recipe, 10)

    def stop(there: int, _: int) -> None:
        if there >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.write(tmp_path / "parts", recipe, 10, done=stop)
    assert len(list(folder.read(tmp_path / "parts"))) == 4  # what is there can be read
    drawn = []
    real = folder.shard
    monkeypatch.setattr(folder, "shard", lambda *task: drawn.append(task[1]) or real(*task))
    told = []
    folder.write(tmp_path / "parts", recipe, 10, done=lambda *counts: told.append(counts))
    assert drawn == [1, 2] and told == [(4, 10), (8, 10), (10, 10)]
    assert same(tmp_path / "whole", tmp_path / "parts")


def test_folders_are_read_one_after_the_other_as_a_pool_is(tmp_path: Path) -> None:
    for name, count in (("first", 6), ("second", 3)):
        folder.write(tmp_path / name, recipe, count)
    found = folder.arrays([tmp_path / "first", tmp_path / "second"])
    for start, count in ((0, 6), (6, 3)):
        wanted = pool(recipe.split, count, recipe.seed, recipe.size)
        for name, array in wanted.items():
            assert np.array_equal(found[name][start : start + count], array), name
    (tmp_path / "second/shards/00000.npz").write_bytes(b"PK")
    with pytest.raises(TugError, match="cannot be read"):
        folder.arrays([tmp_path / "second"])
    (tmp_path / "first" / folder.index_file).write_text("")
    with pytest.raises(TugError, match="no pairs"):
        folder.arrays([tmp_path / "first"])


def test_more_samples_are_added_to_fewer(tmp_path: Path) -> None:
    folder.write(tmp_path / "whole", recipe, 7)
    for count in (2, 7):
        folder.write(tmp_path / "grown", recipe, count)
    assert same(tmp_path / "whole", tmp_path / "grown")


def test_a_broken_shard_is_drawn_again(tmp_path: Path) -> None:
    for name in ("whole", "broken"):
        folder.write(tmp_path / name, recipe, 5)
    (tmp_path / "broken" / "shards" / "00000.npz").write_bytes(b"PK and no more")
    folder.write(tmp_path / "broken", recipe, 5)
    assert same(tmp_path / "whole", tmp_path / "broken")


def test_processes_do_not_change_what_is_drawn() -> None:
    first, second = (pool("validation", 6, 1, 16, ("clay",), jobs) for jobs in (1, 2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_folder_of_other_settings_is_refused(tmp_path: Path) -> None:
    folder.write(tmp_path, recipe, 1)
    with pytest.raises(TugError, match="other settings"):
        folder.write(tmp_path, Recipe(split="validation", seed=3, size=32), 1)
    with pytest.raises(TugError, match="no data set"):
        list(folder.read(tmp_path / "shards"))


def test_sheets_show_what_is_in_the_folder(tmp_path: Path) -> None:
    folder.write(tmp_path, recipe, 5)
    assert not list(tmp_path.glob("*.png"))
    folder.write(tmp_path, recipe, 5, sheets=True)
    first, _ = sorted(tmp_path.glob("sheet-*.png"))
    picture = np.asarray(Image.open(first))
    sample = next(samples("validation", seed=2, size=32))
    assert np.array_equal(picture[14 : 14 + 128 : 4, 0:128:4], sample.before)
    assert np.array_equal(picture[14 : 14 + 128 : 4, 256:384:4], sample.after)
    assert (picture[14:142, 128:256] == sheets.arrow).all(axis=-1).any()
