from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.articulation import reasons
from backend.datasets import sample, save_case
from backend.evaluation import ablation
from backend.evaluation.regimes import regimes
from backend.evaluation.trials import Trial, trials
from backend.geometry.surface import Motions
from backend.training import articulation
from backend.training.fit import fit

count = len(reasons.names)


def made(seed: int, true: np.ndarray) -> Trial:
    """A trial whose right motion is drawn by the weights `true` (2R,)."""
    generator = np.random.default_rng(seed)
    marks = np.zeros((12, 2 * count), np.float32)
    used = np.flatnonzero(true)
    marks[:, used] = generator.normal(size=(12, len(used)))
    score = marks @ true + generator.gumbel(size=12)
    right = (np.arange(12) == score.argmax()).astype(np.float32)
    axes = np.tile([0.0, 0.0, 1.0], (12, 1))
    motions = Motions(np.ones(12, bool), axes, np.arange(36.0).reshape(12, 3))
    support = np.ones((12, len(reasons.sources)), bool)
    return Trial(
        case=str(seed), category="abc"[seed % 3], regime="exact", turned=False, marks=marks,
        right=right, angle=90.0 * (1.0 - right), support=support, motions=motions, size=1.0,
    )  # fmt: skip


def test_the_weights_that_made_the_choices_are_found_again() -> None:
    true = np.zeros(2 * count)
    true[[reasons.names.index(name) for name in ("pull", "lever", "collision")]] = 2.0, 1.0, -1.5
    found = fit([made(seed, true) for seed in range(500)], stiffness=1e-4)
    assert found[true != 0.0] == pytest.approx(true[true != 0.0], abs=0.4)
    assert np.abs(found[true == 0.0]).max() < 0.1


def test_a_weight_is_zero_rather_than_against_reason() -> None:
    true = np.zeros(2 * count)
    true[reasons.names.index("collision")] = 2.0  # who would want to collide?
    found = fit([made(seed, true) for seed in range(100)], stiffness=1e-4)
    assert found[reasons.names.index("collision")] == 0.0


def test_confidence_is_calibrated_on_what_was_seen() -> None:
    true = np.zeros(2 * count)
    true[reasons.names.index("pull")] = 1.0
    seen = [made(seed, true) for seed in range(300)]
    found = articulation.calibrate(seen, 3.0 * true)  # weights that are far too sure
    assert 0.05 <= found.slope < 0.7
    assert articulation.calibrate(seen, true).slope > found.slope


def test_trials_tell_the_truth_apart(tmp_path: Path) -> None:
    case = sample().cases()[0]
    save_case(tmp_path / "drawer.npz", case)
    found = list(trials([tmp_path / "drawer.npz"]))
    assert {trial.regime for trial in found} == set(regimes)
    for trial in found:
        assert trial.marks.shape == (len(trial.right), 2 * count)
        assert np.isfinite(trial.marks).all()
        assert trial.right.max() > 0.9
        assert (trial.angle[trial.right > 0.0] < 5.0).all()


def test_what_nothing_can_replace_costs_most(tmp_path: Path) -> None:
    for k, case in enumerate(sample().cases()[:2]):
        save_case(tmp_path / f"{k}.npz", case)
    losses = ablation.ablate(sorted(tmp_path.glob("*.npz")), ("exact",), lambda done, total: None)
    assert {loss.regime for loss in losses} == {"exact"}
    by_name = {loss.name: loss for loss in losses}
    assert by_name["text"].hits == 0.0
    assert by_name["shared edge"].hits == 0.0
    assert "| drag |" in ablation.markdown(losses)
