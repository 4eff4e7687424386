"""DragAPart's motion analysis (paper section 5, Eq. 2): which motion looks as a model imagines it.

Views of the subject with its drags in them are given to a model, which imagines the part where
the drags take it. All motions are rendered at some values and compared with that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.articulation import pulls
from backend.articulation.problem import Progress
from backend.articulation.viewing import Pictures, Views
from backend.geometry.surface import Motions
from backend.pictures.dragged import picture_of
from backend.views.cameras import Pinhole

Values = NDArray[np.float64]

views = 8
compared = 48  # pixels: larger pictures are compared at this size
shares = (0.8, 1.0)  # of where a motion is pulled to: a model may stop elsewhere
changed = 12  # of 255: what differs more from the rest pose was changed
soft = 0.1  # of the range of colours: errors well above count by their size, not its square
agreeing = 0.1  # above the least error of a view: motions up to there look as imagined
most_triangles = 150_000_000  # that are drawn; fewer motions are compared where it would be more
fewest = 12  # motions that always are


class Model(Protocol):
    """Who is asked; `size` is that of its pictures, in pixels."""

    @property
    def size(self) -> int: ...

    @property
    def revision(self) -> str: ...

    def imagine(self, views: Views, *, seed: int, progress: Progress) -> Pictures:
        """Return what each view looks like when its drags are pulled, (K, size, size, 3)."""
        ...


@dataclass(frozen=True, eq=False)
class Seen:
    """A view for people: `found` is a motion's picture, `error` how far off, 0 to 1."""

    camera: Pinhole  # in world
    before: Pictures
    after: Pictures
    drags: Values
    found: Pictures
    error: float


@dataclass(frozen=True, eq=False)
class Imagined:
    """What a model imagined in K views, and how far off H motions are.

    `errors` (H, V, K) are those of each motion at each of its `values` (H, V), see
    `differences`; infinite for motions that were not drawn. `weight` is what the log likelihood
    counts.
    """

    views: Views
    after: Pictures
    values: Values
    errors: Values
    weight: float = 1.0

    def take(self, chosen: NDArray[np.intp]) -> Imagined:
        """Return it for some of the motions, as good as they are among all."""
        few = replace(self, values=self.values[chosen], errors=self.errors[chosen])
        few.__dict__["least"], few.__dict__["likelihood"] = self.least, self.likelihood[chosen]
        return few

    @cached_property
    def least(self) -> Values:
        """The least error (K,) of any motion in each view."""
        return self.errors.min(axis=(0, 1))

    @cached_property
    def best_value(self) -> NDArray[np.intp]:
        """Which value (H,) of each motion looks most as imagined."""
        return np.median(self.errors, axis=2).argmin(axis=1)

    @cached_property
    def likelihood(self) -> Values:
        """The log likelihood (H,) of each motion, up to a factor: less the median view's error."""
        error = np.median(self.errors, axis=2).min(axis=1)
        drawn = np.isfinite(error)
        return np.where(drawn, -error, -error[drawn].max())

    @property
    def score(self) -> Values:
        """What it adds to the score (H,) of each motion."""
        return self.weight * self.likelihood

    def agrees(self, h: int) -> int:
        """Return in how many views motion h looks as imagined."""
        return int((self.errors[h, self.best_value[h]] <= self.least + agreeing).sum())

    def text(self, h: int) -> str:
        """Return the sentence about motion h."""
        seen, every = self.agrees(h), len(self.views)
        if not seen:
            return f"Looks as the model imagines it in none of {every} views."
        return f"Looks as the model imagines it in {seen} of {every} views."

    def mark(self, h: int) -> float:
        """Return the share of views in which motion h looks as imagined."""
        return self.agrees(h) / len(self.views)

    def shown(self, motions: Motions, h: int) -> tuple[Seen, ...]:
        """Return the views beside motion h of those it is about."""
        value = self.values[h, self.best_value[h]][None]
        seen = []
        for k, camera in enumerate(self.views.in_world):
            before, after = self.views.before[k], self.after[k]
            (found,) = self.views.moved(k, motions.take([h]), value)
            error = float(differences(found[None], after, before)[0])
            seen.append(Seen(camera, before, after, self.views.drags[k], found, error))
        return tuple(seen)


def compare(
    views: Views,
    after: Sequence[Pictures],
    motions: Motions,
    score: Values,
    progress: Progress,
) -> list[Imagined]:
    """Draw the motions (H,) in every view and compare them with what was imagined, each of
    `after` (K, S, S, 3).

    Where that would take long, only those motions that have the best `score` (H,).
    """
    faces = len(views.actors[0].mesh.faces) * len(shares) * len(views)
    drawn = np.sort(np.argsort(-score, kind="stable")[: max(fewest, most_triangles // faces)])
    pulled = np.maximum(pulls.value(motions, views.subject.drags), 0.0)
    values = pulled[:, None] * np.array(shares)
    errors = np.full((len(after), *values.shape, len(views)), np.inf)
    small = views.at(min(compared, views.before.shape[1]))
    every = motions.take(np.repeat(drawn, len(shares)))
    for k in range(len(views)):
        progress.stage("compare", k, len(views))
        pictures = small.moved(k, every, values[drawn].ravel(), progress)
        for n, imagined in enumerate(after):
            progress.check()
            target = picture_of(imagined[k], small.before.shape[1])
            found = differences(pictures, target, small.before[k])
            errors[n, drawn, :, k] = found.reshape(len(drawn), -1)
    return [Imagined(views, pictures, values, errors[n]) for n, pictures in enumerate(after)]


def differences(pictures: Pictures, other: Pictures, before: Pictures) -> Values:
    """Return how different each of pictures (N, S, S, 3) is from another, (N,), 0 to 1, where
    both are of what was `before`.

    0 is equal, 1 nothing alike: the loss between the two over the sum of what each has changed,
    so that a picture in which too little has moved speaks for no smaller motion. What no picture
    changes does not count.
    """
    every = np.concatenate([pictures, before[None], other[None]])
    counts = (every.max(axis=0) - every.min(axis=0)).max(axis=2) > changed
    ours, theirs, rest = pictures[:, counts], other[counts], before[counts]
    most = loss(ours, rest).sum(axis=1) + loss(theirs, rest).sum()
    return np.minimum(loss(ours, theirs).sum(axis=1) / np.maximum(most, 1e-6), 1.0)


def loss(one: Pictures, other: Pictures) -> Values:
    """Return how different pixels (..., 3) are, (...): Charbonnier's loss."""
    off = (one.astype(np.float32) - other.astype(np.float32)) / 255.0
    return np.sqrt((off**2).sum(axis=-1) + soft**2) - soft
