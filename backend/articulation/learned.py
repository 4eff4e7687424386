"""DragAPart as the engine asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.articulation import asking
from backend.articulation.asking import Ask
from backend.articulation.problem import Progress
from backend.articulation.viewing import Pictures, Views

if TYPE_CHECKING:
    from backend.models.dragapart import DragAPart


@dataclass(frozen=True, eq=False)
class Learned:
    """A loaded network as a `Model`."""

    network: DragAPart

    @property
    def size(self) -> int:
        return self.network.size

    @property
    def revision(self) -> str:
        return self.network.revision

    def imagine(self, views: Views, *, seed: int, progress: Progress) -> Pictures:
        """Return all views in one batch, (K, size, size, 3)."""
        return self.network.drag(views.before, views.drags, seed=seed, progress=progress)


def load(name: str) -> Learned:
    """Return `dragapart` or `dragapart:full`.

    Raises TugError `missing_model` where it is not here.
    """
    from backend.models import dragapart
    from backend.models.dragapart.card import presets

    return Learned(dragapart.load(presets[name]))


def asks(evidence: tuple[str, ...] | None) -> tuple[Ask, ...]:
    """Return who is asked by a request's `evidence`: where it is None, those that help."""
    names = asking.worth if evidence is None else dict.fromkeys(evidence)
    return tuple(
        Ask(name, lambda name=name: load(name), always=evidence is not None) for name in names
    )
