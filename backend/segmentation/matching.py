"""Which proposal the words mean: by the form its name calls for, then by its place among others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.vocabulary import Side
from backend.articulation.words import Meaning, Order
from backend.segmentation import ranking
from backend.segmentation.groups import Groups
from backend.segmentation.looks import Looks, away, right, up

Floats = NDArray[np.float64]

least_fit = 0.3  # below this no proposal fits
close_fit = 0.85  # of the best: fits as well


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
    return max(0.03, float(share))


def _balance(off: Floats, weight: Floats) -> float:
    """1 where as many likes are on one side as on the other."""
    sides = weight @ np.clip(off / 0.03, -1.0, 1.0)
    return 1.0 - abs(float(sides)) / max(weight.sum(), 1e-12) if len(off) else 1.0


def _similar(looks: Looks, k: int, others: NDArray[np.intp]) -> Floats:
    """How much the sizes of others (N,) are those of group k."""
    return _within(looks.bulk[others] / looks.bulk[k], 0.6, 1.7)


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
    apart = [k for k in close if ranking.overlap(groups, area, best)[k] < 0.3]
    if apart:
        return (f"{len(apart) + 1} parts fit the words about as well: say where the {called} is.",)
    return ()


def _within(value: Floats, low: float, high: float, soft: float = 0.5) -> Floats:
    """1 from `low` to `high`, falling off over a factor of about 1 + `soft` beyond."""
    ratio = np.log(np.maximum(value, 1e-6))
    below = np.maximum(np.log(max(low, 1e-6)) - ratio, 0.0)
    above = np.maximum(ratio - np.log(high), 0.0)
    return np.exp(-0.5 * ((below + above) / np.log1p(soft)) ** 2)


def _flat(looks: Looks, axis: int) -> Floats:
    """How much a group is a plate whose normal is that axis."""
    others = np.delete(looks.extent, axis, axis=1).min(axis=1)
    return _within(looks.extent[:, axis] / np.maximum(others, 1e-9), 0.0, 0.35)


def _plate(looks: Looks) -> Floats:
    small, medium = looks.own[:, :2].T
    return _within(small / np.maximum(medium, 1e-9), 0.0, 0.3)


def _bar(looks: Looks) -> Floats:
    medium, large = looks.own[:, 1:].T
    return _within(medium / np.maximum(large, 1e-9), 0.0, 0.4)


def _in_front(looks: Looks) -> Floats:
    """Nothing before it, and not far behind the foremost thing, which may be an open door."""
    free = 1.0 - np.clip(2.0 * looks.barred[:, 4], 0.0, 0.8)
    return free * _within(np.maximum(looks.nearest, 0.0) + 0.05, 0.0, 0.3, 1.0)


def _small(looks: Looks, most: float) -> Floats:
    return _within(looks.bulk, 0.0, most)


def _tall(looks: Looks) -> Floats:
    """Height over width, (G,)."""
    return looks.extent[:, up] / np.maximum(looks.extent[:, right], 1e-9)


def _front_share(looks: Looks) -> Floats:
    """How much of the object's front a group covers, (G,)."""
    return looks.share[:, right] * looks.share[:, up]


def _floor_share(looks: Looks) -> Floats:
    return looks.share[:, right] * looks.share[:, away]


def _faced(looks: Looks) -> Floats:
    return _within(looks.faced, 0.6, 1.0)


def _door(looks: Looks) -> Floats:
    shut = _flat(looks, away) * _faced(looks) * _within(_front_share(looks), 0.08, 0.95)
    ajar = 0.5 * _plate(looks) * _within(looks.bulk, 0.2, 0.95)
    return np.maximum(shut * _within(_tall(looks), 0.6, 20.0), ajar) * _in_front(looks)


def _drawer(looks: Looks) -> Floats:
    """A box under something and free to the front; or its front alone."""
    held = np.clip(looks.barred[:, 2] / 0.05, 0.3, 1.0)
    deep = _within(looks.share[:, away], 0.4, 1.0) * held * _within(_tall(looks), 0.12, 1.2)
    thin = 0.7 * _flat(looks, away) * _within(_tall(looks), 0.12, 0.85)
    form = np.maximum(deep, thin)
    shown = _faced(looks) * _in_front(looks)
    return form * shown * _within(_front_share(looks), 0.015, 0.5)


def _flap(looks: Looks) -> Floats:
    return _plate(looks) * _within(_tall(looks), 0.0, 1.2) * _within(looks.bulk, 0.1, 0.8)


def _lid(looks: Looks) -> Floats:
    top = looks.centre[:, up] + 0.5 * looks.extent[:, up]
    reaches = _within((0.5 * looks.whole[up] - top) / looks.whole[up] + 0.02, 0.0, 0.1, 1.0)
    return reaches * _within(_floor_share(looks), 0.4, 1.2) * _within(looks.share[:, up], 0.0, 0.45)


def _screen(looks: Looks) -> Floats:
    above = 0.5 + 0.5 * np.clip(looks.place[:, up] + 0.5, 0.0, 1.0)
    return _plate(looks) * _within(looks.bulk, 0.5, 0.95) * above


def _cap(looks: Looks) -> Floats:
    above = 0.3 + 0.7 * (looks.place[:, up] > 0.4)
    return (0.3 + 0.7 * looks.round_.max(axis=1)) * above * _within(looks.bulk, 0.02, 0.5)


def _knob(looks: Looks) -> Floats:
    spun = looks.round_.max(axis=1)
    return (0.15 + 0.85 * spun) * _within(looks.bulk, 0.01, 0.2) * _lump(looks) * _no_foot(looks)


def _no_foot(looks: Looks) -> Floats:
    """Round things that stand upright on the floor are feet."""
    stands = (looks.above_floor < 0.01) & (looks.round_.argmax(axis=1) == up)
    return np.where(stands, 0.2, 1.0)


def _lump(looks: Looks) -> Floats:
    small, large = np.sort(looks.extent, axis=1)[:, [0, 2]].T
    return _within(small / np.maximum(large, 1e-9), 0.3, 1.0)


def _button(looks: Looks) -> Floats:
    return _within(looks.bulk, 0.005, 0.15) * _within(
        np.sort(looks.extent, axis=1)[:, 1] / looks.extent.max(axis=1), 0.3, 1.0
    )


def _lever(looks: Looks) -> Floats:
    above = 0.5 + 0.5 * np.clip(looks.place[:, up] + 0.5, 0.0, 1.0)
    return (0.3 + 0.7 * _bar(looks)) * _within(looks.bulk, 0.02, 0.35) * above


def _arm(looks: Looks) -> Floats:
    return (0.3 + 0.7 * _bar(looks)) * _within(looks.bulk, 0.1, 0.9)


def _latch(looks: Looks) -> Floats:
    return (0.5 + 0.5 * _bar(looks)) * _within(looks.bulk, 0.01, 0.25)


def _footrest(looks: Looks) -> Floats:
    low = 0.2 + 0.8 * (looks.place[:, up] < 0.1)
    return low * _in_front(looks) * _within(looks.bulk, 0.1, 0.6)


def _all(looks: Looks) -> Floats:
    return _within(looks.bulk, 0.6, 1.0)


def _handle(looks: Looks) -> Floats:
    return np.maximum((0.3 + 0.7 * _bar(looks)) * _small(looks, 0.35), 0.8 * _bail(looks))


def _bail(looks: Looks) -> Floats:
    """An arch over the top: wide, thin, hardly any of it seen."""
    thin = _within(looks.faced, 0.0, 0.3)
    return _plate(looks) * (looks.place[:, up] > 0.2) * thin * _within(looks.bulk, 0.2, 1.0)


def _wheel(looks: Looks) -> Floats:
    spun = looks.round_.max(axis=1)
    axis = looks.round_.argmax(axis=1)
    width = looks.extent[np.arange(len(axis)), axis] / looks.extent.max(axis=1)
    return (
        (0.1 + 0.9 * spun)
        * _within(width, 0.03, 0.7)
        * _within(looks.bulk, 0.05, 0.7)
        * _no_foot(looks)
    )


def _window(looks: Looks) -> Floats:
    return _plate(looks) * _within(_front_share(looks), 0.15, 0.8)


def _seat(looks: Looks) -> Floats:
    above = 0.3 + 0.7 * (looks.place[:, up] > -0.3)
    return _within(_floor_share(looks), 0.4, 1.2) * above * (0.7 + 0.3 * _plate(looks))


def _backrest(looks: Looks) -> Floats:
    behind = 0.2 + 0.8 * (looks.place[:, away] > 0.1)
    above = 0.2 + 0.8 * (looks.place[:, up] > 0.1)
    return behind * above * _within(looks.share[:, right], 0.4, 1.1)


def _long(looks: Looks) -> Floats:
    return (0.2 + 0.8 * _bar(looks)) * _within(looks.bulk, 0.2, 1.0)


def _tray(looks: Looks) -> Floats:
    low = looks.extent[:, up] / np.maximum(looks.extent[:, :2].min(axis=1), 1e-9)
    stands = 0.3 + 0.7 * (looks.above_floor > 0.01)
    return _within(low, 0.0, 0.7) * _within(_floor_share(looks), 0.2, 1.0) * stands


def _pedal(looks: Looks) -> Floats:
    low = 0.1 + 0.9 * (looks.place[:, up] < -0.3)
    return low * _in_front(looks) * _small(looks, 0.35)


def _upper(looks: Looks) -> Floats:
    return (0.2 + 0.8 * (looks.place[:, up] > 0.0)) * _small(looks, 0.6)


def _ring(looks: Looks) -> Floats:
    """Rings and lenses look at the viewer, or up on a bottle."""
    spun = np.maximum(looks.round_[:, away], 0.6 * looks.round_.max(axis=1))
    return (0.1 + 0.9 * spun) * _within(looks.bulk, 0.03, 0.6)


# The form that each name of `vocabulary.nouns` calls for.
forms: dict[str, Callable[[Looks], Floats]] = {
    "door": _door, "flap": _flap, "drawer": _drawer, "tray": _tray, "lid": _lid, "cap": _cap,
    "screw": _knob, "knob": _knob, "wheel": _wheel, "lever": _lever, "button": _button,
    "switch": _button, "slider": _button, "pedal": _pedal, "handle": _handle, "bail": _bail,
    "latch": _latch, "bolt": _latch, "arm": _arm, "spout": _upper, "blade": _long, "temple": _long, "screen": _screen,
    "window": _window, "panel": _plate, "seat": _seat, "backrest": _backrest, "headrest": _upper, "footrest": _footrest,
    "armrest": _arm, "box": _all,
    "leg": _lever, "lens": _ring, "ring": _ring, "head": _upper, "rod": _lever,
}  # fmt: skip
