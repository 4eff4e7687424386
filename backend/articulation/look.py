"""Motions of a scene with what was measured of them: what every reason looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.articulation import pulls
from backend.articulation.findings import Findings, velocities
from backend.articulation.kinematics import arms, move
from backend.articulation.scene import Scene
from backend.geometry.surface import Motions

if TYPE_CHECKING:
    from backend.articulation.imagined import Imagined

Values = NDArray[np.float64]

near_body = 200  # contacts that stand for all of them
few_points = 64  # samples that stand for the part where a rough share will do


@dataclass(frozen=True, eq=False)
class Look:
    """H motions of a scene with what was measured of them, and what models imagined."""

    scene: Scene
    found: Findings
    imagined: tuple[Imagined, ...] = ()

    @property
    def motions(self) -> Motions:
        return self.found.motions

    @property
    def pulled(self) -> bool:
        return len(self.scene.subject.drags) > 0

    def take(self, chosen: NDArray[np.intp]) -> Look:
        """Return the look at some of the motions."""
        imagined = tuple(one.take(chosen) for one in self.imagined)
        return Look(self.scene, self.found.take(chosen), imagined)

    @cached_property
    def value(self) -> Values:
        """The value (H,) at which the motion is judged: where it is pulled to, or a trial."""
        if not self.pulled:
            return self.found.trial
        value = np.maximum(pulls.value(self.motions, self.scene.subject.drags), 0.0)
        return np.clip(value, 0.3 * self.found.trial, self.found.reach)

    @cached_property
    def speeds(self) -> tuple[Values, Values]:
        """Unit velocities (H, N, 3) of the part's samples, and their speeds (H, N)."""
        way = velocities(self.motions, self.scene.points)
        speed = np.linalg.norm(way, axis=2)
        return way / np.maximum(speed, 1e-9)[:, :, None], speed

    @cached_property
    def arms(self) -> Values:
        """The distance (H, N) of each of the part's samples from each axis line."""
        return arms(self.motions, self.scene.points)

    @cached_property
    def contact_arms(self) -> Values:
        """The same (H, C) of some places where the part touches the body."""
        subject = self.scene.subject
        return arms(self.motions, subject.nearest[subject.contact][:300])

    @cached_property
    def centre_way(self) -> Values:
        """The unit velocity (H, 3) of the part's middle."""
        return unit(velocities(self.motions, self.scene.centre[None])[:, 0])

    @cached_property
    def side(self) -> tuple[Values, Values]:
        """The way (H, 3) from the part's middle to the hinge, and how far out that is (H,):
        0 at the middle, 1 at the part's own edge on that side."""
        arm = self.motions.origin - self.scene.centre
        arm = arm - (arm * self.motions.axis).sum(axis=1, keepdims=True) * self.motions.axis
        way = unit(arm)
        extent = ((self.scene.points - self.scene.centre) @ way.T).max(axis=0)
        return way, np.linalg.norm(arm, axis=1) / np.maximum(extent, 1e-3)

    @cached_property
    def held(self) -> Values:
        """Where the part is pulled or would be taken hold of, (K, 3)."""
        subject = self.scene.subject
        return subject.drags[:, 0] if self.pulled else subject.grip

    @cached_property
    def contacts(self) -> tuple[Values, Values]:
        """Points and normals (C, 3) of the body where the part touches it."""
        subject = self.scene.subject
        chosen = np.flatnonzero(subject.contact)[:near_body]
        return subject.nearest[chosen], subject.facing[chosen]

    @cached_property
    def moved(self) -> Values:
        """Where (H, M, 3) some of the part's samples are at the trial value."""
        return move(self.motions, self.found.trial, self.scene.points[:few_points])


Reason = Callable[[Look], Values]


def unit(vectors: Values) -> Values:
    """Return vectors (..., 3) at length 1; zero stays zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
