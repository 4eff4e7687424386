"""How an object moves for a pair of pictures: its state before, and after.

DragAPart, section 4 and A.3: state A puts each part at a random share of its range; an
animation of 36 frames carries either one part to a new state or all parts together, and two
of its frames are a pair. What the paper leaves open is chosen here: half of the states A are
all closed, as users' objects are; one part moves in two of three animations; most ways go to
the farther end of the range; half of the pairs begin with state A.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.datasets.object import ArticulatedObject
from protocol.joint import motion

frames = 36
closed_share, closed_part_share = 0.5, 0.4  # of states, of parts in the other states
one_share, far_share, first_share = 0.65, 0.7, 0.5
least_travel = 0.05  # of the object's diagonal, of a part that is ever moved


@dataclass(frozen=True, eq=False)
class Pair:
    """Joint values of links, by name, before and after; `movers` are indices of links."""

    before: dict[str, float]
    after: dict[str, float]
    movers: tuple[int, ...]

    def only(self, item: ArticulatedObject, movers: Sequence[int]) -> Pair:
        """The pair in which only those move."""
        names = {item.links[i].name for i in movers}
        after = {k: v if k in names else self.before[k] for k, v in self.after.items()}
        return Pair(self.before, after, tuple(movers))


def movable(item: ArticulatedObject) -> tuple[int, ...]:
    """The links that travel far enough to be seen to."""
    whole = np.concatenate([link.vertices for link in item.links])
    least = least_travel * float(np.linalg.norm(np.ptp(whole, axis=0)))
    return tuple(i for i, link in enumerate(item.links) if link.joint and _travel(item, i) >= least)


def draw(rng: np.random.Generator, item: ArticulatedObject, movers: Sequence[int]) -> Pair:
    """A random pair of an animation in which some of the links `movers` take part."""
    start = _state(rng, item)
    chosen = (int(rng.choice(movers)),) if rng.random() < one_share else tuple(movers)
    ends = {item.links[i].name: _target(rng, item, i, start) for i in chosen}
    first = 0 if rng.random() < first_share else int(rng.integers(frames))
    second = int(rng.choice([t for t in range(frames) if t != first]))
    before, after = ({**start, **_between(start, ends, t)} for t in (first, second))
    return Pair(before, after, chosen)


def _between(start: dict[str, float], ends: dict[str, float], frame: int) -> dict[str, float]:
    share = frame / (frames - 1)
    return {name: start[name] + share * (end - start[name]) for name, end in ends.items()}


def _state(rng: np.random.Generator, item: ArticulatedObject) -> dict[str, float]:
    """State A; 0 is closed, or how the object is kept."""
    closed = rng.random() < closed_share
    values = {}
    for link in item.links:
        if link.joint is None:
            continue
        stays = closed or rng.random() < closed_part_share
        values[link.name] = 0.0 if stays else rng.uniform(link.joint.lower, link.joint.upper)
    return values


def _target(
    rng: np.random.Generator, item: ArticulatedObject, index: int, start: dict[str, float]
) -> float:
    joint, name = item.links[index].joint, item.links[index].name
    if joint is None:
        raise ValueError(f"{name} does not move")
    if rng.random() < far_share:
        middle = (joint.lower + joint.upper) / 2
        return joint.upper if start[name] <= middle else joint.lower
    return rng.uniform(joint.lower, joint.upper)


def _travel(item: ArticulatedObject, index: int) -> float:
    """How far any of its points gets from where it is at rest."""
    link = item.links[index]
    if link.joint is None or not len(link.vertices):
        return 0.0
    values = np.linspace(link.joint.lower, link.joint.upper, 5)
    ways = [_moved(motion(link.joint, value), link.vertices) - link.vertices for value in values]
    return float(np.linalg.norm(ways, axis=-1).max())


def _moved(pose: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ pose[:3, :3].T + pose[:3, 3]
