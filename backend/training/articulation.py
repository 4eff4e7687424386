"""The weights of the reasons: fitted on the training seeds, checked on the validation seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation import weights
from backend.articulation.judgement import Judge
from backend.articulation.weights import Weights
from backend.evaluation.regimes import Regime, regimes
from backend.evaluation.trials import Trial, pulled
from backend.training.fit import Stiffness, fit
from protocol import version

Values = NDArray[np.float64]
folds = 4  # groups of families, each left out once
stiffness = Stiffness(plain=4e-3, network=3e-2)
hidden = 12  # units of each network
members = {True: 0, False: 4}  # networks for pulled and not pulled parts


@dataclass(frozen=True)
class Figure:
    """Shares of right answers in a regime: of the training and the validation cases, and of
    families whose own cases were left out of the fit."""

    regime: Regime
    train: float
    validation: float
    left_out: float


def train(training: Sequence[Trial]) -> Weights:
    """Return the weights fitted on trials, not yet calibrated."""
    pulled_ones, others = (weights.written(_fit(half_of(training, half))) for half in (True, False))
    return Weights(pulled=pulled_ones, unpulled=others, fitted_on=_provenance(training))


def figures(training: Sequence[Trial], validation: Sequence[Trial]) -> Iterator[Figure]:
    """Yield how good the ranking is in each regime, before refinement and ranges."""
    for half in (True, False):
        own, others = half_of(training, half), half_of(validation, half)
        judge, unseen = _fit(own), _left_out(own, others)
        for regime in regimes:
            if (regime in pulled) == half:
                yield Figure(
                    regime,
                    share_right([t for t in own if t.regime == regime], judge),
                    share_right([t for t in others if t.regime == regime], judge),
                    float(np.mean([right for name, right in unseen if name == regime])),
                )


def share_right(trials: Sequence[Trial], judge: Judge) -> float:
    """Return the share of trials whose best motion hits."""
    return float(np.mean([is_right(trial, judge) for trial in trials]))


def is_right(trial: Trial, judge: Judge) -> bool:
    """Return whether the best motion of a trial hits."""
    return bool(trial.right[int(trial.scores(judge).argmax())] > 0.0)


def markdown(found: Sequence[Figure]) -> str:
    """Return the figures as a table."""
    lines = ["| regime | training | validation | families left out |", "| --- |" + " ---: |" * 3]
    for row in found:
        lines.append(
            f"| {row.regime} | {row.train:.1%} | {row.validation:.1%} | {row.left_out:.1%} |"
        )
    return "\n".join(lines) + "\n"


def half_of(trials: Sequence[Trial], are_pulled: bool) -> list[Trial]:
    """Return the trials with pulls, or those without."""
    return [trial for trial in trials if (trial.regime in pulled) == are_pulled]


def _fit(trials: Sequence[Trial]) -> Judge:
    count = members[trials[0].regime in pulled]
    return fit(trials, stiffness=stiffness, hidden=hidden, members=count)


def without_families(training: Sequence[Trial]) -> Iterator[tuple[set[str], Judge]]:
    """Yield groups of families, and for each the judge fitted without its cases.

    The trials are of one half, all pulled or none.
    """
    families = np.random.default_rng(0).permutation(sorted({t.category for t in training}))
    for fold in range(folds):
        away = set(families[fold::folds].tolist())
        kept = [trial for trial in training if trial.category not in away]
        if kept:
            yield away, _fit(kept)


def _left_out(training: Sequence[Trial], validation: Sequence[Trial]) -> list[tuple[Regime, bool]]:
    """Every trial's regime and whether weights fitted without its family rank it rightly."""
    return [
        (trial.regime, is_right(trial, judge))
        for away, judge in without_families(training)
        for trial in (*training, *validation)
        if trial.category in away
    ]


def _provenance(training: Sequence[Trial]) -> dict[str, str | int | float]:
    return {
        "software": version.software,
        "families": len({trial.category for trial in training}),
        "cases": len({trial.case for trial in training}),
        "stiffness_plain": stiffness.plain,
        "stiffness_network": stiffness.network,
        "hidden": hidden,
        "members": members[False],
    }
