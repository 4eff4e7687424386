"""DragAPart's motion analysis (paper section 5, Eq. 2): which motion looks as a model imagines it.

Views of the subject with its drags in them are given to a model, which imagines the part where
the drags take it. All motions are rendered at some values and compared with that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.articulation import pulls
from backend.articulation.problem import Progress
from backend.articulation.subject import Subject
from backend.articulation.viewing import Pictures, Views, look_around
from backend.geometry.surface import Motions
from backend.views.cameras import Pinhole

Values = NDArray[np.float64]

views = 8
compared = 64  # pixels: larger pictures are compared at this size
shares = (0.7, 0.85, 1.0, 1.2)  # of where a motion is pulled to: a model may stop elsewhere
changed = 12  # of 255: what differs more from the rest pose was changed
soft = 0.1  # of the range of colours: errors well above count by their size, not its square
floor = 0.02  # of a view's change: errors below it are as good
agreeing = 1.15  # times the least error of a view: motions up to there look as imagined
most_triangles = 150_000_000  # that are drawn; fewer motions are compared where it would be more
fewest = 12  # motions that always are


class Model(Protocol):
    """Who is asked: `name` as requests have it, `size` of its pictures in pixels."""

    name: str

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

    `errors` (H, V, K) are those of each motion at each of its `values` (H, V); `still` (K,) of
    the rest pose. Motions that were not drawn have infinite errors.
    """

    model: str
    views: Views
    after: Pictures
    values: Values
    errors: Values
    still: Values

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
    def _logs(self) -> Values:
        """How much worse (H, V, K) than the best: the log of the error, of unknown scale."""
        level = floor * self.still
        return np.log(np.minimum(self.errors, 1e6) + level) - np.log(self.least + level)

    @cached_property
    def best_value(self) -> NDArray[np.intp]:
        """Which value (H,) of each motion looks most as imagined."""
        return np.median(self._logs, axis=2).argmin(axis=1)

    @cached_property
    def likelihood(self) -> Values:
        """The log likelihood (H,) of each motion by the median view, up to a factor; 0 at best."""
        found = -np.median(self._logs, axis=2).min(axis=1)
        drawn = np.isfinite(self.errors[:, 0, 0])
        return np.where(drawn, found, found[drawn].min())

    def agrees(self, h: int) -> int:
        """Return in how many views motion h looks as imagined."""
        errors = self.errors[h, self.best_value[h]]
        level = floor * self.still
        return int((errors <= agreeing * self.least + level).sum())

    def shown(self, motions: Motions, h: int) -> tuple[Seen, ...]:
        """Return the views beside motion h of those it is about."""
        value = self.values[h, self.best_value[h]][None]
        seen = []
        for k, camera in enumerate(self.views.in_world):
            before, after = self.views.before[k], self.after[k]
            (found,) = self.views.moved(k, motions.take([h]), value)
            error = difference(found, after, before)
            seen.append(Seen(camera, before, after, self.views.drags[k], found, error))
        return tuple(seen)


def ask(
    model: Model, subject: Subject, progress: Progress, *, look: str = "colours", seed: int
) -> tuple[Views, Pictures] | None:
    """Return views of a subject that is pulled, and what the model imagines in them.

    None where no camera sees the drags.
    """
    found = look_around(subject, views, model.size, look=look, seed=seed)
    if found is None:
        return None
    progress.check()
    return found, model.imagine(found, seed=seed, progress=progress)


def compare(
    name: str,
    views: Views,
    after: Pictures,
    motions: Motions,
    score: Values,
    progress: Progress,
) -> Imagined:
    """Draw the motions (H,) in every view and compare them with what was imagined.

    Where that would take long, only those that have the best `score` (H,).
    """
    faces = len(views.actors[0].mesh.faces) * len(shares) * len(views)
    count = max(fewest, most_triangles // faces)
    drawn = np.sort(np.argsort(-score, kind="stable")[:count])
    pulled = np.maximum(pulls.value(motions, views.subject.drags), 0.0)
    values = pulled[:, None] * np.array(shares)
    errors = np.full((len(motions), len(shares), len(views)), np.inf)
    still = np.zeros(len(views))
    small = views.at(min(compared, views.before.shape[1]))
    every = motions.take(np.repeat(drawn, len(shares)))
    for k in range(len(views)):
        progress.stage("compare", k, len(views))
        target = reduced(after[k], small.before.shape[1])
        found, still[k] = _errors(small, k, target, every, values[drawn].ravel(), progress)
        errors[drawn, :, k] = found.reshape(len(drawn), len(shares))
    return Imagined(name, views, after, values, errors, still)


def _errors(
    views: Views, k: int, after: Pictures, motions: Motions, values: Values, progress: Progress
) -> tuple[Values, float]:
    """The errors (H,) of motions in a view, and that of the rest pose.

    They are sums over the pixels that any motion or the model changes.
    """
    before = views.before[k]
    pictures = views.moved(k, motions, values, progress)
    differs = np.abs(pictures.astype(np.int16) - before).max(axis=3) > changed
    counts = differs.any(axis=0) | (np.abs(after.astype(np.int16) - before).max(axis=2) > changed)
    progress.check()
    found = loss(pictures[:, counts], after[counts]).sum(axis=1)
    return found, float(loss(before[counts], after[counts]).sum())


def loss(one: Pictures, other: Pictures) -> Values:
    """Return how different pixels (..., 3) are, (...): Charbonnier's loss."""
    off = (one.astype(np.float32) - other.astype(np.float32)) / 255.0
    return np.sqrt((off**2).sum(axis=-1) + soft**2) - soft


def difference(one: Pictures, other: Pictures, before: Pictures) -> float:
    """Return how different two pictures of what was `before` are: 0 equal, 1 nothing alike."""
    most = loss(one, before).sum() + loss(other, before).sum()
    return float(min(1.0, loss(one, other).sum() / max(float(most), 1e-9)))


def reduced(picture: Pictures, size: int) -> Pictures:
    """Return a square picture (S, S, 3) at a smaller size, by the mean of areas."""
    if len(picture) == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BOX))
