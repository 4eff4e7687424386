"""What models that imagine pulls are worth: the weights that are fitted, the pulls they are for."""

from __future__ import annotations

import numpy as np
import pytest

from backend.datasets import generate
from backend.evaluation import imagined, regimes
from backend.evaluation.imagined import Trial, best_weight, evaluate
from backend.evaluation.run import case_files
from protocol.errors import TugError


def trial(number: int, said: list[float]) -> Trial:
    """The engine prefers the second of three motions; the first is right."""
    right = np.array([True, False, False])
    return Trial(
        case=f"case {number}",
        category="door",
        regime="straight",
        kind="straight",
        score=np.array([0.0, 2.0, -5.0]),
        said={"model": np.array(said)},
        type_right=right,
        axis_right=right,
        hit=right,
    )


def test_a_model_that_knows_gets_a_weight_and_wins_hits():
    trials = [trial(k, [-0.1, -0.6, -0.7]) for k in range(12)]
    assert best_weight(trials, "model") > 4.0
    (fit,) = [fit for fit in imagined._fits(trials, ["model"]) if fit.cases]
    assert (fit.gained, fit.lost) == (12, 0)
    rows = {row.way: row for row in imagined._rows(trials, ["model"])}
    assert (rows["engine"].hit, rows["alone"].hit, rows["both"].hit) == (0.0, 1.0, 1.0)


def test_a_model_that_guesses_gets_none():
    rng = np.random.default_rng(0)
    trials = [trial(k, rng.normal(size=3).tolist()) for k in range(40)]
    assert best_weight(trials, "model") <= 1.0


def test_a_straight_pull_sets_out_as_the_part_does_and_is_as_long():
    case = next(c for c in generate("door", 500).cases() if c.joint.type == "revolute")
    ((start, end),) = regimes.drags(case, "straight", "door", 0)
    ((_, exact),) = regimes.drags(case, "exact", "door", 0)
    assert np.linalg.norm(end - start) == pytest.approx(np.linalg.norm(exact - start))
    arm = start - np.array(case.joint.origin)
    across = arm - np.array(case.joint.axis) * (arm @ np.array(case.joint.axis))
    assert abs((end - start) @ across) < 1e-3 * np.linalg.norm(end - start)
    assert (end - start) @ (exact - start) > 0.0


def test_a_model_that_is_not_here_is_told_before_any_case_is_read(tmp_path, monkeypatch):
    from backend.models import registry

    monkeypatch.setattr(registry, "lacking_packages", lambda: ["torch"])
    (tmp_path / "case.npz").write_bytes(b"no case")
    with pytest.raises(TugError, match="torch"):
        files = case_files(tmp_path)
        evaluate(files, ("exact",), ("dragapart",), tmp_path, lambda *told: None)
