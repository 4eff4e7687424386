"""What the user fixed holds in every answer, and helps to find the rest."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
import pytest

from backend.articulation.engine import articulate, explore
from backend.articulation.problem import Problem, no_drags
from backend.tasks import articulate as task
from backend.tasks import null
from protocol.errors import TugError
from protocol.joint import Joint, motion
from protocol.messages import Limits
from protocol.tasks import ArticulateRequest, Drag, Lock
from tests.backend.articulation import shapes
from tests.backend.articulation.shapes import Made, angle, line_distance

fields: tuple[Any, ...] = ("type", "axis", "origin", "range")
parts = [some for n in (1, 2, 3) for some in combinations(fields[:3], n)]
names = sorted(shapes.every)
hinge = Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=-0.2, upper=1.0)


def random_joint(made: Made, generator: np.random.Generator) -> Joint:
    """Any joint in the part's neighbourhood; some axes are those of the boxes."""
    axis = generator.normal(size=3) if generator.random() < 0.7 else np.eye(3)[1] * -1.0
    low, high = made.part.vertices.min(axis=0), made.part.vertices.max(axis=0)
    kinds = ("revolute", "prismatic", "continuous", "screw", "cylindrical", "fixed")
    return Joint(
        type=kinds[generator.integers(len(kinds))],
        axis=triple(axis / np.linalg.norm(axis)),
        origin=triple(generator.uniform(low, high)),
        lower=-float(generator.random()),
        upper=float(generator.random()),
        pitch=float(generator.random()),
        slide=(-0.1, float(generator.random())),
    )


def triple(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def assert_holds(joint: Joint, lock: Lock) -> None:
    given = lock.joint
    if {"type", "range"} & set(lock.fields):
        assert joint.type == given.type
    for name in ("axis", "origin"):
        assert name not in lock.fields or getattr(joint, name) == getattr(given, name)
    if "range" in lock.fields:
        limits = joint.lower, joint.upper, joint.pitch, joint.slide
        assert limits == (given.lower, given.upper, given.pitch, given.slide)
    assert joint.evidence[0].name == "lock" and "as you fixed" in joint.evidence[0].text


@pytest.mark.parametrize("seed", range(24))
def test_what_is_locked_holds_in_every_answer(seed: int) -> None:
    generator = np.random.default_rng(seed)
    made = shapes.every[names[seed % len(names)]]()
    chosen = [name for name in fields if generator.random() < 0.5] or ["axis"]
    lock = Lock(joint=random_joint(made, generator), fields=tuple(chosen))
    problem = made.problem(locked=lock)
    if generator.random() < 0.4:
        problem = replace(problem, drags=no_drags)
    joints = articulate(problem).joints
    assert joints
    for joint in joints:
        assert_holds(joint, lock)
    told = {msgspec.structs.replace(joint, evidence=(), confidence=0.0) for joint in joints}
    assert len(told) == len(joints)


@pytest.mark.parametrize("pulled", [True, False])
@pytest.mark.parametrize("locked", [("axis",), ("origin",), ("axis", "origin")])
def test_no_motion_that_is_looked_at_leaves_the_lock(locked: Any, pulled: bool) -> None:
    made = shapes.door()
    lock = Lock(joint=random_joint(made, np.random.default_rng(5)), fields=locked)
    problem = made.problem(locked=lock, end=made.end + 0.05)
    look, _ = explore(problem if pulled else replace(problem, drags=no_drags))
    frame, motions = look.scene.subject.frame, look.motions
    if "axis" in locked:
        away = np.cross(motions.axis, frame.local_direction(np.array(lock.joint.axis)))
        assert np.abs(away).max() < 1e-9
    if "origin" in locked:
        arm = frame.local(np.array(lock.joint.origin)) - motions.origin
        off = np.linalg.norm(np.cross(arm, motions.axis), axis=1)[motions.hinge]
        assert len(off) and off.max() < 1e-9


@pytest.mark.parametrize("locked", parts)
@pytest.mark.parametrize("name", names)
def test_a_part_of_the_truth_leads_to_the_rest(name: str, locked: Any) -> None:
    made = shapes.every[name]()
    found = articulate(made.problem(locked=Lock(joint=made.joint, fields=locked))).joints[0]
    assert found.type == made.joint.type
    assert angle(found, made.joint) < 1.0
    if found.type != "prismatic":
        assert line_distance(found, made.joint) < 0.01 * made.diagonal
    assert found.lower <= 0.0 < made.value <= found.upper * 1.02


def test_the_axis_alone_turns_a_wrong_guess_right() -> None:
    """Without a pull, the knob may be anything; with its axis and type it is the knob."""
    made = shapes.knob()
    lock = Lock(joint=made.joint, fields=("type", "axis"))
    found = articulate(replace(made.problem(locked=lock), drags=no_drags)).joints[0]
    assert line_distance(found, made.joint) < 0.01 * made.diagonal


@pytest.mark.parametrize("name", ["door", "drawer"])
def test_a_locked_axis_keeps_its_sign_against_the_drag(name: str) -> None:
    made = shapes.every[name]()
    x, y, z = made.joint.axis
    backwards = msgspec.structs.replace(made.joint, axis=(-x, -y, -z))
    lock = Lock(joint=backwards, fields=("axis",))
    found = articulate(made.problem(locked=lock)).joints[0]
    assert found.axis == backwards.axis and found.lower < -0.9 * made.value
    moved = (motion(found, -made.value) @ np.append(made.start, 1.0))[:3]
    assert np.linalg.norm(moved - made.end) < 0.01 * made.diagonal


def test_without_a_drag_the_locked_sign_says_which_way() -> None:
    """A block on a table may be pushed anywhere."""
    table = shapes.solid(shapes.block([-1.0, -1.0, -0.1], [1.0, 1.0, 0.0]))
    block = shapes.solid(shapes.block([-0.1, -0.05, 0.0], [0.1, 0.05, 0.1]))
    for sign in (1.0, -1.0):
        joint = msgspec.structs.replace(hinge, type="prismatic", axis=(sign, 0.0, 0.0))
        lock = Lock(joint=joint, fields=("type", "axis"))
        found = articulate(Problem(block, table, locked=lock)).joints[0]
        assert found.axis == joint.axis and found.lower == 0.0 < found.upper


def test_the_locked_type_counts_more_than_the_allowed_ones() -> None:
    made = shapes.door()
    lock = Lock(joint=made.joint, fields=("type",))
    answer = articulate(made.problem(locked=lock, joint_types=("prismatic",)))
    assert {joint.type for joint in answer.joints} == {"revolute"}


def test_what_is_locked_as_fixed_stays() -> None:
    lock = Lock(joint=msgspec.structs.replace(hinge, type="fixed"), fields=("type", "axis"))
    (joint,) = articulate(shapes.door().problem(locked=lock)).joints
    assert joint.type == "fixed" and joint.lower == joint.upper == 0.0


def bad(words: str, locked: Any = ("axis",), **changes: Any) -> Any:
    return pytest.param(msgspec.structs.replace(hinge, **changes), locked, words, id=words)


@pytest.mark.parametrize(
    ("joint", "locked", "words"),
    [
        bad("holds nothing", ()),
        bad("no unit vector", axis=(0.0, 0.0, 2.0)),
        bad("no unit vector", axis=(0.0, 0.0, 0.0)),
        bad("NaN or infinite", origin=(0.0, float("nan"), 0.0)),
        bad("NaN or infinite", upper=float("inf")),
        bad("ends before it begins", ("range",), lower=1.0, upper=-1.0),
        bad("ends before it begins", ("range",), slide=(0.5, 0.0)),
    ],
)
def test_a_senseless_lock_is_refused_in_a_sentence(joint: Joint, locked: Any, words: str) -> None:
    lock = Lock(joint=joint, fields=locked)
    with pytest.raises(TugError, match=words) as by_engine:
        articulate(shapes.door().problem(locked=lock))
    with pytest.raises(TugError, match=words):
        task.check(ArticulateRequest(geometry=(), locked=lock), Limits())
    assert by_engine.value.error.code == "bad_input"


def test_what_is_not_locked_may_be_anything() -> None:
    joint = msgspec.structs.replace(hinge, axis=(0.0, 0.0, 0.0), lower=2.0)
    lock = Lock(joint=joint, fields=("origin",))
    assert articulate(shapes.door().problem(locked=lock)).joints[0].origin == joint.origin


@pytest.mark.parametrize("seed", range(20))
def test_the_null_engine_upholds_locks_too(seed: int) -> None:
    generator = np.random.default_rng(seed)
    chosen = [name for name in fields if generator.random() < 0.5] or ["type"]
    lock = Lock(joint=random_joint(shapes.door(), generator), fields=tuple(chosen))
    drag = Drag(start=(0.0, 0.0, 0.0), end=(0.0, -1.0, 0.0))
    result: Any = null.answer(ArticulateRequest(geometry=(), drags=(drag,), locked=lock))
    assert result.joints
    for joint in result.joints:
        assert_holds(joint, lock)
