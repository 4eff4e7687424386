"""How likely each motion is, from its reasons.

The score is the log of the likelihood, up to a constant: each reason by its weight, and where
nobody pulls, what reasons say only together, or only under some circumstances, by a small network
beside it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation import circumstances, reasons
from backend.articulation.look import Look

Values = NDArray[np.float64]
Marks = NDArray[np.float64] | NDArray[np.float32]

inputs = (*reasons.names, "hinge", *circumstances.names)  # of the network


@dataclass(frozen=True, eq=False)
class Network:
    """One hidden layer of N: `outer @ tanh(inner.T @ ((x - mean) / spread) + bias)`.

    `mean` and `spread` (I,) are those of the inputs, `inner` (I, N), `bias` and `outer` (N,).
    """

    mean: Values
    spread: Values
    inner: Values
    bias: Values
    outer: Values

    def __call__(self, x: Marks) -> Values:
        """Return what it adds (H,) for inputs (H, I)."""
        return np.tanh((x - self.mean) / self.spread @ self.inner + self.bias) @ self.outer


@dataclass(frozen=True, eq=False)
class Judge:
    """Weights of the reasons, (2, R): for hinges and for slides; and perhaps a network."""

    plain: Values
    network: Network | None = None

    def __call__(
        self, marks: Marks, hinge: NDArray[np.bool_], about: Marks, without: Collection[str] = ()
    ) -> Values:
        """Return the scores (H,) of motions by their `marks` (H, R) and circumstances (C,).

        Reasons and circumstances named in `without` count nothing: they are as they are on
        average, whatever they are.
        """
        plain = self.plain.copy()
        plain[:, [reasons.names.index(name) for name in without if name in reasons.names]] = 0.0
        weighed = (marks * plain[1 - hinge.astype(int)]).sum(axis=1)
        if self.network is None:
            return weighed
        x = together(marks, hinge, about)
        left_out = [inputs.index(name) for name in without]
        x[:, left_out] = self.network.mean[left_out]
        return weighed + self.network(x)


def together(marks: Marks, hinge: NDArray[np.bool_], about: Marks) -> Values:
    """Return the network's inputs (H, I)."""
    same = np.tile(about, (len(marks), 1))
    return np.concatenate([marks, hinge[:, None], same], axis=1, dtype=np.float64)


def score(look: Look, judge: Judge, without: Collection[str] = ()) -> Values:
    """Return the scores (H,) of a look's motions."""
    return judge(reasons.marks(look), look.motions.hinge, circumstances.of(look), without)
