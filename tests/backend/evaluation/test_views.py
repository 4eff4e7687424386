"""The measures of views find what is wrong, and find nothing wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.cli import main
from backend.evaluation import views
from backend.evaluation.views import measured, rows, scene_of, table
from backend.views.engine import Wish, prepare, render


@pytest.mark.parametrize("seed", range(6))
def test_all_goals_hold(seed):
    scores = measured(seed)
    for name, (words, goal, worst) in rows.items():
        value = getattr(scores, name)
        assert value >= goal if worst is min else value <= goal, words


def test_a_camera_that_is_off_is_found():
    prepared = prepare(scene_of(0), Wish(layers=()))
    first, *others = render(prepared)
    assert views._agreement([first, *others]) < 0.01
    off = replace(first, tracks=first.tracks + np.float32(3.0))
    assert views._agreement([off, *others]) > 1.0
    assert views._projection(prepared, off) == pytest.approx(3.0, abs=0.01)


def test_scenes_are_the_same_each_time():
    one, other = scene_of(3), scene_of(3)
    for (_, part), (_, same) in zip(one.parts, other.parts, strict=True):
        assert np.array_equal(part.mesh.vertices, same.mesh.vertices)
        assert np.array_equal(part.at(5), same.at(5))


def test_the_table_tells_where_a_goal_is_missed():
    good = measured(0)
    text = table([good, replace(good, agreement=2.0)])
    line = next(row for row in text.splitlines() if row.startswith("| views against"))
    assert "| 2 |" in line and "50.0%" in line


def test_the_command_prints_and_writes_it(tmp_path, capsys):
    assert main(["evaluate", "views", "--count", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "views.md").read_text() == capsys.readouterr().out
    assert main(["evaluate", "views", "--count", "0"]) == 1
