"""How people tell the parts of one object apart, and in how many ways they ask for a motion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from protocol.joint import Joint

Place = tuple[float, float]

_sides = {1: [""], 2: ["left", "right"], 3: ["left", "middle", "right"]}
_heights = {1: [""], 2: ["bottom", "top"], 3: ["bottom", "middle", "top"]}
_ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]

_sliding, _swinging, _turning = ("prismatic",), ("revolute",), ("revolute", "continuous")
# Who says one of these might as well say another, of such joints that move the grip that way.
# "Open" stands for none of the others: what is raised or pulled out need not be open then.
_synonyms: list[tuple[tuple[str, ...], tuple[str, ...], str]] = [
    (
        _swinging,
        ("out", "left", "right"),
        "open the {}|swing open the {}|swing the {} open|pull open the {}|pull the {} open",
    ),
    (_swinging, ("up",), "open the {}|lift the {}|raise the {}|lift up the {}|flip the {} up"),
    (
        _swinging,
        ("down",),
        "open the {}|fold down the {}|fold the {} down|lower the {}|pull the {} down",
    ),
    (
        _sliding,
        ("out",),
        "open the {}|pull out the {}|slide out the {}|pull the {} out|slide the {} out",
    ),
    (
        _sliding,
        ("left", "right"),
        "slide open the {}|open the {}|slide the {} open|push open the {}",
    ),
    (_sliding, ("left", "right"), "slide the {}|push the {}|move the {}"),
    (_sliding, ("up",), "push up the {}|raise the {}|slide the {} up|push the {} up|lift the {}"),
    (_sliding, ("down",), "pull down the {}|lower the {}|slide the {} down|pull the {} down"),
    (_sliding, ("in",), "press the {}|push the {}|push the {} in|press the {} in"),
    (_sliding, ("in",), "push in the {}|slide in the {}|push the {} in|slide the {} in"),
    ((*_sliding, *_swinging), ("down",), "press the {}|press down the {}|push the {} down"),
    (_swinging, ("in", "left", "right", "up"), "close the {}|shut the {}|push the {} shut"),
    (_turning, (), "turn the {}|rotate the {}|turn the {} round"),
    (("continuous",), (), "spin the {}|give the {} a spin"),
    (("screw",), (), "unscrew the {}|twist off the {}|turn the {}|screw off the {}"),
]
_ways = {
    "out": (1, -1),
    "in": (1, 1),
    "left": (0, -1),
    "right": (0, 1),
    "up": (2, 1),
    "down": (2, -1),
}
_towards = {
    "out": ("outwards", "towards me"),
    "in": ("inwards",),
    "left": ("to the left",),
    "right": ("to the right",),
    "up": ("upwards",),
    "down": ("downwards",),
}
_tail = r"(?: (?:clockwise|counter-clockwise|outwards|inwards|forward|back|(?:to|towards) .*))?"
# With these a direction has been told.
_directed = re.compile(
    r"\b(in|out|up|down|lift|lower|raise|press|push|off|round|spin|shut|close)\b"
)


def varied(rng: np.random.Generator, prompt: str, joint: Joint, drag: NDArray[np.float64]) -> str:
    """Return `prompt`, or other words for the same wish: verb, place and, at times, direction.

    `joint` and `drag` (2, 3), in the object's frame with its front towards -y, tell what is true.
    """
    way = _way(drag)
    found = _parsed(prompt)
    if found is None:
        return prompt
    verb, noun, tail = found
    if not noun.endswith("tap"):  # which is opened by turning it
        verb = str(rng.choice(_equals(verb, joint, way)))
    if not tail and not _directed.search(verb) and rng.random() < 0.3:
        tail = _direction(rng, verb, joint, way)
    return verb.format(_placed(rng, noun)) + tail


def _way(drag: NDArray[np.float64]) -> str:
    """Where the drag mainly goes, or nothing where it goes askew."""
    step = (drag[1] - drag[0]) / np.linalg.norm(drag[1] - drag[0])
    for name, (axis, sign) in _ways.items():
        if sign * step[axis] > 0.7:
            return name
    return ""


def _parsed(prompt: str) -> tuple[str, str, str] | None:
    """The verb as a template, what it is about, and a direction told after that."""
    templates = {verb for _, _, verbs in _synonyms for verb in verbs.split("|")}
    for verb in sorted(templates, key=len, reverse=True):
        before, after = verb.split("{}")
        match = re.fullmatch(f"{before}(.+?){after}({_tail})", prompt)
        if match:
            return verb, match[1], match[2]
    return None


def _equals(verb: str, joint: Joint, way: str) -> list[str]:
    same = {
        other: None
        for types, ways, verbs in _synonyms
        if joint.type in types and (not ways or way in ways) and verb in verbs.split("|")
        for other in verbs.split("|")
        if other == verb or other != "open the {}"
    }
    return list(same) or [verb]


def _placed(rng: np.random.Generator, noun: str) -> str:
    """`top left door` as `upper left door` or `upper door on the left`."""
    if rng.random() < 0.5:
        noun = re.sub(r"^top (?=\w)", "upper ", re.sub(r"^bottom (?=\w)", "lower ", noun))
    side = re.search(r"\b(left|right) ", noun)
    draw = rng.random()
    if side is None or draw > 0.4:
        return noun
    if draw < 0.15:
        return noun.replace(side[0], f"{side[1]}-hand ", 1)
    return f"{noun.replace(side[0], '', 1)} on the {side[1]}"


def _direction(rng: np.random.Generator, verb: str, joint: Joint, way: str) -> str:
    if re.match("turn|rotate", verb):
        return _sense(joint)
    swung_aside = joint.type != "prismatic" and way in ("in", "left", "right")
    return f" {rng.choice(_towards[way])}" if way and not swung_aside else ""


def _sense(joint: Joint) -> str:
    """Clockwise or not, seen from the front or from above; nothing for other axes."""
    _, y, z = joint.axis
    if max(abs(y), abs(z)) < 0.99:
        return ""
    return " clockwise" if (y if abs(y) > 0.5 else -z) > 0 else " counter-clockwise"


def place_words(places: Sequence[Place]) -> list[str]:
    """Return a word for each (x, z) seen from the front that tells it from the others.

    `left`, `top right`, `second`, and nothing where there is only one.
    """
    columns = _ranks([x for x, _ in places])
    words = [""] * len(places)
    for column in sorted(set(columns)):
        members = [i for i, c in enumerate(columns) if c == column]
        side = _named(column, max(columns) + 1, _sides)
        rows = _ranks([places[i][1] for i in members])
        for member, row in zip(members, rows, strict=True):
            words[member] = f"{_row_word(row, max(rows) + 1)} {side}".strip()
    return words


def _row_word(row: int, count: int) -> str:
    """Rows are counted from the floor; people count more than three from the top."""
    return _named(row, count, _heights) if count <= 3 else _ordinals[count - 1 - row]


def _named(rank: int, count: int, words: dict[int, list[str]]) -> str:
    return words[count][rank] if count in words else _ordinals[rank]


def _ranks(values: Sequence[float]) -> list[int]:
    """Rank of each value, equal where they differ by less than 1 cm."""
    order = np.argsort(values, kind="stable")
    ranks = [0] * len(values)
    rank = 0
    for previous, current in pairwise(order):
        rank += int(values[current] - values[previous] > 0.01)
        ranks[current] = rank
    return ranks
