"""The forms that names of parts call for: how much each group looks like a door, a knob, ...

Each is a product of soft conditions on size, proportions, place and what is around, all of
them what a person would say of such a part. Sizes are shares of the object's diagonal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backend.segmentation.looks import Looks, away, right, up

Floats = NDArray[np.float64]


def within(value: Floats, low: float, high: float, soft: float = 0.5) -> Floats:
    """1 from `low` to `high`, falling off over a factor of about 1 + `soft` beyond."""
    ratio = np.log(np.maximum(value, 1e-6))
    below = np.maximum(np.log(max(low, 1e-6)) - ratio, 0.0)
    above = np.maximum(ratio - np.log(high), 0.0)
    return np.exp(-0.5 * ((below + above) / np.log1p(soft)) ** 2)


def _flat(looks: Looks, axis: int) -> Floats:
    """How much a group is a plate whose normal is that axis."""
    others = np.delete(looks.extent, axis, axis=1).min(axis=1)
    return within(looks.extent[:, axis] / np.maximum(others, 1e-9), 0.0, 0.35)


def _plate(looks: Looks) -> Floats:
    small, medium = looks.own[:, :2].T
    return within(small / np.maximum(medium, 1e-9), 0.0, 0.3)


def _bar(looks: Looks) -> Floats:
    medium, large = looks.own[:, 1:].T
    return within(medium / np.maximum(large, 1e-9), 0.0, 0.4)


def _in_front(looks: Looks) -> Floats:
    """Nothing before it, and not far behind the foremost thing, which may be an open door."""
    free = 1.0 - np.clip(2.0 * looks.barred[:, 4], 0.0, 0.8)
    return free * within(np.maximum(looks.nearest, 0.0) + 0.05, 0.0, 0.3, 1.0)


def _small(looks: Looks, most: float) -> Floats:
    return within(looks.bulk, 0.0, most)


def _tall(looks: Looks) -> Floats:
    """Height over width, (G,)."""
    return looks.extent[:, up] / np.maximum(looks.extent[:, right], 1e-9)


def _front_share(looks: Looks) -> Floats:
    """How much of the object's front a group covers, (G,)."""
    return looks.share[:, right] * looks.share[:, up]


def _floor_share(looks: Looks) -> Floats:
    return looks.share[:, right] * looks.share[:, away]


def _faced(looks: Looks) -> Floats:
    return within(looks.faced, 0.6, 1.0)


def _door(looks: Looks) -> Floats:
    shut = _flat(looks, away) * _faced(looks) * within(_front_share(looks), 0.08, 0.95)
    ajar = 0.5 * _plate(looks) * within(looks.bulk, 0.2, 0.95)
    return np.maximum(shut * within(_tall(looks), 0.6, 20.0), ajar) * _in_front(looks)


def _drawer(looks: Looks) -> Floats:
    """A box under something and free to the front; or its front alone."""
    held = np.clip(looks.barred[:, 2] / 0.03, 0.6, 1.0)
    deep = within(looks.share[:, away], 0.4, 1.0) * held * within(_tall(looks), 0.12, 1.2)
    thin = 0.7 * _flat(looks, away) * within(_tall(looks), 0.12, 0.85)
    form = np.maximum(deep, thin)
    shown = _faced(looks) * _in_front(looks)
    return form * shown * within(_front_share(looks), 0.015, 0.5)


def _flap(looks: Looks) -> Floats:
    return _plate(looks) * within(_tall(looks), 0.0, 1.2) * within(looks.bulk, 0.1, 0.8)


def _lid(looks: Looks) -> Floats:
    top = looks.centre[:, up] + 0.5 * looks.extent[:, up]
    reaches = within((0.5 * looks.whole[up] - top) / looks.whole[up] + 0.02, 0.0, 0.1, 1.0)
    return reaches * within(_floor_share(looks), 0.4, 1.2) * within(looks.share[:, up], 0.0, 0.45)


def _screen(looks: Looks) -> Floats:
    above = 0.5 + 0.5 * np.clip(looks.place[:, up] + 0.5, 0.0, 1.0)
    return _plate(looks) * within(looks.bulk, 0.5, 0.95) * above


def _cap(looks: Looks) -> Floats:
    above = 0.3 + 0.7 * (looks.place[:, up] > 0.4)
    return (0.3 + 0.7 * looks.round_.max(axis=1)) * above * within(looks.bulk, 0.02, 0.5)


def _knob(looks: Looks) -> Floats:
    spun = looks.round_.max(axis=1)
    return (0.15 + 0.85 * spun) * within(looks.bulk, 0.01, 0.2) * _lump(looks) * _no_foot(looks)


def _no_foot(looks: Looks) -> Floats:
    """Round things that stand upright on the floor are feet."""
    stands = (looks.above_floor < 0.01) & (looks.round_.argmax(axis=1) == up)
    return np.where(stands, 0.2, 1.0)


def _lump(looks: Looks) -> Floats:
    small, large = np.sort(looks.extent, axis=1)[:, [0, 2]].T
    return within(small / np.maximum(large, 1e-9), 0.3, 1.0)


def _button(looks: Looks) -> Floats:
    return within(looks.bulk, 0.01, 0.2) * within(
        np.sort(looks.extent, axis=1)[:, 1] / looks.extent.max(axis=1), 0.3, 1.0
    )


def _lever(looks: Looks) -> Floats:
    above = 0.5 + 0.5 * np.clip(looks.place[:, up] + 0.5, 0.0, 1.0)
    return (0.3 + 0.7 * _bar(looks)) * within(looks.bulk, 0.02, 0.35) * above


def _arm(looks: Looks) -> Floats:
    return (0.3 + 0.7 * _bar(looks)) * within(looks.bulk, 0.1, 0.9)


def _latch(looks: Looks) -> Floats:
    return (0.5 + 0.5 * _bar(looks)) * within(looks.bulk, 0.01, 0.25)


def _footrest(looks: Looks) -> Floats:
    low = 0.2 + 0.8 * (looks.place[:, up] < 0.1)
    return low * _in_front(looks) * within(looks.bulk, 0.1, 0.6)


def _all(looks: Looks) -> Floats:
    return within(looks.bulk, 0.6, 1.0)


def _handle(looks: Looks) -> Floats:
    return np.maximum((0.3 + 0.7 * _bar(looks)) * _small(looks, 0.35), 0.8 * _bail(looks))


def _bail(looks: Looks) -> Floats:
    """An arch over the top: wide, thin, hardly any of it seen."""
    thin = within(looks.faced, 0.0, 0.3)
    return _plate(looks) * (looks.place[:, up] > 0.2) * thin * within(looks.bulk, 0.2, 1.0)


def _wheel(looks: Looks) -> Floats:
    spun = looks.round_.max(axis=1)
    axis = looks.round_.argmax(axis=1)
    width = looks.extent[np.arange(len(axis)), axis] / looks.extent.max(axis=1)
    return (
        (0.1 + 0.9 * spun)
        * within(width, 0.03, 0.7)
        * within(looks.bulk, 0.05, 0.7)
        * _no_foot(looks)
    )


def _window(looks: Looks) -> Floats:
    return _plate(looks) * within(_front_share(looks), 0.15, 0.8)


def _seat(looks: Looks) -> Floats:
    above = 0.3 + 0.7 * (looks.place[:, up] > -0.3)
    return within(_floor_share(looks), 0.4, 1.2) * above * (0.7 + 0.3 * _plate(looks))


def _backrest(looks: Looks) -> Floats:
    behind = 0.2 + 0.8 * (looks.place[:, away] > 0.1)
    above = 0.2 + 0.8 * (looks.place[:, up] > 0.1)
    return behind * above * within(looks.share[:, right], 0.4, 1.1)


def _long(looks: Looks) -> Floats:
    return (0.2 + 0.8 * _bar(looks)) * within(looks.bulk, 0.2, 1.0)


def _tray(looks: Looks) -> Floats:
    low = looks.extent[:, up] / np.maximum(looks.extent[:, :2].min(axis=1), 1e-9)
    stands = 0.3 + 0.7 * (looks.above_floor > 0.01)
    return within(low, 0.0, 0.7) * within(_floor_share(looks), 0.2, 1.0) * stands


def _pedal(looks: Looks) -> Floats:
    low = 0.1 + 0.9 * (looks.place[:, up] < -0.3)
    return low * _in_front(looks) * _small(looks, 0.35)


def _upper(looks: Looks) -> Floats:
    return (0.2 + 0.8 * (looks.place[:, up] > 0.0)) * _small(looks, 0.6)


def _ring(looks: Looks) -> Floats:
    """Rings and lenses look at the viewer, or up on a bottle."""
    spun = np.maximum(looks.round_[:, away], 0.6 * looks.round_.max(axis=1))
    return (0.1 + 0.9 * spun) * within(looks.bulk, 0.03, 0.6)


# The form that each name of `vocabulary.nouns` calls for.
forms: dict[str, Callable[[Looks], Floats]] = {
    "door": _door, "flap": _flap, "drawer": _drawer, "tray": _tray, "lid": _lid, "cap": _cap,
    "screw": _knob, "knob": _knob, "wheel": _wheel, "lever": _lever, "arm": _arm,
    "button": _button, "switch": _button, "slider": _button, "pedal": _pedal,
    "handle": _handle, "bail": _bail, "latch": _latch, "bolt": _latch, "spout": _upper,
    "blade": _long, "temple": _long, "screen": _screen, "window": _window, "panel": _plate,
    "seat": _seat, "backrest": _backrest, "headrest": _upper, "footrest": _footrest,
    "armrest": _arm, "leg": _arm, "lens": _ring, "ring": _ring, "head": _upper, "rod": _lever,
    "box": _all, "trigger": _button, "chuck": _ring,
}  # fmt: skip
