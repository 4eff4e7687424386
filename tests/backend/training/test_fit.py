from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.articulation import circumstances, reasons, weights
from backend.articulation.hypotheses import sources
from backend.articulation.judgement import Judge
from backend.datasets import generate, load_case, sample, save_case
from backend.evaluation import ablation
from backend.evaluation.regimes import regimes
from backend.evaluation.trials import Trial, pulled, trials
from backend.geometry.surface import Motions
from backend.training import articulation, calibration
from backend.training.fit import Stiffness, fit
from backend.training.wear import stretched_by, without_hardware, worn

count = len(reasons.names)
soft = Stiffness(plain=1e-4, network=1e-4)


def made(seed: int, true: np.ndarray, *, only: str = "") -> Trial:
    """A trial whose right motion is drawn by the weights `true` (R,).

    With `only` they count the other way round where that circumstance is negative.
    """
    generator = np.random.default_rng(seed)
    marks = np.zeros((12, count), np.float32)
    used = np.flatnonzero(true)
    marks[:, used] = generator.normal(size=(12, len(used)))
    about = np.zeros(len(circumstances.names), np.float32)
    sign = 1.0
    if only:
        sign = generator.choice([-1.0, 1.0])
        about[circumstances.names.index(only)] = sign
    score = sign * (marks @ true) + generator.gumbel(size=12)
    right = (np.arange(12) == score.argmax()).astype(np.float32)
    axes = np.tile([0.0, 0.0, 1.0], (12, 1))
    motions = Motions(np.ones(12, bool), axes, np.arange(36.0).reshape(12, 3))
    support = np.ones((12, len(sources)), bool)
    return Trial(
        case=str(seed), category="abc"[seed % 3], regime="exact", turned=False, marks=marks,
        about=about, right=right, angle=90.0 * (1.0 - right), support=support, motions=motions,
        size=1.0,
    )  # fmt: skip


def test_the_weights_that_made_the_choices_are_found_again() -> None:
    true = np.zeros(count)
    true[[reasons.names.index(name) for name in ("pull", "lever", "collision")]] = 2.0, 1.0, -1.5
    found = fit([made(seed, true) for seed in range(500)], stiffness=soft, hidden=4, members=0)
    assert found.network is None
    assert found.plain[0][true != 0.0] == pytest.approx(true[true != 0.0], abs=0.4)
    free = [k for k, name in enumerate(reasons.names) if name not in weights.least and not true[k]]
    assert np.abs(found.plain[0][free]).max() < 0.1


def test_a_weight_is_zero_rather_than_against_reason() -> None:
    true = np.zeros(count)
    true[reasons.names.index("collision")] = 2.0  # who would want to collide?
    found = fit([made(seed, true) for seed in range(100)], stiffness=soft, hidden=4, members=0)
    assert found.plain[0][reasons.names.index("collision")] == 0.0


def test_words_keep_their_least_weight() -> None:
    true = np.zeros(count)
    true[reasons.names.index("said way")] = -2.0
    found = fit([made(seed, true) for seed in range(100)], stiffness=soft, hidden=4, members=0)
    assert found.plain[0][reasons.names.index("said way")] == weights.least["said way"]


def test_the_network_learns_what_turns_a_reason_round() -> None:
    true = np.zeros(count)
    true[reasons.names.index("long")] = 3.0
    seen = [made(seed, true, only="standing") for seed in range(400)]
    unseen = [made(seed, true, only="standing") for seed in range(1000, 1200)]
    plain, together = (fit(seen, stiffness=soft, hidden=4, members=n) for n in (0, 2))
    assert together.network is not None
    assert len(together.network.outer) == 8
    assert articulation.share_right(unseen, together) > 0.6
    assert articulation.share_right(unseen, plain) < 0.45


def test_confidence_is_calibrated_on_what_was_seen() -> None:
    generator = np.random.default_rng(0)
    share = generator.uniform(0.3, 1.0, 600)
    honest = calibration.calibrate(list(share), list(generator.random(600) < share))
    boastful = calibration.calibrate(list(share), list(generator.random(600) < 0.5 * share))
    assert honest.slope == pytest.approx(1.0, abs=0.25)
    assert honest.offset == pytest.approx(0.0, abs=0.3)
    assert boastful.offset < honest.offset - 0.5


def test_a_pulled_answer_hits_or_misses() -> None:
    told = calibration.answers(sample().cases()[0], "drawer")
    assert len(told) == len(pulled)
    assert all(each.pulled and 0.0 < each.share <= 1.0 for each in told)
    assert told[0].hit


def test_strangers_are_judged_by_who_never_saw_them() -> None:
    true = np.zeros(count)
    true[reasons.names.index("long")] = 2.0
    seen = [made(seed, true) for seed in range(60)]
    for families, _ in articulation.without_families(seen):
        assert len(families) < 3
    judges = [({"a"}, Judge(np.tile(true, (2, 1)))), ({"b"}, Judge(np.zeros((2, count))))]
    told = list(calibration.of_strangers(seen, judges))
    assert len(told) == 40  # of the third family nobody was asked
    assert np.mean([each.hit for each in told[:20]]) > np.mean([each.hit for each in told[20:]])


def test_worn_cases_are_cases_still(tmp_path: Path) -> None:
    for k, case in enumerate(sample().cases()):
        for seed in range(6):
            rough = worn(case, np.random.default_rng([k, seed]))
            save_case(tmp_path / "worn.npz", rough)
            load_case(tmp_path / "worn.npz")
            assert rough.joint_type == case.joint_type


def test_stretching_takes_the_axis_along() -> None:
    hinged = next(case for case in sample().cases() if case.joint_type == "revolute")
    long = stretched_by(hinged, np.array([1.0, 1.0, 2.0]))
    assert long.axis == pytest.approx(hinged.axis)
    assert long.origin == pytest.approx(hinged.origin * [1.0, 1.0, 2.0])
    assert np.ptp(long.vertices[:, 2]) == pytest.approx(2.0 * np.ptp(hinged.vertices[:, 2]))


def test_hardware_goes_and_the_rest_stays() -> None:
    """A knuckle on the hinge's line goes; a knob far from it does not."""
    cases = [case for seed in range(3) for case in generate("door", seed).cases()]
    fewer = [(case, without_hardware(case)) for case in cases]
    assert any(len(bare.faces) < len(case.faces) for case, bare in fewer)
    for case, bare in fewer:
        moving = [each.vertices[each.faces[each.moving_faces]] for each in (case, bare)]
        sizes = [np.ptp(corners.reshape(-1, 3), axis=0).max() for corners in moving]
        assert sizes[1] == pytest.approx(sizes[0], rel=0.05)


def test_trials_tell_the_truth_apart(tmp_path: Path) -> None:
    case = sample().cases()[0]
    save_case(tmp_path / "drawer.npz", case)
    found = list(trials([tmp_path / "drawer.npz"]))
    assert {trial.regime for trial in found} == set(regimes)
    for trial in found:
        assert trial.marks.shape == (len(trial.right), count)
        assert trial.about.shape == (len(circumstances.names),)
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
