"""How likely each group is a part that moves, and the best of them without repetitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.segmentation.groups import Groups
from backend.segmentation.traits import Traits

Floats = NDArray[np.float64]

same = 0.9  # of the area in common over that of both: groups that count as one
crowding = 2.0  # what overlap with better groups costs, in log odds

# A logistic regression on the training seeds: groups that are at least three quarters of a
# true part, against all others of the same object.
weights = {
    "one": 0.0,
    "size": -1.1,
    "size squared": -0.25,
    "bulk": -0.5,
    "held": -4.9,
    "clear": 0.9,
    "barred": -1.85,
    "hemmed": -3.7,
    "hanging": -2.0,
    "scattered": -1.2,
    "twins": -2.6,
    "repeated": -0.2,
    "fixing": 0.45,
    "free": 0.8,
    "largest": -0.55,
    "atoms": 0.35,
}


def terms(traits: Traits) -> dict[str, Floats]:
    """Return what the weights multiply, (G,) each."""
    size = np.log10(np.maximum(traits.size, 1e-5))
    return {
        "one": np.ones(len(size)),
        "size": size,
        "size squared": size**2,
        "bulk": np.log10(np.maximum(traits.bulk, 1e-3)),
        "held": np.sqrt(traits.held),
        "clear": np.sqrt(traits.clear),
        "barred": traits.barred,
        "hemmed": traits.hemmed,
        "hanging": np.minimum(traits.hanging, 1.0),
        "scattered": traits.scattered,
        "twins": traits.twins,
        "repeated": np.log1p(np.minimum(traits.repeated, 8.0)),
        "fixing": np.where(traits.held > 0.0, traits.fixing, 0.0),
        "free": (traits.held == 0.0).astype(float),
        "largest": traits.largest,
        "atoms": np.log10(traits.atoms),
    }


def part_odds(traits: Traits) -> Floats:
    """Return the log odds (G,) that each group is a part that moves."""
    return sum((weights[name] * term for name, term in terms(traits).items()), np.zeros(1))


def overlap(weighted: Floats, one: int) -> Floats:
    """Return the intersection of each group (G,) with one of them over their union, by area.

    `weighted` (G, A) is the area of each atom in each group.
    """
    both = weighted @ (weighted[one] > 0.0)
    own = weighted.sum(axis=1)
    return both / (own + own[one] - both)


def best(groups: Groups, area: Floats, odds: Floats, most: int) -> list[int]:
    """Return up to `most` groups, best first, near-duplicates merged into the better one.

    Each pick makes groups that overlap with it less likely, so that the first few are
    different parts and not variants of one.
    """
    left, picked = odds.copy(), []
    weighted = groups * area
    while len(picked) < min(most, len(groups)):
        one = int(left.argmax())
        if left[one] == -np.inf:
            break
        picked.append(one)
        common = overlap(weighted, one)
        left = np.where(common > same, -np.inf, left - crowding * common)
    return picked
