"""Whether learned models are asked about a pull, and what their opinion counts.

Never where nothing is pulled: a picture can only be imagined for a pull, and one along the
engine's own best guess would have the model agree with the guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from backend.articulation import imagined, pulls, viewing
from backend.articulation.imagined import Imagined, Model, Values
from backend.articulation.look import Look
from backend.articulation.problem import Progress
from backend.articulation.viewing import most_drags
from protocol.errors import TugError

Stage = Callable[[str], AbstractContextManager[Progress]]
Regime = Literal["along", "straight", "off", "short"]
kinds: tuple[Regime, ...] = get_args(Regime)
short = 0.15  # of the part's diagonal: a pull that only says where to go first
close = 0.05  # of a pull's length: as a program pulls, or a careful hand


@dataclass(frozen=True)
class Worth:
    """What a model's log likelihood counts, whether it is asked unbidden, and why."""

    weight: float
    unbidden: bool
    why: str


@dataclass(frozen=True)
class Ask:
    """A model that may be asked: wherever something is pulled, or only where that helps."""

    name: str
    load: Callable[[], Model]
    always: bool = False


_unknown = Worth(20.0, False, "not measured with the published weights")
worth: dict[str, dict[Regime, Worth]] = {
    "dragapart": {
        "along": Worth(8.0, False, "won and lost no hit in 47 validation pulls"),
        "straight": Worth(0.0, False, "won and lost no hit in 36 validation pulls"),
        "off": Worth(1.0, False, "won and lost no hit in 162 validation pulls"),
        "short": Worth(1.0, False, "won and lost no hit in 61 validation pulls"),
    },
    "dragapart:full": dict.fromkeys(kinds, _unknown),
}


def regime(look: Look, score: Values) -> Regime:
    """Return what kind of pull it is, as far as can be seen without knowing the answer.

    `along` the circle of a hinge, which nobody draws by accident; `straight` as a slide goes,
    which is how people pull at doors, too; `off` what any likely motion does.
    """
    subject = look.scene.subject
    length = np.linalg.norm(subject.drags[:, 1] - subject.drags[:, 0], axis=1)
    if length.max() < short * subject.part.box.diagonal:
        return "short"
    best = look.motions.take([int(score.argmax())])
    if pulls.residual(best, subject.drags)[0] > close:
        return "off"
    return "along" if best.hinge[0] else "straight"


def opinions(
    look: Look, score: Values, asked: Sequence[Ask], seed: int, stage: Stage
) -> tuple[Imagined, ...]:
    """Return what each model that has something to say here imagines of the motions (H,).

    `stage` begins one. Raises TugError `missing_model` for a model that is always asked and is
    not there.
    """
    if not look.pulled or len(look.scene.subject.drags) > most_drags:
        return ()
    found: list[Imagined] = []
    for ask in asked:
        known = worth[ask.name][regime(look, score)]
        if ask.always or (known.unbidden and known.weight > 0.0):
            said = _opinion(ask, look, score, seed, stage)
            found += [replace(said, weight=known.weight)] if said else []
    return tuple(found)


def unheard(look: Look) -> str:
    """Return why a model that should be asked said nothing."""
    if not look.pulled:
        return "A model can only imagine a pull: draw a drag to ask it."
    if len(look.scene.subject.drags) > most_drags:
        return f"A model takes {most_drags} drags at most, so none could be asked."
    return "No view shows the drags, so no model could be asked."


def _opinion(ask: Ask, look: Look, score: Values, seed: int, stage: Stage) -> Imagined | None:
    """What a model imagines; None where it is not there, or no camera sees the drags."""
    with stage("imagine") as progress:
        try:
            model = ask.load()
        except TugError as error:
            if ask.always or error.error.code != "missing_model":
                raise
            return None
        views = viewing.look_around(look.scene.subject, imagined.views, model.size, seed=seed)
        if views is None:
            return None
        progress.check()
        after = model.imagine(views, seed=seed, progress=progress)
    with stage("compare") as progress:
        return imagined.compare(views, [after], look.motions, score, progress)[0]
