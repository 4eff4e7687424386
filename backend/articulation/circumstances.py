"""What a case is like, whatever moves it: by this, reasons count for more or for less.

A door that is shut all round says something else by a slip than a knob in the open does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from backend.articulation.hypotheses import clusters
from backend.articulation.look import Look
from backend.articulation.vocabulary import Called

Circumstance = Callable[[Look], float]


def flatness(look: Look) -> float:
    """How thin the part's bulk is: thinnest over middle side."""
    half = np.sort(look.scene.subject.core.half)
    return float(half[0] / max(half[1], 1e-9))


def slenderness(look: Look) -> float:
    """How long the part's bulk is: middle over longest side."""
    half = np.sort(look.scene.subject.core.half)
    return float(half[1] / max(half[2], 1e-9))


def body_flatness(look: Look) -> float:
    """How thin the body is: thinnest over middle side."""
    half = np.sort(look.scene.subject.body.box.half)
    return float(half[0] / max(half[1], 1e-9))


def body_slenderness(look: Look) -> float:
    """How long the body is: middle over longest side."""
    half = np.sort(look.scene.subject.body.box.half)
    return float(half[1] / max(half[2], 1e-9))


def size(look: Look) -> float:
    """How small the part is for its object: log of the diagonals."""
    return -float(np.log(look.scene.subject.part.box.diagonal))


def touching(look: Look) -> float:
    """The share of the part that is close to the body."""
    return float((look.scene.subject.gap < 0.02).mean())


def apart(look: Look) -> float:
    """How far the part is from the body, in its own diagonals."""
    subject = look.scene.subject
    return float(min(subject.rest_gap / subject.part.box.diagonal, 0.5))


def places(look: Look) -> float:
    """At how many places part and body touch, from 1 to 4."""
    points, _ = look.contacts
    return float(np.clip(len(clusters(points, 0.06 * look.scene.subject.part.box.diagonal)), 1, 4))


def enclosed(look: Look) -> float:
    """How much of the body is around the part."""
    return look.scene.enclosed


def exposed(look: Look) -> float:
    """The share of the part that looks into the open on its most open side."""
    return float(look.scene.openness.mean(axis=0).max())


def roundness(look: Look) -> float:
    """How round the part is about its best axis: 1 is a body of revolution."""
    return float(np.exp(-((look.found.round.min() / 0.2) ** 2)))


def has_grip(look: Look) -> float:
    """Whether something sticks out of the part's bulk."""
    return float(len(look.scene.subject.grip) > 0)


def has_handle(look: Look) -> float:
    """Whether something stands out of the part's face."""
    return float(len(look.scene.handle[0]) > 0)


def askew(look: Look) -> float:
    """Whether the part stands askew to the body."""
    return look.scene.askew


def standing(look: Look) -> float:
    """Whether up can be believed."""
    return float(look.scene.standing)


def aside(look: Look) -> float:
    """How far out the part's middle is in the body's box, 1 at its side."""
    subject = look.scene.subject
    local = subject.body.box.local(look.scene.centre[None])[0]
    return float(np.minimum(np.abs(local) / np.maximum(subject.body.box.half, 1e-6), 1.5).max())


def pull_length(look: Look) -> float:
    """How long the pull is for the part: log of their lengths; 0 where nobody pulls."""
    subject = look.scene.subject
    if not look.pulled:
        return 0.0
    length = np.linalg.norm(subject.drags[:, 1] - subject.drags[:, 0], axis=1).max()
    return float(np.log(np.clip(length / subject.part.box.diagonal, 0.01, 10.0)))


def called(group: Called) -> Circumstance:
    """Whether the words call the part a thing of this group."""

    def circumstance(look: Look) -> float:
        return float(look.scene.meaning.called == group)

    circumstance.__doc__ = f"The words call it: {group}."
    return circumstance


circumstances: dict[str, Circumstance] = {
    "flatness": flatness,
    "slenderness": slenderness,
    "body flatness": body_flatness,
    "body slenderness": body_slenderness,
    "size": size,
    "touching": touching,
    "apart": apart,
    "places": places,
    "enclosure": enclosed,
    "exposed": exposed,
    "roundness": roundness,
    "has grip": has_grip,
    "has handle": has_handle,
    "is askew": askew,
    "standing": standing,
    "aside": aside,
    "pull length": pull_length,
    **{f"called {group}": called(group) for group in get_args(Called)},
}
names = tuple(circumstances)


def of(look: Look) -> NDArray[np.float64]:
    """Return all circumstances (C,) of a look's case."""
    return np.array([circumstance(look) for circumstance in circumstances.values()])
