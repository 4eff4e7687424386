"""How sure the engine is of each joint, and whether to ask which one is meant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.articulation import weights
from protocol.joint import Joint

Values = NDArray[np.float64]

most_sure = 0.99  # the most confidence that is told
clearly = 0.6  # confidence from which the best joint is shown alone
worth_showing = 0.1  # confidence from which the second best is shown beside it


def confidence(score: Values, pulled: bool) -> Values:
    """Return the belief (K,) in each of K distinct joints by their scores (K,), best first.

    That in the best is calibrated on the validation seeds: of the answers told with 0.8, eight
    in ten hit. The others share what remains.
    """
    share = shares(score)
    best = calibrated(share[0], pulled)
    rest = share[1:] / max(float(share[1:].sum()), 1e-300)
    others = np.minimum((1.0 - best) * rest, best)
    return np.minimum(np.append(best, others), most_sure)


def shares(score: Values) -> Values:
    """Return the softmax (K,) of scores."""
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def logit(share: float) -> float:
    """Return the log odds of a share, kept finite."""
    kept = float(np.clip(share, 1e-6, 1.0 - 1e-6))
    return float(np.log(kept / (1.0 - kept)))


def calibrated(share: float, pulled: bool) -> float:
    """Return how often the best joint hits when it has this share."""
    sure = weights.fitted(pulled).sure
    return float(1.0 / (1.0 + np.exp(-(sure.offset + sure.slope * logit(share)))))


def choices(joints: Sequence[Joint]) -> int:
    """Return how many of the joints (best first) to show side by side: 1, or 2 where unclear."""
    unclear = len(joints) > 1 and joints[0].confidence < clearly
    return 2 if unclear and joints[1].confidence > worth_showing else 1
