"""A small cabinet to try things on: boards as boxes, in metres, standing on the ground."""

from __future__ import annotations

from typing import NamedTuple

Triple = tuple[float, float, float]


class Board(NamedTuple):
    """A box by its size and its middle."""

    size: Triple
    centre: Triple


width, depth, height, thick = 0.9, 0.45, 1.1, 0.025
front = -depth / 2.0
knob = 0.03


def cabinet() -> dict[str, list[Board]]:
    """Return the boards of each object; the first is the body, the others stand in it."""
    return {
        "Sample Cabinet": _body(),
        "Upper Drawer": _drawer(0.97),
        "Lower Drawer": _drawer(0.75),
        "Door": _door(),
    }


def _body() -> list[Board]:
    side = (thick, depth, height)
    shelf = (width - 2.0 * thick, depth - thick, thick)
    across = width / 2.0 - thick / 2.0
    shelves = [Board(shelf, (0.0, -thick / 2.0, z)) for z in (0.0625, 0.63, 0.86)]
    return [
        Board(side, (-across, 0.0, height / 2.0)),
        Board(side, (across, 0.0, height / 2.0)),
        Board((width + 0.02, depth + 0.02, thick), (0.0, 0.0, height + thick / 2.0)),
        Board((width - 2.0 * thick, thick, height), (0.0, depth / 2.0 - thick / 2.0, height / 2.0)),
        *shelves,
    ]


def _drawer(z: float) -> list[Board]:
    wide, tall, deep = width - 2.0 * thick - 0.012, 0.2, depth - 2.5 * thick
    bottom, middle = z - tall / 2.0 + 0.012, front + thick + deep / 2.0
    side = (0.012, deep, tall - 0.05)
    return [
        Board((wide, thick, tall), (0.0, front + thick / 2.0, z)),
        Board((wide - 0.03, deep, 0.012), (0.0, middle, bottom)),
        Board(side, (-wide / 2.0 + 0.02, middle, z - 0.013)),
        Board(side, (wide / 2.0 - 0.02, middle, z - 0.013)),
        Board((wide - 0.03, 0.012, tall - 0.05), (0.0, front + thick + deep - 0.006, z - 0.013)),
        Board((4.0 * knob, knob, 0.6 * knob), (0.0, front - knob / 2.0, z)),
    ]


def _door() -> list[Board]:
    wide, tall = width - 2.0 * thick - 0.012, 0.53
    z = 0.346
    return [
        Board((wide, thick, tall), (0.0, front + thick / 2.0, z)),
        Board((0.6 * knob, knob, 4.0 * knob), (wide / 2.0 - 0.06, front - knob / 2.0, z + 0.1)),
    ]
