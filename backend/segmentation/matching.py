"""Which proposal the words mean: by the form its name calls for, then by its place among others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.vocabulary import Side
from backend.articulation.words import Meaning, Order
from backend.segmentation import ranking
from backend.segmentation.forms import forms, within
from backend.segmentation.groups import Groups
from backend.segmentation.looks import Looks, away, right, up
from protocol.tasks import close_fit, least_fit

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Match:
    """How well each group is what the words mean, (G,) in [0, 1], and remarks for the user."""

    fits: Floats
    notes: tuple[str, ...]


def match(meaning: Meaning, looks: Looks, groups: Groups, area: Floats, chance: Floats) -> Match:
    """Hold groups, best first, against a prompt. `chance` (G,) is how part-like they are."""
    if not meaning.names_part:
        return Match(np.full(len(groups), 0.5), ())
    alike = likeness(meaning, looks)
    worth = alike * chance
    likes = _likes(groups, area, worth)
    fits = worth * _where(meaning, looks, likes, worth)
    return Match(fits, _notes(meaning, fits, groups, area))


def likeness(meaning: Meaning, looks: Looks) -> Floats:
    """Return how much each group (G,) looks like what the words name, in (0, 1]."""
    for noun in meaning.nouns:
        if noun in forms:
            return np.clip(forms[noun](looks), 1e-3, 1.0)
    return np.full(len(looks.extent), 0.7)


def _likes(groups: Groups, area: Floats, worth: Floats) -> NDArray[np.intp]:
    """The groups that could be meant, one of each that overlap: the others of a row."""
    taken: list[int] = []
    for k in np.argsort(-worth, kind="stable"):
        if worth[k] < 0.4 * worth.max() or len(taken) == 40:
            break
        common = groups[taken] @ (area * groups[k]) if taken else np.zeros(0)
        if not (common > 0.1 * (groups[k] @ area)).any():
            taken.append(int(k))
    return np.array(taken, dtype=np.intp)


_direction: dict[Side, tuple[int, float]] = {
    "left": (right, -1.0), "right": (right, 1.0), "front": (away, -1.0), "back": (away, 1.0),
    "lower": (up, -1.0), "upper": (up, 1.0),
}  # fmt: skip


def _where(meaning: Meaning, looks: Looks, likes: NDArray[np.intp], worth: Floats) -> Floats:
    """How well the place of each group (G,) among its likes is the one that is said."""
    found = np.ones(len(worth))
    for k in range(len(worth)):
        others = np.array([j for j in likes if not _coincide(looks, k, int(j))], dtype=np.intp)
        for side in meaning.sides:
            found[k] *= _beside(side, looks, k, others, worth)
        if meaning.order is not None:
            found[k] *= _in_row(meaning.order, looks, k, others)
    return found


def _coincide(looks: Looks, a: int, b: int) -> bool:
    """Whether two groups are at the same place, as variants of one part are."""
    apart = np.abs(looks.centre[a] - looks.centre[b])
    return bool((apart < 0.4 * np.minimum(looks.extent[a], looks.extent[b]) + 0.005).all())


def _beside(side: Side, looks: Looks, k: int, others: NDArray[np.intp], worth: Floats) -> float:
    """How much of its likes group k has on its other side, in [0.03, 1]."""
    off = looks.centre[k] - looks.centre[others]
    weight = worth[others] * _similar(looks, k, others)
    if side == "middle":
        return max(0.03, min(_balance(off[:, axis], weight) for axis in (right, up)))
    axis, sign = _direction[side]
    beyond = np.clip(sign * off[:, axis] / 0.03, -1.0, 1.0)
    alone = 0.3 * worth[k]  # one without likes is on the side of the object that it is on
    own = np.clip(0.5 + 0.5 * sign * looks.place[k, axis], 0.0, 1.0)
    share = (weight @ (0.5 + 0.5 * beyond) + alone * own) / max(weight.sum() + alone, 1e-12)
    return max(0.03, float(share) ** 2)


def _balance(off: Floats, weight: Floats) -> float:
    """1 where as many likes are on one side as on the other."""
    sides = weight @ np.clip(off / 0.03, -1.0, 1.0)
    return 1.0 - abs(float(sides)) / max(weight.sum(), 1e-12) if len(off) else 1.0


def _similar(looks: Looks, k: int, others: NDArray[np.intp]) -> Floats:
    """How much the sizes of others (N,) are those of group k."""
    return within(looks.bulk[others] / looks.bulk[k], 0.6, 1.7)


def _in_row(order: Order, looks: Looks, k: int, others: NDArray[np.intp]) -> float:
    """1 if group k has that number in its row of likes, little otherwise."""
    alike = others[_similar(looks, k, others) > 0.5]
    rows = {axis: _row(looks, k, alike, axis) for axis in (right, up)}
    if order.start in _direction:
        axis, sign = _direction[order.start]
        row = rows.get(axis, _row(looks, k, alike, axis))
    else:  # people count down columns, and rows from the left
        axis, sign = (up, 1.0) if len(rows[up]) >= len(rows[right]) else (right, -1.0)
        row = rows[axis]
    before = int((sign * row > sign * looks.centre[k, axis]).sum())
    number = len(row) + 1 if order.number < 0 else order.number
    return 1.0 if before + 1 == number else 0.05


def _row(looks: Looks, k: int, others: NDArray[np.intp], axis: int) -> Floats:
    """Where along the axis the others are that lie level with group k, one a place."""
    across = right if axis == up else up
    off = np.abs(looks.centre[others, across] - looks.centre[k, across])
    level = others[off < 0.5 * looks.extent[k, across]]
    return np.unique(np.round(looks.centre[level, axis], 2))


def _notes(meaning: Meaning, fits: Floats, groups: Groups, area: Floats) -> tuple[str, ...]:
    called = meaning.nouns[0] if meaning.nouns else "part"
    best = int(fits.argmax())
    if fits[best] < least_fit:
        return (f"Nothing looks much like the {called} that the words mean: pick the part.",)
    close = np.flatnonzero(fits > close_fit * fits[best])
    common = ranking.overlap(groups * area, best)
    apart = [k for k in close if common[k] < 0.3]
    if apart:
        return (f"{len(apart) + 1} parts fit the words about as well: say where the {called} is.",)
    return ()
