"""Conditional logit: weights under which the right hypothesis of each trial is the likeliest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from backend.articulation.reasons import against_it, for_it, names
from backend.evaluation.trials import Trial

Values = NDArray[np.float64]


def fit(trials: Sequence[Trial], *, stiffness: float) -> Values:
    """Return weights (F,) of the reasons by penalised maximum likelihood.

    A trial's likelihood is the softmax share of its right hypotheses, each as far as it is right;
    trials without any are passed over. Families count the same however many trials they have.
    `stiffness` is the L2 penalty: all reasons are of the order of 1, so rare ones earn no trust.
    """
    used = [trial for trial in trials if trial.right.max() > 0.0]
    marks = np.concatenate([trial.marks for trial in used]).astype(np.float32)
    right = np.concatenate([trial.right for trial in used]).astype(np.float64)
    sizes = [len(trial.right) for trial in used]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    share = np.repeat(_shares(used), sizes)
    owner = np.repeat(np.arange(len(used)), sizes)

    def loss(weights: Values) -> tuple[float, Values]:
        score = (marks @ weights.astype(np.float32)).astype(np.float64)
        score = score - np.maximum.reduceat(score, starts)[owner]
        every = np.exp(score)
        good = every * right
        total, hit = np.add.reduceat(every, starts), np.add.reduceat(good, starts)
        slope = share * (every / total[owner] - good / np.maximum(hit, 1e-300)[owner])
        value = float((share[starts] * (np.log(total) - np.log(np.maximum(hit, 1e-300)))).sum())
        penalty = stiffness * weights
        return value + 0.5 * float(weights @ penalty), marks.T @ slope.astype(np.float32) + penalty

    start = np.zeros(marks.shape[1])
    bounds = _bounds() * 2  # of hinges, and of slides
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}
    )
    return found.x


def _bounds() -> list[tuple[float | None, float | None]]:
    """What the weights of the reasons may be, by what the reasons can say at all."""
    return [
        (0.0, None) if name in for_it else (None, 0.0) if name in against_it else (None, None)
        for name in names
    ]


def _shares(trials: Sequence[Trial]) -> Values:
    """What each trial counts (T,): families the same, 1 in all."""
    names = [trial.category for trial in trials]
    count = {name: names.count(name) for name in set(names)}
    return np.array([1.0 / count[name] for name in names]) / len(count)
