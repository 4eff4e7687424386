"""What a person would see of the part before trying a joint: grip, plate, open sides, words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.articulation import words
from backend.articulation.subject import Subject, sticking_out
from backend.articulation.words import Meaning

Values = NDArray[np.float64]

looks = 256  # samples of the part that look around for the body
askew_angle = np.radians(4.0)  # between directions that are not parallel
cells = 10  # by 10 of them, over a plate's face
broad = 0.5  # share of the cells from which the plate itself is seen
proud = 0.015  # of the face's diagonal: what stands out of it
fewest, most = 4, 0.35  # samples of it, and the share of all that it may be
standing_angle = np.radians(
    5.0
)  # an object stands where one of its main directions is this upright


@dataclass(frozen=True, eq=False)
class Scene:
    """A subject and what is seen of it, in the object's frame; everything is computed once."""

    subject: Subject

    @cached_property
    def points(self) -> Values:
        """Samples (N, 3) of the part."""
        return self.subject.part.samples.points[:looks]

    @cached_property
    def centre(self) -> Values:
        """The middle (3,) of the part's surface."""
        return self.subject.part.samples.points.mean(axis=0)

    @cached_property
    def ways(self) -> Values:
        """The six ways (6, 3) along the body's box, each followed by its opposite."""
        axes = self.subject.body.box.axes
        return np.stack([axes, -axes], axis=1).reshape(6, 3)

    @cached_property
    def openness(self) -> Values:
        """Whether each sample (N, 6) sees past the body along each way: 1 or 0."""
        start = self.subject.tolerance
        seen = []
        for way in self.ways:
            distance, _ = self.subject.body.surface.cast(self.points + start * way, way)
            seen.append(~np.isfinite(distance))
        return np.stack(seen, axis=1).astype(float)

    @cached_property
    def outwards(self) -> Values:
        """Where most of the part looks into the open, (3,); short where it does so all round."""
        return self.openness.mean(axis=0) @ self.ways

    @cached_property
    def enclosed(self) -> float:
        """The share of looks that meet the body: near 1 deep in a pocket, 0 in the open."""
        return float(1.0 - self.openness.mean())

    @cached_property
    def plate(self) -> tuple[float, Values]:
        """How much of a plate the part's bulk is, in [0, 1], and the plate's normal (3,)."""
        core = self.subject.core
        half = np.sort(core.half)
        return float(1.0 - half[0] / max(half[1], 1e-12)), core.axes[int(np.argmin(core.half))]

    @cached_property
    def grip_way(self) -> Values:
        """The way (3,) in which the grip sticks out of the part's bulk; zero without a grip."""
        subject = self.subject
        if not len(subject.grip):
            return np.zeros(3)
        core = subject.core
        local = core.local(subject.grip)[0]
        out = np.maximum(np.abs(local) - core.half, 0.0) * np.sign(local)
        length = np.linalg.norm(out)
        return (out / length) @ core.axes if length > 0 else np.zeros(3)

    @cached_property
    def grip_bar(self) -> Values:
        """The grip's long way (3,), as long as it is a bar: up to 1; zero without a grip."""
        points = sticking_out(self.subject.part.samples, self.subject.core)
        if len(points) < 5:
            return np.zeros(3)
        spread, ways = np.linalg.eigh(np.cov(points.T))
        long = 1.0 - np.sqrt(max(spread[1], 0.0) / max(spread[2], 1e-12))
        return ways[:, 2] * float(long)

    @cached_property
    def handle(self) -> tuple[Values, Values]:
        """Points (K, 3) of what stands out of the face of a plate, and the way (3,) it does so.

        Seen along the plate's normal from outside, it covers little until the plate begins.
        """
        flat, normal = self.plate
        sides = [_standing_out(self.subject.part.samples.points, way) for way in (normal, -normal)]
        seen = [
            (len(points), way @ self.outwards, points, way)
            for points, way in zip(sides, (normal, -normal), strict=True)
            if len(points)
        ]
        if flat < 0.5 or not seen:
            return np.zeros((0, 3)), np.zeros(3)
        _, _, points, way = max(seen, key=lambda side: side[1])
        return points, way

    @cached_property
    def askew(self) -> float:
        """1 where no two of the main directions across part and body are parallel, else 0."""
        part, body = self.subject.part.box.axes, self.subject.body.box.axes
        parallel = np.abs(part @ body.T).max(axis=1) > np.cos(askew_angle)
        return float(parallel.sum() == 1)

    @cached_property
    def standing(self) -> bool:
        """Whether `up` can be believed: a main direction of the object is upright."""
        box = self.subject.body.box.axes
        return bool(np.abs(box @ self.subject.up).max() > np.cos(standing_angle))

    @cached_property
    def front(self) -> Values:
        """The way (3,) towards a person before the object: world -y, or +z where y is up."""
        subject = self.subject
        world_up = subject.frame.world_direction(subject.up)
        front = np.array([0.0, -1.0, 0.0] if abs(world_up[1]) < 0.5 else [0.0, 0.0, 1.0])
        return subject.frame.local_direction(front)

    @cached_property
    def sides(self) -> dict[str, Values]:
        """The named ways of a person before the object, (3,) each."""
        up, front = self.subject.up, self.front
        right = np.cross(up, front)
        out = self.outwards / max(float(np.linalg.norm(self.outwards)), 1.0)
        return {
            "up": up, "down": -up, "upper": up, "lower": -up, "right": right, "left": -right,
            "forward": front, "front": front, "back": -front, "out": out, "in": -out,
        }  # fmt: skip

    @cached_property
    def meaning(self) -> Meaning:
        """What the prompt says."""
        return words.parse(self.subject.prompt)


def _standing_out(points: Values, way: Values) -> Values:
    """The points (K, 3) ahead of where a shape begins to be broad, seen against `way`."""
    height = points @ way
    across = points - height[:, None] * way
    _, _, axes = np.linalg.svd(across - across.mean(axis=0), full_matrices=False)
    flat = (across - across.mean(axis=0)) @ axes[:2].T
    low, high = flat.min(axis=0), flat.max(axis=0)
    cell = np.minimum((flat - low) / np.maximum(high - low, 1e-9) * cells, cells - 1).astype(int)
    place = cell[:, 0] * cells + cell[:, 1]
    order = np.argsort(-height, kind="stable")
    first = np.unique(place[order], return_index=True)[1]
    covered = np.cumsum(np.bincount(first, minlength=len(points)) > 0)
    begins = int((covered >= broad * covered[-1]).argmax())
    face = height[order[begins]]
    out = points[height > face + proud * float(np.linalg.norm(high - low))]
    return out if fewest <= len(out) <= most * len(points) else np.zeros((0, 3))
