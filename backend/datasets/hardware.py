"""Hinges as they are built: concealed, butts with knuckles, straps on pintles, pivot pins.

The axis of a butt or a strap runs a barrel's radius before the face it is screwed to, that
of pins through the part. Nothing here touches the other side at any angle up to a half turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from backend.datasets.shapes import Points, Shape, box, rod

kinds = ("concealed", "butts", "straps", "pins")
leaf = 0.0015  # thickness of sheet metal
play = 0.0004  # between knuckles, and between a pin's end and the part


@dataclass(frozen=True)
class HingeStyle:
    """What the hinges of one object look like, in metres; `count` of them share an axis."""

    kind: str
    radius: float
    length: float
    count: int

    @property
    def ahead(self) -> float:
        """How far before a face the axis must lie for the leaves to lie on that face."""
        return self.radius if self.kind in ("butts", "straps") else 0.0


@dataclass(frozen=True, eq=False)
class Hardware:
    """The shapes of some hinges, by the side they are fixed to."""

    part: list[Shape]
    body: list[Shape]


def hinge_style(rng: np.random.Generator, among: Sequence[str] = kinds) -> HingeStyle:
    """Return a random style; all hinges of an object share one."""
    return HingeStyle(
        kind=str(rng.choice(list(among))),
        radius=float(rng.uniform(0.004, 0.008)),
        length=float(rng.uniform(0.06, 0.1)),
        count=int(rng.integers(2, 4)),
    )


def hardware(
    style: HingeStyle,
    start: ArrayLike,
    end: ArrayLike,
    part_leaf: ArrayLike,
    body_leaf: ArrayLike,
    inwards: ArrayLike,
) -> Hardware:
    """Return the hinges on the axis from `start` to `end` (3,), the extent of the part.

    `part_leaf` and `body_leaf` (3,) reach from the axis over part and body and are as long as
    the metal there; `inwards` (3,) is the way from the axis to the face the leaves lie on,
    which pins do not need. All three are perpendicular to the axis.
    """
    start, end = (np.asarray(point, dtype=np.float64) for point in (start, end))
    span = float(np.linalg.norm(end - start))
    frame = _Frame(start, (end - start) / span, _unit(inwards))
    leaves = np.asarray(part_leaf, dtype=np.float64), np.asarray(body_leaf, dtype=np.float64)
    if style.kind == "pins":
        return _pins(style, frame, span, leaves[1])
    result = Hardware([], [])
    if style.kind == "concealed":
        return result
    one = _butt if style.kind == "butts" else _strap
    length = min(style.length, 0.8 * span / style.count)
    for share in np.linspace(0.12, 0.88, style.count):
        made = one(style.radius, length, frame, share * span, leaves)
        result.part.extend(made.part)
        result.body.extend(made.body)
    return result


@dataclass(frozen=True, eq=False)
class _Frame:
    """The axis from `start` along the unit vector `along`; the leaves lie `inwards` of it."""

    start: Points
    along: Points
    inwards: Points

    def barrel(self, low: float, high: float, radius: float) -> Shape:
        return rod(self.start + low * self.along, self.start + high * self.along, radius, 16)

    def plate(
        self, low: float, high: float, reach: Points, near: float, depth: tuple[float, float]
    ) -> Shape:
        """A plate along the axis from `low` to `high`, from `near` to the end of `reach`."""
        length = float(np.linalg.norm(reach))
        flat = box((low, near, depth[0]), (high, length, depth[1]))
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([self.along, reach / length, self.inwards], axis=1)
        matrix[:3, 3] = self.start
        return flat.transformed(matrix)


def _butt(
    radius: float, length: float, frame: _Frame, at: float, leaves: tuple[Points, Points]
) -> Hardware:
    """Three knuckles; the middle one is the part's. A leaf passes the other side's knuckles."""
    low, high, third = at - length / 2, at + length / 2, length / 6
    depth, past = (radius - leaf, radius), 1.3 * radius
    middle, outer = (
        (at - third + play, at + third - play),
        [(low, at - third), (at + third, high)],
    )
    part = [
        frame.barrel(*middle, radius),
        frame.plate(*middle, leaves[0], 0.0, depth),
        frame.plate(low, high, leaves[0], past, depth),
    ]
    body = [frame.barrel(*ends, radius) for ends in outer]
    body += [frame.plate(*ends, leaves[1], 0.0, depth) for ends in outer]
    return Hardware(part, [*body, frame.plate(low, high, leaves[1], past, depth)])


def _strap(
    radius: float, length: float, frame: _Frame, at: float, leaves: tuple[Points, Points]
) -> Hardware:
    """A long band on the part that ends in an eye, on a pintle with a plate on the body."""
    half = min(length / 4, 0.02)
    depth = (radius - 2 * leaf, radius)
    part = [
        frame.barrel(at - half, at + half, radius),
        frame.plate(at - half, at + half, leaves[0], 0.0, depth),
    ]
    below = (at - 2 * half, at - half - play)
    body = [
        frame.barrel(*below, 0.8 * radius),
        frame.plate(*below, leaves[1], 0.0, (-0.5 * radius, 0.5 * radius)),
        frame.plate(at - 3 * half, at + 3 * half, leaves[1], 1.3 * radius, depth),
    ]
    return Hardware(part, body)


def _pins(style: HingeStyle, frame: _Frame, span: float, reach: Points) -> Hardware:
    """A bracket beyond either end of the part, with a pin that ends just before it."""
    frame = replace(frame, inwards=_unit(np.cross(frame.along, reach)))
    body = []
    for end, out in ((0.0, -1), (span, 1)):
        tip, root = end + out * play, end + out * 0.002
        body.append(frame.barrel(min(tip, root), max(tip, root), style.radius))
        low, high = min(root, root + out * 2 * leaf), max(root, root + out * 2 * leaf)
        half = 1.5 * style.radius
        body.append(frame.plate(low, high, reach, -half, (-half, half)))
    return Hardware([], body)


def _unit(vector: ArrayLike) -> Points:
    vector = np.asarray(vector, dtype=np.float64)
    return vector / np.linalg.norm(vector)
