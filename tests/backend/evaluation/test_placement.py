"""The evaluation of placing: its trials, its physics, its table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.cli import main
from backend.evaluation import placement_trials
from backend.evaluation.placement import ours, score
from backend.evaluation.placement_physics import settle
from backend.evaluation.placement_table import markdown
from backend.evaluation.placement_trials import seeds_of, trial
from backend.placement.item import Part
from protocol.errors import TugError
from tests.backend.placement.scenes import block, crate, room, slope


def at(x: float, y: float, z: float) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, 3] = x, y, z
    return pose


def test_splits_share_no_seed():
    one, other = placement_trials.splits.values()
    assert not set(one) & set(other)
    with pytest.raises(TugError, match="1 to"):
        seeds_of("test", 0)


def test_trials_are_the_same_each_time_and_of_every_kind():
    kinds = {trial(seed).where for seed in seeds_of("validation", 40)}
    assert kinds >= {"floor", "table", "wall", "ground", "ramp"}
    one, other = (trial(5003).item for _ in range(2))
    np.testing.assert_array_equal(
        one.model.links[0].shapes[0].mesh.vertices, other.model.links[0].shapes[0].mesh.vertices
    )
    assert one.wish == other.wish


def test_what_stands_stays_and_what_hangs_or_overhangs_moves():
    asked = crate()
    assert settle(asked, at(0.0, 0.0, 0.95), room).moved < 0.01
    assert settle(asked, at(0.0, 0.0, 1.15), room).moved > 0.1
    assert settle(asked, at(1.05, 0.0, 0.95), room).turned > 5.0


def test_what_lies_in_a_corner_of_a_concave_part_stays():
    bowl = Part("Channel", _channel())
    asked = crate((0.2, 0.2, 0.2))
    assert settle(asked, at(0.0, 0.0, 0.2), (bowl,)).moved < 0.01


def _channel():
    """A U of one shell: a board whose middle is lower, as its hull would not know."""
    from backend.datasets.shapes import prism

    outline = [
        [-1, 0],
        [1, 0],
        [1, 0.4],
        [0.5, 0.4],
        [0.5, 0.1],
        [-0.5, 0.1],
        [-0.5, 0.4],
        [-1, 0.4],
    ]
    shape = prism(outline, -0.5, 0.5)
    turn = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
    shape = shape.transformed(turn)
    return type(block((0, 0, 0), (1, 1, 1)))(shape.vertices, shape.faces)


def test_friction_holds_on_a_slope():
    tilted = at(0.0, 0.0, 0.0)
    tilted[:3, :3] = [[np.cos(0.2), 0, -np.sin(0.2)], [0, 1, 0], [np.sin(0.2), 0, np.cos(0.2)]]
    tilted[:3, 3] = tilted[:3, :3] @ [0.0, 0.0, 0.2]
    scene = (Part("Ramp", slope(float(np.degrees(0.2)))),)
    assert settle(crate(), tilted, scene).moved < 0.01


def test_a_trial_is_scored_and_without_gravity_it_floats():
    asked = trial(5003)
    full, less = score(asked, ours), score(asked, "without gravity")
    assert max(full.penetration, full.gap, full.moved) < 0.005
    assert less.gap > 0.02
    assert less.moved > 0.02
    text = markdown([full, less], ours)
    assert text.count("\n| ") >= 5
    assert "without gravity" in text


def test_the_published_way_is_scored_too():
    scores = score(trial(5014), "Drag4D")
    assert scores.error == ""
    assert max(scores.penetration, scores.gap) > 0.0


def test_the_command_writes_table_scores_and_picture(tmp_path: Path, capsys):
    assert main(["evaluate", "placement", "--count", "1", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("| method |")
    assert (tmp_path / "placement.md").read_text() == printed
    assert (tmp_path / "placement.json").is_file()
    assert Image.open(tmp_path / "placed.png").size[0] > 100
