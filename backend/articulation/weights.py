"""What each reason counts: fitted by `python -m backend train articulation`, kept in weights.json.

A joint's score is the sum of weight times reason: the log of how much likelier it makes the
joint. Hinges and slides, pulled and not pulled, have weights of their own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.articulation.reasons import names

path = Path(__file__).with_name("weights.json")
straying = -0.5  # on the squared slacks by which refinement moved a hinge

Table = dict[str, tuple[float, float]]


class Calibration(msgspec.Struct, frozen=True):
    """P(best joint is right) = sigmoid(offset + slope * logit(its share of the softmax))."""

    offset: float = 0.0
    slope: float = 1.0


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The file. Tables hold (hinges, slides) for each reason; `fitted_on` says what it is from."""

    pulled: Table
    unpulled: Table
    sure_pulled: Calibration = Calibration()
    sure_unpulled: Calibration = Calibration()
    fitted_on: dict[str, str | int | float] = {}


@cache
def load() -> Weights:
    """Return the weights of this version."""
    return msgspec.json.decode(path.read_bytes(), type=Weights)


@cache
def of(pulled: bool, without: frozenset[str] = frozenset()) -> NDArray[np.float64]:
    """Return the weights (2R,) in the order of `reasons.features`, 0 for reasons `without`."""
    table = load().pulled if pulled else load().unpulled
    rows = [(0.0, 0.0) if name in without else table[name] for name in names]
    return np.array(rows).T.ravel()


def written(values: NDArray[np.float64]) -> Table:
    """Return weights (2R,) as a table."""
    pairs = values.reshape(2, -1).T.round(4).tolist()
    return {name: (hinge, slide) for name, (hinge, slide) in zip(names, pairs, strict=True)}
