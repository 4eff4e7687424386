from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.articulation.engine import Answer, articulate
from backend.articulation.problem import Problem
from backend.assembly import engine as assembly
from backend.assembly.agreement import alike
from backend.assembly.engine import Assembly, assemble
from backend.assembly.twins import Relation
from backend.assembly.whole import Whole
from protocol.errors import TugError, failure
from protocol.joint import Joint
from tests.backend.articulation.shapes import block, solid
from tests.backend.assembly.objects import (
    drawers,
    lamp,
    listed,
    moved,
    pulled,
    sideboard,
    whole,
)

door_size = 0.55


def named(item: Whole, found: Assembly) -> dict[str, Joint]:
    return {mark.name: part.joints[0] for mark, part in zip(item.marks, found.parts, strict=True)}


def parent_names(item: Whole, found: Assembly) -> dict[str, str]:
    names = [*(mark.name for mark in item.marks), "body"]
    return {names[k]: names[part.parent] for k, part in enumerate(found.parts)}


@pytest.fixture(scope="module")
def doors() -> tuple[Whole, Assembly]:
    """A sideboard whose left door is pulled open about its outer edge."""
    item = pulled(sideboard(), "left door", [-0.03, -0.25, 0.5], [-0.12, -0.42, 0.5])
    return item, assemble(item)


def test_the_tree_and_all_joints_are_answered(doors: tuple[Whole, Assembly]) -> None:
    item, found = doors
    assert parent_names(item, found)["left handle"] == "left door"
    assert parent_names(item, found)["right door"] == "body"
    assert len(found.parts) == 4
    assert set(found.seconds) == set(assembly.stages)
    for part in found.parts:
        sure = [joint.confidence for joint in part.joints]
        assert sure == sorted(sure, reverse=True) and 0.0 < sum(sure) < 1.0 + 1e-9


def test_the_twin_of_a_pulled_door_opens_as_its_mirror_image(
    doors: tuple[Whole, Assembly],
) -> None:
    item, found = doors
    left, right = (named(item, found)[name] for name in ("left door", "right door"))
    assert left.type == right.type == "revolute"
    mirror = Relation(np.diag([-1.0, 1.0, 1.0]), np.zeros(3))
    assert alike(right, mirror.joint(left), door_size)
    assert left.axis[2] < -0.99 and left.origin[0] < -0.25
    assert right.axis[2] > 0.99 and right.origin[0] > 0.25
    assert (left.lower, left.upper) == (right.lower, right.upper)
    assert found.parts[0].like == (1,) and found.parts[1].like == (0,)


def test_twins_say_that_they_move_alike(doors: tuple[Whole, Assembly]) -> None:
    item, found = doors
    reasons = {reason.name: reason.text for reason in named(item, found)["right door"].evidence}
    assert reasons["twins"] == "Moves like left door."


def test_the_object_turned_and_in_a_mirror_gets_the_answer_turned_and_mirrored(
    doors: tuple[Whole, Assembly],
) -> None:
    item, found = doors
    turn = Rotation.random(rng=np.random.default_rng(3)).as_matrix()
    way = Relation(turn @ np.diag([-1.0, 1.0, 1.0]), np.array([3.0, -1.0, 7.0]))
    again = named(item, assemble(moved(item, way.matrix, way.shift)))
    for name, joint in named(item, found).items():
        if "door" in name:
            assert alike(again[name], way.joint(joint), door_size)


def test_the_order_of_the_parts_does_not_matter() -> None:
    item = drawers(2)
    first = assemble(item)
    second = assemble(listed(item, [1, 0]))
    assert [part.joints for part in first.parts] == [part.joints for part in second.parts][::-1]
    assert [part.like for part in second.parts] == [(1,), (0,)]


def test_a_part_without_twins_is_answered_as_if_it_were_alone() -> None:
    item = lamp()
    found = assemble(item)
    alone = articulate(item.problem(1, [1, 2]))
    assert (found.parts[1].joints, found.parts[1].choices) == (alone.joints, alone.choices)
    assert [part.parent for part in found.parts] == [-1, 0, 1]


# The rest asks a scripted engine, whose answers are known.


def joint(kind: str, axis: tuple, origin: tuple, sure: float, upper: float = 1.0) -> Joint:
    return Joint(
        type=kind,  # type: ignore[arg-type]
        axis=axis,
        origin=origin,
        lower=0.0,
        upper=upper,
        confidence=sure,
    )


class Script:
    """An engine that hinges a plate at its left or right edge, as told, or follows the pull."""

    def __init__(self, left: dict[str, float], *, stubborn: tuple[str, ...] = ()) -> None:
        self.left = left  # by where a plate is: how sure it is of the left edge
        self.stubborn = stubborn
        self.asked: list[str] = []
        self.upper: dict[str, float] = {}

    def __call__(self, problem: Problem, *, alternatives: int, progress) -> Answer:
        low, high = problem.part.vertices.min(axis=0), problem.part.vertices.max(axis=0)
        place = "left" if high[0] < 0.01 else "right"
        self.asked.append(place)
        sure = self.left[place]
        if len(problem.drags) and place not in self.stubborn:
            near_left = problem.drags[0, 0, 0] > 0.5 * (low[0] + high[0])
            sure = 0.95 if near_left else 0.05
        upper = self.upper.get(place, 1.0)
        both = [
            joint("revolute", (0.0, 0.0, -1.0), (low[0], 0.0, 0.3), sure, upper),
            joint("revolute", (0.0, 0.0, 1.0), (high[0], 0.0, 0.3), 0.96 - sure, upper),
        ]
        both.sort(key=lambda found: -found.confidence)
        return Answer(tuple(both)[:alternatives], 1, 1.0, {}, ("A note.",))


def plates(*, mirrored: bool) -> Whole:
    """Two plain plates side by side, each with a wall: on the outer sides, or both on the left."""
    width, wall = 0.468, 0.02
    lefts, walls = ([-0.498, 0.03], [-0.52, 0.5]) if mirrored else ([-0.498, 0.022], [-0.52, 0.0])
    body = [block([x, 0, 0], [x + wall, 0.3, 0.6]) for x in walls]
    sides = [solid(block([x, 0, 0], [x + width, 0.02, 0.6])) for x in lefts]
    back = block([-0.52, 0.28, 0], [0.52, 0.3, 0.6])
    return whole(solid(*body, back), {"left": sides[0], "right": sides[1]})


def hinged_left(item: Whole, found: Assembly) -> dict[str, bool]:
    return {name: joint.axis[2] < 0.0 for name, joint in named(item, found).items()}


def test_mirrored_twins_outvote_each_other_as_mirror_images() -> None:
    engine = Script({"left": 0.8, "right": 0.5})
    item = plates(mirrored=True)
    assert hinged_left(item, assemble(item, solve=engine)) == {"left": True, "right": False}


def test_shifted_twins_hinge_on_the_same_side() -> None:
    engine = Script({"left": 0.8, "right": 0.4})
    item = plates(mirrored=False)
    assert hinged_left(item, assemble(item, solve=engine)) == {"left": True, "right": True}


@pytest.mark.parametrize(("x", "left"), [(-0.05, True), (-0.45, False)])
@pytest.mark.parametrize("mirrored", [True, False])
def test_a_pull_outweighs_what_the_twin_believes(x, left, mirrored) -> None:
    engine = Script({"left": 0.5, "right": 0.2 if left else 0.8})
    item = pulled(plates(mirrored=mirrored), "left", [x, 0.0, 0.3], [x, -0.1, 0.3])
    found = assemble(item, solve=engine)
    assert hinged_left(item, found) == {"left": left, "right": left != mirrored}
    assert len(found.notes) == 1 and "A note." in found.notes[0]
    assert engine.asked.count("left") == 1


def test_where_geometry_speaks_against_it_the_twin_goes_its_own_way() -> None:
    engine = Script({"left": 0.5, "right": 0.1}, stubborn=("right",))
    item = pulled(plates(mirrored=False), "left", [-0.05, 0.0, 0.3], [-0.05, -0.1, 0.3])
    found = assemble(item, solve=engine)
    assert hinged_left(item, found) == {"left": True, "right": False}
    assert any("move in different ways" in note for note in found.notes)


def test_each_pulled_twin_keeps_to_its_own_pull() -> None:
    engine = Script({"left": 0.5, "right": 0.5})
    item = pulled(plates(mirrored=False), "left", [-0.05, 0.0, 0.3], [-0.05, -0.1, 0.3])
    item = pulled(item, "right", [0.05, 0.0, 0.3], [0.05, -0.1, 0.3])
    assert hinged_left(item, assemble(item, solve=engine)) == {"left": True, "right": False}


def test_ranges_of_twins_are_made_equal_unless_something_is_in_the_way() -> None:
    engine = Script({"left": 0.9, "right": 0.9})
    item = plates(mirrored=False)
    for upper, expected, noted in ((0.95, [0.95, 0.95], False), (0.2, [1.0, 0.2], True)):
        engine.upper["right"] = upper
        found = assemble(item, solve=engine)
        assert [part.joints[0].upper for part in found.parts] == expected
        assert any("not equally far" in note for note in found.notes) == noted


def test_alone_each_part_is_left_to_itself() -> None:
    engine = Script({"left": 0.8, "right": 0.4})
    item = plates(mirrored=False)
    found = assemble(item, consistent=False, solve=engine)
    assert hinged_left(item, found) == {"left": True, "right": False}
    assert [part.like for part in found.parts] == [(), ()]


def test_of_many_twins_a_few_speak_for_all() -> None:
    class Slides(Script):
        def __call__(self, problem: Problem, *, alternatives: int, progress) -> Answer:
            self.asked.append("slide")
            middle = problem.part.vertices.mean(axis=0)
            where = (float(middle[0]), float(middle[1]), float(middle[2]))
            return Answer((joint("prismatic", (0.0, 0.0, -1.0), where, 0.9),), 1, 1.0, {}, ())

    pins = {
        f"key {k}": solid(block([0.1 * k, 0, 0.1], [0.1 * k + 0.05, 0.2, 0.12])) for k in range(12)
    }
    item = whole(solid(block([-1.0, -1.0, 0], [2.2, 1.2, 0.1])), pins)
    engine = Slides({})
    found = assemble(item, solve=engine)
    assert len(engine.asked) == assembly.spokesmen
    for k, part in enumerate(found.parts):
        assert part.joints[0].axis == pytest.approx((0.0, 0.0, -1.0))
        assert part.joints[0].origin[0] == pytest.approx(0.1 * k + 0.025, abs=1e-6)
        assert len(part.like) == 11


class Stopping:
    """Cancels when the second part begins."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int, int]] = []

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        self.stages.append((name, step, total))
        self.check()

    def check(self) -> None:
        if ("part", 2, 2) in self.stages:
            raise failure("cancelled", "The job was cancelled.")


def test_the_work_can_be_stopped_between_parts() -> None:
    engine = Script({"left": 0.8, "right": 0.4})
    progress = Stopping()
    with pytest.raises(TugError, match="cancelled"):
        assemble(plates(mirrored=False), progress=progress, solve=engine)
    assert engine.asked == ["left"]
    assert ("part", 1, 2) in progress.stages


def refusal(item: Whole) -> str:
    with pytest.raises(TugError) as caught:
        assemble(item)
    assert caught.value.error.code == "bad_input"
    message = caught.value.error.message
    assert message.endswith(".") and message.count(". ") == 0
    return message


def test_bad_objects_get_their_sentence() -> None:
    item = plates(mirrored=False)
    assert "No part is marked" in refusal(
        replace(item, marks=(), owner=np.full_like(item.owner, -1))
    )
    assert "nothing is left to hold them" in refusal(replace(item, owner=np.maximum(item.owner, 0)))
    assert "'right'" in refusal(replace(item, owner=np.where(item.owner == 1, -1, item.owner)))
    flat = item.mesh.vertices.copy()
    flat[item.mesh.faces[item.owner == 1]] = 0.0
    assert "degenerate" in refusal(replace(item, mesh=replace(item.mesh, vertices=flat)))
    flat[0] = np.nan
    assert "NaN" in refusal(replace(item, mesh=replace(item.mesh, vertices=flat)))


def test_the_same_part_twice_is_refused() -> None:
    one = solid(block([0, 0, 0.1], [0.2, 0.2, 0.2]))
    other = replace(one, faces=one.faces[::-1].copy())
    item = whole(solid(block([0, 0, 0], [1, 1, 0.1])), {"one": one, "other": other})
    assert "same shape in the same place" in refusal(item)


def test_what_the_engine_refuses_names_the_part() -> None:
    item = pulled(drawers(2), "drawer 2", [5.0, 5.0, 5.0], [6.0, 5.0, 5.0])
    assert refusal(item).startswith("'drawer 2': The drag starts")
