"""All parts of one object at once: the tree they hang in, their joints, and what twins agree on."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.articulation import sureness
from backend.articulation.engine import Answer, articulate
from backend.articulation.problem import Problem, Progress, silent
from backend.assembly import agreement, tree, twins
from backend.assembly.agreement import Choice, Voice
from backend.assembly.twins import Twins
from backend.assembly.whole import Mark, Whole, carried, check
from protocol.errors import TugError, failure
from protocol.joint import Joint, motion

Points = NDArray[np.float64]

stages = ("tree", "part", "twins")
pulled, prompted = 20.0, 2.0  # what a part weighs against all its twins of whom nothing is told
compared = 5  # joints of each part that twins compare
spokesmen = 6  # twins of whom nothing is told that are asked; more in the same place are not
carried_on = 0.5  # of the range: how far a twin is pulled along the others' slide
pulled_turn = 0.8  # radians along their hinge, enough to tell it from a slide


class Solve(Protocol):
    """The engine: see `engine.articulate`."""

    def __call__(self, problem: Problem, *, alternatives: int, progress: Progress) -> Answer: ...


@dataclass(frozen=True)
class Placed:
    """A part's place and joints: see `protocol.tasks.PartAnswer`."""

    parent: int
    joints: tuple[Joint, ...]
    choices: int = 1
    like: tuple[int, ...] = ()


@dataclass(frozen=True)
class Assembly:
    """An answer for each mark, the seconds each stage took, and remarks for the user."""

    parts: tuple[Placed, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


def assemble(
    whole: Whole,
    *,
    alternatives: int = 5,
    progress: Progress = silent,
    consistent: bool = True,
    solve: Solve = articulate,
) -> Assembly:
    """Return how all parts of an object move: a tree, and up to `alternatives` joints for each.

    Joints are in world with everything at rest, each relative to the part's parent. With
    `consistent` parts of one shape are answered together; one without a twin is answered as if
    it were asked for alone. `solve` is the engine.
    Raises TugError `bad_input` or `too_large`, and whatever `progress.check` raises to cancel.
    """
    check(whole)
    clock = _Clock(progress)
    with clock.stage("tree"):
        parent, remarks = tree.parents(whole, progress)
        groups = twins.find(whole, parent, progress) if consistent else []
    work = _Work(whole, parent, max(alternatives, compared), progress, solve)
    heard = [_heard(whole, group) for group in groups]
    with clock.stage("part"):
        in_groups = {m for group in groups for m in group.members}
        work.ask_all(skip=in_groups.difference(*(some.members for some in heard)))
    with clock.stage("twins"):
        for number, (group, some) in enumerate(zip(groups, heard, strict=True), 1):
            progress.stage("twins", number, len(groups))
            work.agree(some)
            work.copy(group, some)
    like = {m: group.members for group in groups for m in group.members}
    parts = []
    for index, holder in enumerate(parent.tolist()):
        joints = work.joints[index][:alternatives]
        others = tuple(m for m in like.get(index, ()) if m != index)
        parts.append(Placed(holder, joints, sureness.choices(joints), others))
    return Assembly(tuple(parts), clock.seconds, (*remarks, *work.remarks()))


class _Clock:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.progress.check()
        self.progress.stage(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


class _Work:
    """The questions to the engine, and what becomes of its answers: `joints` of each part."""

    def __init__(
        self,
        whole: Whole,
        parent: NDArray[np.intp],
        alternatives: int,
        progress: Progress,
        solve: Solve,
    ) -> None:
        self.whole = whole
        self.moving = [carried(parent, index) for index in range(len(whole.marks))]
        self.alternatives = alternatives
        self.progress = progress
        self.solve = solve
        self.joints: dict[int, tuple[Joint, ...]] = {}
        self.said: dict[int, tuple[str, ...]] = {}  # the engine's notes on each part
        self.notes: list[str] = []

    def ask_all(self, skip: set[int]) -> None:
        order = [index for index in self.whole.order() if index not in skip]
        for number, index in enumerate(order, 1):
            self.progress.stage("part", number, len(order))
            self._take(index, self._ask(index, self.whole.marks[index].drags))

    def agree(self, group: Twins) -> None:
        """Choose the joints of twins jointly, carry them over, and make their ranges equal."""
        voices = [self._voice(index, group) for index in group.members]
        choice = agreement.choose(group, voices)
        agreed = [k for k in range(len(voices)) if self._follow(group, choice, k)]
        if agreed:
            self._make_equal(
                [group.members[k] for k in agreed],
                [voices[k].weight for k in agreed],
                [choice.ways[k].fit for k in agreed],
            )
        if len(agreed) < len(voices):
            names = self._names(group.members)
            self.notes.append(f"{names} have one shape, but move in different ways where they are.")

    def copy(self, group: Twins, heard: Twins) -> None:
        """Give the twins that were not asked the answer of the first one, at their own place."""
        first = group.members[0]
        for index, ways in zip(group.members, group.ways, strict=True):
            if index not in heard.members:
                there = ways[0].inverse()
                self.joints[index] = tuple(there.joint(joint) for joint in self.joints[first])
                self.said[index] = self.said[first]

    def remarks(self) -> list[str]:
        """The notes on single parts, each once, and those on twins."""
        names: dict[str, list[str]] = {}
        for index in self.whole.order():
            for note in self.said[index]:
                names.setdefault(note, []).append(f"'{self.whole.marks[index].name}'")
        return [*(f"{', '.join(some)}: {note}" for note, some in names.items()), *self.notes]

    def _ask(self, index: int, drags: Points) -> Answer:
        problem = replace(self.whole.problem(index, self.moving[index]), drags=drags)
        progress = _Within(self.progress)
        try:
            return self.solve(problem, alternatives=self.alternatives, progress=progress)
        except TugError as refused:
            if refused.error.code == "cancelled":
                raise
            name, message = self.whole.marks[index].name, refused.error.message
            raise failure(refused.error.code, f"'{name}': {message}") from refused

    def _take(self, index: int, answer: Answer) -> None:
        self.joints[index], self.said[index] = answer.joints, answer.notes

    def _follow(self, group: Twins, choice: Choice, k: int) -> bool:
        """Make the group's best joint a member's best; return whether that is possible.

        A member that was told something keeps its own ranking, one that is persuaded takes the
        ranking of its second answer, all others that of the group.
        """
        index = group.members[k]
        if choice.own[0][k] != 0:
            answer = self._persuaded(group, choice, k)
            if answer is None:
                return False
            self._take(index, answer)
        elif not _told(self.whole.marks[index]):
            self.joints[index] = choice.ranked(k, self.joints[index])
        others = [self.whole.marks[m].name for m in group.members if m != index]
        best, *rest = self.joints[index]
        self.joints[index] = (agreement.explained(best, others), *rest)
        return True

    def _voice(self, index: int, group: Twins) -> Voice:
        """A member's say. Those of whom nothing is told see the same and count as one together."""
        untold = sum(not _told(self.whole.marks[m]) for m in group.members)
        weight = _told(self.whole.marks[index]) or 1.0 / untold
        return Voice(self.joints[index], weight, self._size(index))

    def _size(self, index: int) -> float:
        corners = self.whole.side(self.moving[index]).corners
        return float(np.linalg.norm(np.ptp(corners, axis=(0, 1))))

    def _persuaded(self, group: Twins, choice: Choice, k: int) -> Answer | None:
        """The engine's answer when member k, too, is pulled along the group's joint.

        None where that is another joint: the part's own pull or its geometry speaks against it.
        """
        index = group.members[k]
        wanted = choice.ways[k].inverse().joint(choice.joints[0])
        if len(self.whole.marks[index].drags) or wanted.type == "fixed":
            return None
        drags = self._pull_of(group, choice)
        if drags is None:
            corners = self.whole.side(self.moving[index]).corners.reshape(-1, 3)
            answer = self._ask(index, _pull(wanted, corners))
        else:
            answer = self._ask(index, choice.ways[k].back(drags))
        return answer if agreement.alike(answer.joints[0], wanted, self._size(index)) else None

    def _pull_of(self, group: Twins, choice: Choice) -> Points | None:
        """The pull (D, 2, 3) at a member that has the group's joint, in the first one's place."""
        for k, index in enumerate(group.members):
            drags = self.whole.marks[index].drags
            if len(drags) and choice.own[0][k] == 0:
                return choice.ways[k].points(drags)
        return None

    def _make_equal(
        self, members: Sequence[int], weights: Sequence[float], fits: Sequence[float]
    ) -> None:
        equal = agreement.ranges([self.joints[m][0] for m in members], weights, fits)
        for index, joint in zip(members, equal, strict=True):
            self.joints[index] = (joint, *self.joints[index][1:])
        if len({(joint.lower, joint.upper) for joint in equal}) > 1:
            names = self._names(members)
            self.notes.append(f"{names} move alike, but not equally far: something is in the way.")

    def _names(self, members: Sequence[int]) -> str:
        return ", ".join(f"'{self.whole.marks[m].name}'" for m in members)


class _Within:
    """The engine's stages are steps within a part: only whether to go on is asked."""

    def __init__(self, progress: Progress) -> None:
        self.check = progress.check

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        pass


def _heard(whole: Whole, group: Twins) -> Twins:
    """The members that are asked: of many in the same surroundings a few speak for all."""
    chosen = [
        k
        for k, (index, ways) in enumerate(zip(group.members, group.ways, strict=True))
        if k < spokesmen or _told(whole.marks[index]) or ways[0].fit < agreement.same_room
    ]
    return Twins(tuple(group.members[k] for k in chosen), tuple(group.ways[k] for k in chosen))


def _told(mark: Mark) -> float:
    """How much what is told of a part weighs."""
    return pulled if len(mark.drags) else prompted if mark.prompt else 0.0


def _pull(joint: Joint, corners: Points) -> Points:
    """A drag (1, 2, 3) along a joint, from the corner that moves the farthest."""
    value = carried_on * max(joint.upper, joint.lower, key=abs)
    if joint.type != "prismatic":
        value = math.copysign(pulled_turn, value)
    moved = motion(joint, value)
    ends = corners @ moved[:3, :3].T + moved[:3, 3]
    farthest = int(np.argmax(np.linalg.norm(ends - corners, axis=1)))
    return np.stack([corners[farthest], ends[farthest]])[None]
