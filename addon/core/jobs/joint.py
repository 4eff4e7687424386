"""Questions for joints: of one part, and of all parts of an object."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from ...protocol.joint import Joint
from ...protocol.tasks import (
    ArticulateObjectRequest,
    ArticulateObjectResult,
    ArticulateRequest,
    ArticulateResult,
    Lock,
    LockField,
    PartAnswer,
)
from ..pictures import Seen
from .job import Job

most_choices = 2  # more ghosts in one place cannot be told apart


class JointJob(Job[ArticulateRequest, ArticulateResult]):
    """How does one part move?

    `part` and `body` are uids as `object` is; an empty body means the one that suggests
    itself. `selected` is the alternative on show, `corrected` what the user made of it, of
    which `locked` is to stay when it is asked again. `notes` say how the question came about.
    A question that `replaces` another (its id) takes its place when it has a result. `seen` are
    the pictures of what a learned model imagined, if one was asked.
    """

    part: str
    body: tuple[str, ...] = ()
    selected: int = 0
    chosen: bool = False
    corrected: Joint | None = None
    locked: tuple[LockField, ...] = ()
    replaces: str = ""
    notes: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()

    @property
    def joint(self) -> Joint | None:
        """The joint on show: the corrected one, else an alternative."""
        if not (self.result and self.result.joints):
            return None
        return self.corrected or self.result.joints[self.selected]

    @property
    def alternatives(self) -> tuple[Joint, ...]:
        """The joints that were found, best first; none before the job is done."""
        return self.result.joints if self.result else ()

    @property
    def decided(self) -> tuple[object, ...]:
        return self.selected, self.chosen, self.corrected, self.locked

    @property
    def choices(self) -> int:
        """How many of the first joints to show side by side; 1 once one of them was chosen."""
        if self.result is None or self.chosen:
            return 1
        return max(1, min(self.result.choices, len(self.result.joints), most_choices))

    @property
    def lock(self) -> Lock | None:
        """What is to stay when it is asked again."""
        return Lock(joint=self.joint, fields=self.locked) if self.joint and self.locked else None

    def select(self, index: int) -> None:
        """Show another alternative; indices wrap around. That answers which one is meant.

        A correction is dropped with what it locked; what was locked when it was asked stays.
        """
        if self.result and self.result.joints:
            self.selected = index % len(self.result.joints)
            self.chosen = True
            self.corrected = None
            self.locked = self.request.locked.fields if self.request.locked else ()

    def next_choice(self, step: int) -> int:
        """Return the index of the alternative to show next; the first of those side by side."""
        if self.choices > 1:
            return 0 if step > 0 else self.choices - 1
        return self.selected + step

    def correct(self, joint: Joint, *fields: LockField) -> None:
        """Show a corrected joint; the `fields` that were corrected are locked."""
        if self.result and self.result.joints:
            self.corrected, self.chosen = joint, True
            self.set_locks({*self.locked, *fields})

    def toggle_lock(self, field: LockField) -> None:
        """Lock a field, or let go of it."""
        freed = {"type", "range"} if field == "type" else {field}
        held = set(self.locked)
        self.set_locks(held - freed if field in held else held | {field})

    def set_locks(self, fields: Collection[str]) -> None:
        """Lock these fields and no others. The limits of a type go with the type."""
        wanted = {*fields, "type"} if "range" in fields else set(fields)
        self.locked = tuple(field for field in get_args(LockField) if field in wanted)


class ObjectJob(Job[ArticulateObjectRequest, ArticulateObjectResult]):
    """How do all parts of an object move?

    `parts` are the (object, part) uids in the order of the request, `selected` the alternative
    on show of each, by the part's uid; the best where there is none.
    """

    parts: tuple[tuple[str, str], ...]
    selected: dict[str, int] = {}

    @property
    def decided(self) -> tuple[object, ...]:
        return tuple(self.selected.items())

    @property
    def answers(self) -> tuple[PartAnswer, ...]:
        """What was found for each part; nothing before the job is done."""
        return self.result.parts if self.result else ()

    def joint(self, index: int) -> Joint | None:
        """Return the alternative on show of the part of that index."""
        found = self.answers[index].joints
        return found[self.selected.get(self.parts[index][1], 0)] if found else None

    def select(self, index: int, alternative: int) -> None:
        """Show another alternative of a part; both wrap around."""
        if self.answers:
            index %= len(self.answers)
            found = self.answers[index].joints
            self.selected |= {self.parts[index][1]: alternative % max(len(found), 1)}
