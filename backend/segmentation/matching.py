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

least_fit = 0.25  # below this no proposal fits
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
    where = np.ones(len(groups))
    for side in sorted(meaning.sides):
        where = where * _beside(side, looks.place, likes)
    if meaning.order is not None:
        where = where * _in_row(meaning.order, looks.place, likes)
    fits = worth * where
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


def _beside(side: Side, place: Floats, likes: NDArray[np.intp]) -> Floats:
    """How far on that side each group (G,) is among its likes, in [0.02, 1]."""
    if side == "middle":
        middle = _spread(place[:, [right, up]], likes)
        off = np.linalg.norm(middle - 0.5, axis=1) * 2.0
        return np.clip(1.0 - off, 0.02, 1.0)
    axis, sign = _direction[side]
    along = _spread(sign * place[:, axis : axis + 1], likes)[:, 0]
    return np.clip(along, 0.02, 1.0)


def _spread(place: Floats, likes: NDArray[np.intp]) -> Floats:
    """Places (G, D) from 0 at the first of the likes to 1 at the last; 0.5 where all are level."""
    low, high = place[likes].min(axis=0), place[likes].max(axis=0)
    wide = high - low
    level = wide < 0.05
    return np.where(level, 0.5, np.clip((place - low) / np.where(level, 1.0, wide), 0.0, 1.0))


def _in_row(order: Order, place: Floats, likes: NDArray[np.intp]) -> Floats:
    """1 for the group (G,) of that number in the row of its likes, little for the others."""
    start = order.start
    if start not in _direction:
        wide = np.ptp(place[likes][:, [right, up]], axis=0)
        start = "upper" if wide[1] >= wide[0] else "left"
    axis, sign = _direction[start]
    steps = np.unique(np.round(-sign * place[likes, axis], 2))
    number = len(steps) if order.number < 0 else order.number
    if number > len(steps):
        return np.full(len(place), 0.3)
    far = np.abs(-sign * place[:, axis] - steps[number - 1])
    gap = np.diff(steps).min() if len(steps) > 1 else 1.0
    return np.clip(1.0 - far / (0.6 * gap), 0.02, 1.0)


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
    small, medium = np.sort(looks.extent, axis=1)[:, :2].T
    return _within(small / np.maximum(medium, 1e-9), 0.0, 0.3)


def _bar(looks: Looks) -> Floats:
    medium, large = np.sort(looks.extent, axis=1)[:, 1:].T
    return _within(medium / np.maximum(large, 1e-9), 0.0, 0.4)


def _in_front(looks: Looks) -> Floats:
    return _within(np.maximum(looks.nearest, 0.0) + 0.05, 0.0, 0.15, 1.0)


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
    deep = _within(looks.share[:, away], 0.4, 1.0)
    form = np.maximum(deep, 0.7 * _flat(looks, away)) * _within(_tall(looks), 0.12, 1.1)
    return form * _faced(looks) * _in_front(looks) * _within(_front_share(looks), 0.02, 0.5)


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
    stands = 0.2 + 0.8 * (looks.above_floor > 0.01)  # feet look much the same
    return (0.15 + 0.85 * spun) * _within(looks.bulk, 0.01, 0.2) * _lump(looks) * stands


def _lump(looks: Looks) -> Floats:
    small, large = np.sort(looks.extent, axis=1)[:, [0, 2]].T
    return _within(small / np.maximum(large, 1e-9), 0.3, 1.0)


def _button(looks: Looks) -> Floats:
    return _within(looks.bulk, 0.005, 0.15) * _within(
        np.sort(looks.extent, axis=1)[:, 1] / looks.extent.max(axis=1), 0.3, 1.0
    )


def _lever(looks: Looks) -> Floats:
    return (0.3 + 0.7 * _bar(looks)) * _within(looks.bulk, 0.03, 0.5)


def _handle(looks: Looks) -> Floats:
    return (0.3 + 0.7 * _bar(looks)) * _small(looks, 0.35)


def _wheel(looks: Looks) -> Floats:
    spun = looks.round_.max(axis=1)
    axis = looks.round_.argmax(axis=1)
    width = looks.extent[np.arange(len(axis)), axis] / looks.extent.max(axis=1)
    return (0.1 + 0.9 * spun) * _within(width, 0.03, 0.7) * _within(looks.bulk, 0.05, 0.7)


def _window(looks: Looks) -> Floats:
    return _plate(looks) * _within(_front_share(looks), 0.15, 0.8)


def _seat(looks: Looks) -> Floats:
    return _within(_floor_share(looks), 0.4, 1.2) * (0.3 + 0.7 * (looks.place[:, up] > -0.3))


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
    return (0.1 + 0.9 * looks.round_.max(axis=1)) * _within(looks.bulk, 0.03, 0.6)


# The form that each name of `vocabulary.nouns` calls for.
forms: dict[str, Callable[[Looks], Floats]] = {
    "door": _door, "flap": _flap, "drawer": _drawer, "tray": _tray, "lid": _lid, "cap": _cap,
    "screw": _knob, "knob": _knob, "wheel": _wheel, "lever": _lever, "button": _button,
    "switch": _button, "slider": _button, "pedal": _pedal, "handle": _handle, "bail": _upper,
    "latch": _button, "spout": _upper, "blade": _long, "temple": _long, "screen": _screen,
    "window": _window, "panel": _plate, "seat": _seat, "backrest": _backrest, "rest": _button,
    "leg": _lever, "lens": _ring, "ring": _ring, "head": _upper, "rod": _lever,
}  # fmt: skip
