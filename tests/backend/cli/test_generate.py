"""The benchmark's cases as `generate` writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.cli import main
from backend.datasets import Case, generate, load_case, splits


def written(folder: Path, *arguments: str) -> dict[str, Case]:
    assert main(["generate", *arguments, "--out", str(folder)]) == 0
    return {path.stem: load_case(path) for path in sorted(folder.glob("*.npz"))}


def lengths(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points - points[0], axis=1)


@pytest.mark.parametrize("split", splits)
def test_a_split_has_its_own_seeds_and_the_habits(tmp_path: Path, split: str) -> None:
    cases = written(tmp_path, "laptop", "--split", split, "--count", "2")
    start = splits[split].start
    assert list(cases) == [f"laptop-{start}-lid", f"laptop-{start + 1}-lid"]
    for seed, case in enumerate(cases.values(), start):
        (made,) = generate("laptop", seed, habits=True).cases()
        assert np.array_equal(case.vertices, made.vertices) and case.prompt == made.prompt


def test_objects_are_turned_and_scaled_on_request_always_the_same_way(tmp_path: Path) -> None:
    asked = ("oven", "--seed", "3", "--rotate", "--scale")
    first, again = (written(tmp_path / name, *asked) for name in ("a", "b"))
    plain = written(tmp_path / "plain", "oven", "--seed", "3")
    scales = []
    for name, case in first.items():
        assert np.array_equal(case.vertices, again[name].vertices)
        before = plain[name]
        spans = lengths(case.vertices.astype(float)), lengths(before.vertices.astype(float))
        scales.append(spans[0].max() / spans[1].max())
        assert np.allclose(spans[0], scales[0] * spans[1], rtol=1e-3, atol=1e-4 * scales[0])
        assert abs(case.axis @ before.axis) < 0.9999
    assert abs(scales[0] - 1.0) > 0.01


def test_more_objects_than_a_split_has_are_refused(tmp_path: Path, capsys) -> None:
    asked = ["generate", "laptop", "--split", "test", "--count", "101", "--out", str(tmp_path)]
    assert main(asked) == 1
    assert "1 to 100 objects a family, not 101" in capsys.readouterr().err
