"""What each kind of evidence and each source of hypotheses buys: the ranking without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.articulation import evidence, weights
from backend.articulation.hypotheses import sources
from backend.articulation.judgement import Judge
from backend.evaluation.regimes import Regime
from backend.evaluation.trials import Trial, pulled, trials


@dataclass(frozen=True)
class Loss:
    """What leaving `name` out costs in a regime: hits in percent points, axis error in degrees."""

    name: str
    regime: Regime
    hits: float
    axis: float


def ablate(
    files: list[Path], regimes: Sequence[Regime], tell: Callable[[int, int], None]
) -> list[Loss]:
    """Return the losses of every kind and source in each regime.

    Lines and directions are ranked as the engine ranks them, before refinement and ranges, with
    `up` as it is. The weights stay as they are: what can stand in for what was left out does.
    """
    every: list[Trial] = []
    for k, path in enumerate(files):
        every += [t for t in trials([path]) if t.regime in regimes and not t.turned]
        tell(k + 1, len(files))
    return [loss for regime in regimes for loss in _of([t for t in every if t.regime == regime])]


def _of(own: Sequence[Trial]) -> Iterator[Loss]:
    if not own:
        return
    whole = _measured(own, ())
    for name in (*evidence.kinds, *sources):
        less = _measured(own, (name,))
        yield Loss(name, own[0].regime, 100.0 * (whole[0] - less[0]), less[1] - whole[1])


def _measured(own: Sequence[Trial], without: tuple[str, ...]) -> tuple[float, float]:
    """Share of hits and mean axis error of the best that is left."""
    judge = weights.judge(own[0].regime in pulled)
    best = [_best(trial, judge, without) for trial in own]
    right = [trial.right[k] > 0.0 for trial, k in zip(own, best, strict=True)]
    angle = [trial.angle[k] for trial, k in zip(own, best, strict=True)]
    return float(np.mean(right)), float(np.mean(angle))


def _best(trial: Trial, judge: Judge, without: tuple[str, ...]) -> int:
    kept = ~np.isin(sources, without)
    score = trial.scores(judge, evidence.reasons_of(without))
    return int(np.where((trial.support & kept).any(axis=1), score, -np.inf).argmax())


def markdown(losses: Sequence[Loss]) -> str:
    """Return the losses as a table: a row for each name, two columns for each regime."""
    regimes = list(dict.fromkeys(loss.regime for loss in losses))
    lines = ["| without | " + " | ".join(f"{r}: hit | axis" for r in regimes) + " |"]
    lines.append("| --- |" + " ---: |" * 2 * len(regimes))
    for name in dict.fromkeys(loss.name for loss in losses):
        own = {loss.regime: loss for loss in losses if loss.name == name}
        cells = [f"{0.0 - own[r].hits:+.1f} | {own[r].axis:+.1f}°" for r in regimes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
