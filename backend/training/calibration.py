"""How often the best joint hits, for the share it has of the likelihood.

With pulls, by the engine's own answers. Without, what was fitted knows the families that it was
fitted on and is surer of them than of anything that artists bring: there each family is judged
by weights that never saw it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from backend.articulation import sureness
from backend.articulation.engine import articulate, distinct_best
from backend.articulation.judgement import Judge
from backend.articulation.weights import Calibration, Fitted, Weights
from backend.datasets import Case
from backend.evaluation.answers import hits
from backend.evaluation.regimes import part_and_body, problem, random_turn, unturned
from backend.evaluation.trials import Trial, pulled
from backend.metrics.execution import Pair

Values = NDArray[np.float64]

shown = 5  # distinct joints that share the likelihood
caution = 0.002  # on the squared change of the slope


@dataclass(frozen=True)
class Told:
    """One answer: whether a pull was given, the best joint's share, and whether it hit."""

    pulled: bool
    share: float
    hit: bool


def answers(case: Case, name: str, seed: int = 0) -> list[Told]:
    """Return what the engine tells of a pulled case, turned at random or not by turns."""
    pair = Pair(*part_and_body(case))
    found = []
    for k, regime in enumerate(pulled):
        turn = random_turn(name, seed) if k % 2 else unturned
        answer = articulate(problem(case, regime, name, turn=turn, seed=seed), alternatives=1)
        hit = hits(case, turn.back(answer.joints[0]), pair, directed=True)
        found.append(Told(True, answer.share, hit))
    return found


def of_strangers(
    trials: Sequence[Trial], judges: Iterable[tuple[set[str], Judge]]
) -> Iterator[Told]:
    """Yield how each judge ranks the trials of its families, which it was fitted without."""
    for families, judge in judges:
        for trial in trials:
            if trial.category in families:
                score = trial.scores(judge)
                kept = distinct_best(trial.motions, score, shown, trial.size)
                share = float(sureness.shares(score[kept])[0])
                yield Told(trial.regime in pulled, share, bool(trial.right[kept[0]] > 0.0))


def calibrated(found: Weights, told: Sequence[Told]) -> Weights:
    """Return the weights with both calibrations as the answers of these weights suggest."""
    return msgspec.structs.replace(
        found,
        pulled=_with(found.pulled, [each for each in told if each.pulled]),
        unpulled=_with(found.unpulled, [each for each in told if not each.pulled]),
        fitted_on=found.fitted_on | {"calibrated_on_answers": len(told)},
    )


def calibrate(shares: Sequence[float], hit: Sequence[bool]) -> Calibration:
    """Return the logistic regression of hits on the log odds of the shares."""
    x, y = np.array([sureness.logit(share) for share in shares]), np.array(hit, dtype=float)

    def loss(at: Values) -> float:
        odds = at[0] + at[1] * x
        likelihood = float(np.mean(np.logaddexp(0.0, odds) - y * odds))
        return likelihood + caution * (at[1] - 1.0) ** 2

    found = minimize(loss, np.array([0.0, 1.0]), bounds=[(-5.0, 5.0), (0.05, 3.0)])
    return Calibration(offset=round(float(found.x[0]), 3), slope=round(float(found.x[1]), 3))


def _with(half: Fitted, told: Sequence[Told]) -> Fitted:
    sure = calibrate([each.share for each in told], [each.hit for each in told])
    return msgspec.structs.replace(half, sure=sure)
