"""Questions for motions along trajectories."""

from __future__ import annotations

from ...protocol.animation import AnimateRequest, AnimateResult, Track
from .job import Job

Control = tuple[str, str]  # uid of an object, and a bone of it or nothing


class AnimateJob(Job[AnimateRequest, AnimateResult]):
    """How do these objects move along their ways?

    `curves` and `targets` are the uids of the trajectories and of what moves, in the order of
    the request, `controls` what holds the joint of each link (nothing for the first), and
    `digests` what the question came from. One that `lands` was consented to before: its keys
    take the place of the former ones as soon as the result is here.
    """

    curves: tuple[str, ...]
    targets: tuple[str, ...]
    controls: tuple[tuple[Control, ...], ...]
    digests: tuple[str, ...]
    lands: bool = False

    @property
    def finished(self) -> bool:
        """Whether somebody is to look at the outcome."""
        return self.error is not None or self.result is not None

    @property
    def settled(self) -> bool:
        return self.error is not None

    @property
    def tracks(self) -> tuple[Track, ...]:
        """How each mover moves, in the order asked; nothing before the job is done."""
        return self.result.tracks if self.result else ()
