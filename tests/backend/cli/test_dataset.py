"""`tug dataset` as people run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.cli import main
from backend.datasets.drag_a_move import folder


def test_samples_are_written_where_asked_and_goes_on(tmp_path: Path, capsys) -> None:
    asked = ["dataset", "drag_a_move", "--split", "validation", "--size", "32", "--look", "clay"]
    for count in ("2", "3"):
        assert main([*asked, "--count", count, "--out", str(tmp_path), "--sheet"]) == 0
    out = capsys.readouterr()
    assert out.out.splitlines()[-1] == str(tmp_path / folder.index_file)
    assert "[3/3]" in out.err
    found = list(folder.read(tmp_path))
    assert [sample.look for sample in found] == ["clay"] * 3
    assert found[0].before.shape == (32, 32, 3) and (tmp_path / "sheet-00000.png").is_file()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--split", "exam"], "test_families"),
        (["--look", "chrome"], "textured"),
        (["--size", "5000"], "pixels"),
        (["--count", "0"], "1 or more"),
        (["--source", "nowhere"], "no folder"),
    ],
)
def test_wrong_wishes_are_answered_in_words(tmp_path: Path, capsys, wrong, said) -> None:
    assert main(["dataset", "drag_a_move", "--out", str(tmp_path), *wrong]) == 1
    assert said in capsys.readouterr().err
