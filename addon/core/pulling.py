"""Where a pulled point goes: what the mouse points at, what holds it, what is typed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .lengths import Typed

Floats = NDArray[np.float64]
steepest = 0.02  # sine of the angle between ray and line (or plane) below which neither helps
axes = ("X", "Y", "Z")
smallest = 1e-6  # length that counts as one, as a share of how far out the point is


class Ray(NamedTuple):
    """What the mouse points along: `origin` (3,) at the viewer, `direction` (3,) of length 1."""

    origin: Floats
    direction: Floats


class Constraint(NamedTuple):
    """What holds the point to a line: "N" the surface normal, an axis of the world or its own."""

    key: str = ""
    local: bool = False

    def pressed(self, key: str) -> Constraint:
        """Return what holds after a press of N, X, Y or Z: the world's, the object's, nothing."""
        if key != self.key:
            return Constraint(key)
        return Constraint(key, True) if key in axes and not self.local else Constraint()

    @property
    def words(self) -> str:
        """Say what the point is held to; empty when it is free."""
        if self.key in axes:
            return f"along {'local' if self.local else 'global'} {self.key}"
        return "along the surface normal" if self.key else ""


free = Constraint()


def on_plane(ray: Ray, through: ArrayLike, normal: ArrayLike) -> Floats | None:
    """Return where the ray meets a plane; None behind the viewer or (nearly) along the plane."""
    normal = np.asarray(normal, np.float64)
    slope = float(ray.direction @ normal)
    if abs(slope) < steepest:
        return None
    distance = float((np.asarray(through, np.float64) - ray.origin) @ normal) / slope
    return ray.origin + distance * ray.direction if distance > 0.0 else None


def on_line(ray: Ray, through: ArrayLike, direction: ArrayLike) -> Floats | None:
    """Return the point of a line nearest to the ray.

    None where the line points at the viewer, so that the mouse says nothing, or when the nearest
    is behind the viewer. `direction` has length 1.
    """
    through, direction = np.asarray(through, np.float64), np.asarray(direction, np.float64)
    across = np.cross(ray.direction, direction)
    square = float(across @ across)
    if square < steepest**2:
        return None
    offset = through - ray.origin
    if float(np.cross(offset, direction) @ across) < 0.0:
        return None
    return through + direction * (float(np.cross(offset, ray.direction) @ across) / square)


def nearest(places: ArrayLike, mouse: ArrayLike, reach: float) -> int | None:
    """Return which of (N, 2) pixels is nearest to the mouse; None if all are beyond `reach`.

    Pixels that are not finite (behind the viewer) count as far.
    """
    places = np.asarray(places, np.float64).reshape(-1, 2)
    if not len(places):
        return None
    gaps = np.linalg.norm(places - np.asarray(mouse, np.float64), axis=1)
    gaps = np.where(np.isfinite(gaps), gaps, np.inf)
    best = int(np.argmin(gaps))
    return best if gaps[best] <= reach else None


def towards_viewer(normal: ArrayLike, ray: Ray) -> Floats:
    """Return the normal of the side of a face that the viewer sees."""
    normal = np.asarray(normal, np.float64)
    return -normal if float(normal @ ray.direction) > 0.0 else normal


@dataclass
class Pull:
    """A point on its way.

    `anchor` is where lengths count from and what constraints run through, `place` where the
    point is now. A free point stays in the plane through `level` that is parallel to the view;
    without a level it goes only to what it snaps to. `local` are the object's axes as rows.
    """

    anchor: Floats
    place: Floats
    normal: Floats
    local: Floats = field(default_factory=lambda: np.eye(3))
    level: Floats | None = None
    constraint: Constraint = free
    typed: Typed = field(default_factory=Typed)

    def __post_init__(self) -> None:
        self._aimed = self.place

    @property
    def line(self) -> Floats | None:
        """The direction that the point is held to, of length 1; None while it is free."""
        key = self.constraint.key
        if key in axes:
            frame = self.local if self.constraint.local else np.eye(3)
            return frame[axes.index(key)]
        return self.normal if key else None

    @property
    def length(self) -> float:
        """How far the point is from the anchor."""
        return float(np.linalg.norm(self.place - self.anchor))

    @property
    def nowhere(self) -> bool:
        """Whether the point is where the anchor is."""
        return is_nothing(self.anchor, self.place)

    def hold(self, key: str) -> None:
        """Have another constraint hold the point: a press of N, X, Y or Z."""
        self.constraint = self.constraint.pressed(key)

    def follow(
        self, ray: Ray, forward: ArrayLike, snap: ArrayLike | None = None, step: float = 0.0
    ) -> bool:
        """Go where the mouse points; return False, and stay, where it says nothing.

        `forward` is where the view looks. `snap` is what a free point goes to. Lengths that
        nothing else decides are rounded to `step`, if that is not 0.
        """
        line = self.line
        if line is not None:
            found = on_line(ray, self.anchor, line)
        elif snap is not None:
            found, step = np.asarray(snap, np.float64), 0.0
        else:
            found = None if self.level is None else on_plane(ray, self.level, forward)
        if found is not None:
            self._aimed = self._rounded(found, step)
        self.settle()
        return found is not None

    def settle(self, typed: float | None = None) -> None:
        """Put the point where it was aimed, or as far that way as `typed` says."""
        if typed is None:
            self.place = self._aimed
        else:
            self.place = self.anchor + typed * self._direction()

    def _direction(self) -> Floats:
        """Return the way from the anchor to the point; where it is there, what holds it."""
        offset = self._aimed - self.anchor
        line = self.line
        if line is not None:
            return -line if float(offset @ line) < 0.0 else line
        if is_nothing(self.anchor, self._aimed):
            return self.normal
        return offset / np.linalg.norm(offset)

    def _rounded(self, point: Floats, step: float) -> Floats:
        offset = point - self.anchor
        length = float(np.linalg.norm(offset))
        if not step or not length:
            return point
        return self.anchor + offset * (step * math.floor(length / step + 0.5) / length)


def is_nothing(start: ArrayLike, end: ArrayLike) -> bool:
    """Return whether two points are too near each other to say a direction."""
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    least = smallest * max(1e-3, float(np.abs(start).max()), float(np.abs(end).max()))
    return not float(np.linalg.norm(end - start)) > least
