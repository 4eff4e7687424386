"""Models that know the true joint: what motion analysis could do with a perfect imagination.

Poorer ones see through frosted glass: the part stops too early or too late in each view, its
picture is blurred, mixed with the rest pose, and noisy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from backend.articulation import learned, pulls
from backend.articulation.asking import Ask
from backend.articulation.problem import Progress
from backend.articulation.subject import Subject
from backend.articulation.viewing import Pictures, Views
from backend.datasets import Case
from backend.geometry.surface import Motions


@dataclass(frozen=True)
class Frost:
    """How poor an imagination is: `travel` is the range of the share of the way that is gone,
    `mix` the share of the rest pose in the picture, `blur` in shares of its width, `noise` of
    its colours' range.
    """

    travel: tuple[float, float] = (1.0, 1.0)
    mix: float = 0.0
    blur: float = 0.0
    noise: float = 0.0


oracles = {
    "oracle": Frost(),
    "oracle:blurred": Frost((0.85, 1.1), 0.15, 0.016, 0.016),
    "oracle:poor": Frost((0.6, 1.2), 0.4, 0.032, 0.032),
}


@dataclass(frozen=True, eq=False)
class Oracle:
    """A `Model` that knows a case's true joint, and moves it to where the drags lead it."""

    case: Case
    frost: Frost = Frost()
    size: int = 64
    revision: str = "true joint"

    def imagine(self, views: Views, *, seed: int, progress: Progress) -> Pictures:
        """Return the rest poses as the true joint changes them, (K, size, size, 3)."""
        rng = np.random.default_rng(seed)
        subject = views.subject
        motion = true_motion(self.case, subject)
        value = np.maximum(pulls.value(motion, subject.drags), 0.0)
        seen = []
        for k in range(len(views)):
            progress.stage("imagine", k, len(views))
            gone = value * rng.uniform(*self.frost.travel)
            (after,) = views.moved(k, motion, gone, progress)
            seen.append(self._frosted(after, views.before[k], rng))
        return np.stack(seen)

    def _frosted(self, after: Pictures, before: Pictures, rng: np.random.Generator) -> Pictures:
        frost, size = self.frost, len(after)
        mixed = (1.0 - frost.mix) * after + frost.mix * before
        soft = gaussian_filter(mixed, (frost.blur * size, frost.blur * size, 0.0))
        noisy = soft + 255.0 * frost.noise * rng.standard_normal(soft.shape)
        return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def ask_of(name: str, case: Case) -> Ask:
    """Return how the engine asks a model, or an oracle about a case in its place."""
    if name in oracles:
        return Ask("dragapart", lambda: Oracle(case, oracles[name]), always=True)
    return learned.asks((name,))[0]


def true_motion(case: Case, subject: Subject) -> Motions:
    """Return the true joint of a case in the subject's frame, one motion."""
    axis = subject.frame.local_direction(np.array(case.joint.axis))
    origin = subject.frame.local(np.array(case.joint.origin))
    return Motions(np.array([case.joint.type != "prismatic"]), axis[None], origin[None])
