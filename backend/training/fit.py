"""Conditional logit: a judge under which the right hypothesis of each trial is the likeliest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from backend.articulation.judgement import Judge, Network, inputs, together
from backend.articulation.reasons import names
from backend.articulation.weights import against_it, for_it, least
from backend.evaluation.trials import Trial

Values = NDArray[np.float64]
Singles = NDArray[np.float32]

least_spread = 0.05  # of an input: what hardly varies is not blown up


@dataclass(frozen=True)
class Stiffness:
    """L2 penalties: all reasons are of the order of 1, so rare ones earn no trust."""

    plain: float
    network: float


def fit(
    trials: Sequence[Trial], *, stiffness: Stiffness, hidden: int, members: int, rounds: int = 80
) -> Judge:
    """Return the judge by penalised maximum likelihood: first its plain weights, then, on top of
    them, `members` networks with `hidden` units each, of which it takes the mean. What networks
    make of few cases depends on how they began; their mean does so less.

    A trial's likelihood is the softmax share of its right hypotheses, each as far as it is right;
    trials without any are passed over. Families count the same however many trials they have.
    """
    table = _table(trials)
    plain = _plain(table, stiffness.plain)
    found = [
        _network(table, plain, stiffness.network, hidden, rounds, seed) for seed in range(members)
    ]
    return Judge(plain, mean_of(found) if found else None)


def mean_of(networks: Sequence[Network]) -> Network:
    """Return the network that adds what networks of the same inputs add on average."""
    return Network(
        mean=networks[0].mean,
        spread=networks[0].spread,
        inner=np.concatenate([network.inner for network in networks], axis=1),
        bias=np.concatenate([network.bias for network in networks]),
        outer=np.concatenate([network.outer for network in networks]) / len(networks),
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """All trials' hypotheses in one table of N rows; trial k begins at row `starts[k]`."""

    marks: Singles  # (N, R)
    hinge: NDArray[np.bool_]  # (N,)
    x: Singles  # (N, I)
    right: Singles  # (N,)
    starts: NDArray[np.intp]  # (T,)
    owner: NDArray[np.intp]  # (N,)
    share: Values  # (T,) what each trial counts

    def loss(self, score: Singles) -> tuple[float, Singles]:
        """The mean of -log(share of the right), and its slope (N,) by the score."""
        lifted = score.astype(np.float64)
        every = np.exp(lifted - np.maximum.reduceat(lifted, self.starts)[self.owner])
        good = every * self.right
        total = np.add.reduceat(every, self.starts)
        hit = np.maximum(np.add.reduceat(good, self.starts), 1e-300)
        slope = self.share[self.owner] * (every / total[self.owner] - good / hit[self.owner])
        return float(self.share @ (np.log(total) - np.log(hit))), slope.astype(np.float32)


def _table(trials: Sequence[Trial]) -> _Table:
    used = [trial for trial in trials if trial.right.max() > 0.0]
    sizes = [len(trial.right) for trial in used]
    count = Counter(trial.category for trial in used)
    rows = [together(trial.marks, trial.motions.hinge, trial.about) for trial in used]
    return _Table(
        marks=np.concatenate([trial.marks for trial in used]).astype(np.float32),
        hinge=np.concatenate([trial.motions.hinge for trial in used]),
        x=np.concatenate(rows).astype(np.float32),
        right=np.concatenate([trial.right for trial in used]).astype(np.float32),
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        owner=np.repeat(np.arange(len(used)), sizes),
        share=np.array([1.0 / count[trial.category] for trial in used]) / len(count),
    )


def _plain(table: _Table, stiffness: float) -> Values:
    marks = np.concatenate(
        [table.marks * table.hinge[:, None], table.marks * ~table.hinge[:, None]], axis=1
    )

    def loss(weights: Values) -> tuple[float, Values]:
        value, slope = table.loss(marks @ weights.astype(np.float32))
        penalty = stiffness * weights
        return value + 0.5 * float(weights @ penalty), marks.T @ slope + penalty

    bounds = _bounds() * 2
    start = np.array([low or 0.0 for low, _ in bounds])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}
    )
    return found.x.reshape(2, -1)


def _bounds() -> list[tuple[float | None, float | None]]:
    """What the weights of the reasons may be, by what the reasons can say at all."""
    return [
        (least.get(name, 0.0), None)
        if name in for_it
        else (None, 0.0 if name in against_it else None)
        for name in names
    ]


def _network(
    table: _Table, plain: Values, stiffness: float, hidden: int, rounds: int, seed: int
) -> Network:
    mean = table.x.mean(axis=0).astype(np.float64)
    spread = np.maximum(table.x.std(axis=0).astype(np.float64), least_spread)
    x = ((table.x - mean) / spread).astype(np.float32)
    base = (table.marks * plain[1 - table.hinge.astype(int)].astype(np.float32)).sum(axis=1)
    shapes = (len(inputs), hidden), (hidden,), (hidden,)
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def split(values: Values) -> list[Values]:
        pieces = np.split(values, ends[:-1])
        return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def loss(values: Values) -> tuple[float, Values]:
        inner, bias, outer = (piece.astype(np.float32) for piece in split(values))
        unit = np.tanh(x @ inner + bias)
        value, slope = table.loss(base + unit @ outer)
        back = slope[:, None] * outer * (1.0 - unit * unit)
        steps = (x.T @ back).ravel(), back.sum(axis=0), unit.T @ slope
        penalty = stiffness * values
        return value + 0.5 * float(values @ penalty), np.concatenate(steps) + penalty

    generator = np.random.default_rng(seed)
    start = np.concatenate(
        [
            generator.normal(0.0, len(inputs) ** -0.5, len(inputs) * hidden),
            np.zeros(hidden),
            generator.normal(0.0, 0.1, hidden),
        ]
    )
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    return Network(mean, spread, *split(found.x))
