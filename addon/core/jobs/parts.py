"""Questions for regions that may be parts."""

from __future__ import annotations

from typing import Any

from ...protocol.tasks import PartProposal, ProposePartsRequest, ProposePartsResult
from .job import Job


class PartsJob(Job[ProposePartsRequest, ProposePartsResult]):
    """Which regions may be parts?

    `owners` are the uids of the objects of the request's geometries, `selected` the proposal on
    show. With `following`, the id of a `JointJob`, the proposal that the prompt means is marked
    and asked about by itself, with `options` and the objects `body` as `api.articulate` has them.
    """

    owners: tuple[str, ...] = ()
    selected: int = 0
    following: str = ""
    options: dict[str, Any] = {}
    body: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether somebody is to look at the outcome."""
        return self.error is not None or (self.result is not None and not self.following)

    @property
    def settled(self) -> bool:
        return self.error is not None

    @property
    def decided(self) -> tuple[object, ...]:
        return (self.selected,)

    @property
    def prompt(self) -> str:
        """The words that were asked about."""
        return self.request.prompt

    @property
    def proposals(self) -> tuple[PartProposal, ...]:
        """What was proposed, best first; nothing before the job is done."""
        return self.result.proposals if self.result else ()

    def select(self, index: int) -> None:
        """Show another proposal; indices wrap around."""
        self.selected = index % max(len(self.proposals), 1)
