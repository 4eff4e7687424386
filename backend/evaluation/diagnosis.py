"""What a failure would need: the truth among the hypotheses, or a reason that sees it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.articulation import evidence
from backend.articulation.engine import distinct_best, explore
from backend.articulation.look import Look
from backend.datasets import Case
from backend.evaluation.regimes import Regime, Turn, problem, unturned
from backend.evaluation.trials import rightness


def need(case: Case, regime: Regime, name: str, *, turn: Turn = unturned, seed: int = 0) -> str:
    """Return a sentence on what kept the true joint from being the answer."""
    asked = problem(case, regime, name, seed=seed)
    up = np.array(asked.up) @ turn.matrix  # the object stays as it is, so up is turned back
    look, score = explore(replace(asked, up=(float(up[0]), float(up[1]), float(up[2]))))
    right = rightness(case, look.scene.subject, look.motions)
    if not right.any():
        return "The true line is not among the hypotheses."
    best, true = int(score.argmax()), int(np.where(right > 0.0, score, -np.inf).argmax())
    if right[best] > 0.0:
        return "The line is right, and the kind of joint or its range is not."
    return f"The true joint is {_place(look, score, true)}; {_against(look, best, true)}."


def _place(look: Look, score: NDArray[np.float64], true: int) -> str:
    ahead = np.flatnonzero(score > score[true])
    size = look.scene.subject.part.box.diagonal
    return f"number {1 + len(distinct_best(look.motions.take(ahead), score[ahead], 99, size))}"


def _against(look: Look, best: int, true: int) -> str:
    """The kinds of evidence that prefer the answer."""
    added = evidence.contributions(look)
    lead = {name: float(share[best] - share[true]) for name, share in added.items()}
    first, second = sorted(lead, key=lambda name: -lead[name])[:2]
    return f"{first} ({lead[first]:+.1f}) and {second} ({lead[second]:+.1f}) prefer another"
