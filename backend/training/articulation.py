"""The weights of the reasons: fitted on the training seeds, checked on the validation seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from backend.articulation import sureness, weights
from backend.articulation.engine import distinct_best
from backend.articulation.reasons import names
from backend.articulation.weights import Calibration, Weights
from backend.evaluation.regimes import Regime, regimes
from backend.evaluation.trials import Trial, pulled
from backend.training.fit import fit
from protocol import version

Values = NDArray[np.float64]
folds = 4  # groups of families, each left out once
stiffness = 4e-3  # chosen by leaving families out


@dataclass(frozen=True)
class Figure:
    """Shares of right answers in a regime: of the training and the validation cases, and of
    families whose own cases were left out of the fit."""

    regime: Regime
    train: float
    validation: float
    left_out: float


def train(training: Sequence[Trial], validation: Sequence[Trial]) -> Weights:
    """Return the weights fitted on one set of trials and calibrated on another."""
    halves = [[t for t in training if (t.regime in pulled) == half] for half in (True, False)]
    values = [fit(half, stiffness=stiffness) for half in halves]
    sure = [
        calibrate([t for t in validation if (t.regime in pulled) == half], own)
        for half, own in zip((True, False), values, strict=True)
    ]
    return Weights(
        pulled=weights.written(values[0]),
        unpulled=weights.written(values[1]),
        sure_pulled=sure[0],
        sure_unpulled=sure[1],
        fitted_on=_provenance(training, validation),
    )


def calibrate(trials: Sequence[Trial], values: Values) -> Calibration:
    """Return how often the best joint hits for the share it has, by logistic regression."""
    told, hit = [], []
    for trial in trials:
        score = trial.marks @ values
        kept = distinct_best(trial.motions, score, 5, trial.size)
        told.append(sureness.logit(float(sureness.shares(score[kept])[0])))
        hit.append(trial.right[kept[0]] > 0.0)
    x, y = np.array(told), np.array(hit, dtype=float)

    def loss(at: Values) -> float:
        odds = at[0] + at[1] * x
        return float(np.mean(np.logaddexp(0.0, odds) - y * odds)) + 0.002 * (at[1] - 1.0) ** 2

    found = minimize(loss, np.array([0.0, 1.0]), bounds=[(-5.0, 5.0), (0.05, 3.0)])
    return Calibration(offset=round(float(found.x[0]), 3), slope=round(float(found.x[1]), 3))


def figures(training: Sequence[Trial], validation: Sequence[Trial]) -> Iterator[Figure]:
    """Yield how good the ranking is in each regime, before refinement and ranges."""
    for half in (True, False):
        own = [t for t in training if (t.regime in pulled) == half]
        others = [t for t in validation if (t.regime in pulled) == half]
        values, unseen = fit(own, stiffness=stiffness), _left_out(own, others)
        for regime in regimes:
            if (regime in pulled) == half:
                yield Figure(
                    regime,
                    share_right([t for t in own if t.regime == regime], values),
                    share_right([t for t in others if t.regime == regime], values),
                    float(np.mean([right for name, right in unseen if name == regime])),
                )


def share_right(trials: Sequence[Trial], values: Values) -> float:
    """Return the share of trials whose best motion hits."""
    return float(np.mean([is_right(trial, values) for trial in trials]))


def is_right(trial: Trial, values: Values) -> bool:
    """Return whether the best motion of a trial hits."""
    return bool(trial.right[int((trial.marks @ values).argmax())] > 0.0)


def markdown(found: Sequence[Figure]) -> str:
    """Return the figures as a table."""
    lines = ["| regime | training | validation | families left out |", "| --- |" + " ---: |" * 3]
    for row in found:
        lines.append(
            f"| {row.regime} | {row.train:.1%} | {row.validation:.1%} | {row.left_out:.1%} |"
        )
    return "\n".join(lines) + "\n"


def write(found: Weights) -> None:
    """Replace this version's weights."""
    weights.path.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    weights.load.cache_clear()
    weights.of.cache_clear()


def _left_out(training: Sequence[Trial], validation: Sequence[Trial]) -> list[tuple[Regime, bool]]:
    """Every trial's regime and whether weights fitted without its family rank it rightly."""
    families = np.random.default_rng(0).permutation(sorted({t.category for t in training}))
    found = []
    for fold in range(folds):
        away = set(families[fold::folds].tolist())
        kept = [trial for trial in training if trial.category not in away]
        values = fit(kept, stiffness=stiffness) if kept else np.zeros(2 * len(names))
        for trial in (*training, *validation):
            if trial.category in away:
                found.append((trial.regime, is_right(trial, values)))
    return found


def _provenance(
    training: Sequence[Trial], validation: Sequence[Trial]
) -> dict[str, str | int | float]:
    return {
        "software": version.software,
        "families": len({trial.category for trial in training}),
        "cases": len({trial.case for trial in training}),
        "validation_cases": len({trial.case for trial in validation}),
        "stiffness": stiffness,
    }
