"""What each reason counts: fitted by `python -m backend train articulation`, kept in weights.json.

There are judges for pulled and for not pulled parts; see `judgement`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.articulation import judgement
from backend.articulation.judgement import Judge, Network
from backend.articulation.reasons import names

path = Path(__file__).with_name("weights.json")
straying = -0.5  # on the squared slacks by which refinement moved a hinge

# What can only speak for a joint, or only against it, whatever a fit would like to believe.
for_it = {
    "pull", "room", "shut", "grip along", "ajar", "slipping", "guided", "lever", "grip ahead",
    "handle out", "handle ahead", "pinned plate", "leaf", "leaf in contact", "square",
    "square to body", "clear", "outward", "emerging", "outer", "in contact", "said turning",
    "said way", "hinted way", "said hinge", "source: shared axis", "source: pin",
    "source: round part", "source: shared edge",
}  # fmt: skip
against_it = {
    "pull off", "pulled past", "collision", "coming off", "loose soon", "jammed", "blocked early",
    "blocked half", "blocked late", "room back", "off axis", "outside", "near contact", "askew",
    "source: drag",
}  # fmt: skip

# What a person says counts at least so much: shapes that other people model mislead more often
# than generated ones, words do not.
least = {"said turning": 2.0, "said way": 3.0, "hinted way": 1.5, "said hinge": 1.0}

Numbers = tuple[float, ...]


class Calibration(msgspec.Struct, frozen=True):
    """P(best joint is right) = sigmoid(offset + slope * logit(its share of the softmax))."""

    offset: float = 0.0
    slope: float = 1.0


class Hidden(msgspec.Struct, frozen=True):
    """A network as `judgement.Network` has it; `inner` has a row for each of its inputs."""

    mean: dict[str, float]
    spread: dict[str, float]
    inner: dict[str, Numbers]
    bias: Numbers
    outer: Numbers


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """A judge: (hinges, slides) of each reason's plain weight, the network, the calibration."""

    plain: dict[str, tuple[float, float]]
    network: Hidden | None = None
    sure: Calibration = Calibration()


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The file. `fitted_on` says what it is from."""

    pulled: Fitted
    unpulled: Fitted
    fitted_on: dict[str, str | int | float] = {}


@cache
def load() -> Weights:
    """Return the weights of this version."""
    return msgspec.json.decode(path.read_bytes(), type=Weights)


def fitted(pulled: bool) -> Fitted:
    """Return what was fitted for parts that are pulled, or are not."""
    return load().pulled if pulled else load().unpulled


@cache
def judge(pulled: bool) -> Judge:
    """Return the judge for parts that are pulled, or are not."""
    return _read(fitted(pulled))


def written(judge: Judge, sure: Calibration | None = None) -> Fitted:
    """Return a judge as the file has it."""
    rows = zip(names, *judge.plain.round(4).tolist(), strict=True)
    return Fitted(
        plain={name: (hinge, slide) for name, hinge, slide in rows},
        network=_hidden(judge.network) if judge.network else None,
        sure=sure or Calibration(),
    )


def write(found: Weights) -> None:
    """Replace this version's weights."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    load.cache_clear()
    judge.cache_clear()


def _read(found: Fitted) -> Judge:
    plain = np.array([found.plain[name] for name in names]).T
    return Judge(plain, _network(found.network) if found.network else None)


def _hidden(network: Network) -> Hidden:
    return Hidden(
        mean=_named(network.mean),
        spread=_named(network.spread),
        inner=_named(network.inner),
        bias=_rounded(network.bias),
        outer=_rounded(network.outer),
    )


def _network(hidden: Hidden) -> Network:
    return Network(
        mean=_ordered(hidden.mean),
        spread=_ordered(hidden.spread),
        inner=_ordered(hidden.inner),
        bias=np.array(hidden.bias),
        outer=np.array(hidden.outer),
    )


def _named(values: NDArray[np.float64]) -> dict[str, Any]:
    rows = [_rounded(value) if np.ndim(value) else round(float(value), 4) for value in values]
    return dict(zip(judgement.inputs, rows, strict=True))


def _ordered(table: dict[str, Any]) -> NDArray[np.float64]:
    return np.array([table[name] for name in judgement.inputs])


def _rounded(values: NDArray[np.float64]) -> Numbers:
    return tuple(values.round(4).tolist())
