from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from backend.articulation import (
    circumstances,
    evidence,
    judgement,
    pulls,
    reasons,
    sureness,
    weights,
)
from backend.articulation.engine import articulate, explore
from backend.articulation.hypotheses import clusters, sources
from backend.articulation.problem import Problem, no_drags, silent
from backend.articulation.scene import Scene
from backend.articulation.subject import prepare
from backend.geometry.surface import Motions
from protocol.joint import Joint, motion
from tests.backend.articulation import shapes


def hinge(axis: list[float], origin: list[float]) -> Motions:
    return Motions(np.array([True]), np.array([axis]), np.array([origin]))


def slide(axis: list[float]) -> Motions:
    return Motions(np.array([False]), np.array([axis]), np.zeros((1, 3)))


def drag(start: list[float], end: list[float]) -> np.ndarray:
    return np.array([[start, end]])


def test_exact_pulls_are_likeliest_and_those_across_the_motion_least() -> None:
    there = [np.cos(1.0), np.sin(1.0), 0.0]
    about_z = hinge([0.0, 0.0, 1.0], [0.0, 0.0, 0.0])
    exact = pulls.likelihood(about_z, drag([1.0, 0.0, 0.0], there))
    rough = pulls.likelihood(about_z, drag([1.0, 0.0, 0.0], [*there[:2], 0.15]))
    across = pulls.likelihood(about_z, drag([1.0, 0.0, 0.0], [1.0, 0.0, 0.9]))
    assert exact[0] == pytest.approx(0.0, abs=0.1)
    assert exact[0] > rough[0] > across[0]


def test_a_short_pull_along_a_chord_is_no_contradiction() -> None:
    about_z = hinge([0.0, 0.0, 1.0], [0.0, 0.0, 0.0])
    start, chord = np.array([1.0, 0.0, 0.0]), np.array([-1.0, 1.0, 0.0])
    short = pulls.likelihood(about_z, np.array([[start, start + 0.1 * chord]]))
    away = pulls.likelihood(about_z, np.array([[start, start - 0.1 * chord]]))
    long = pulls.likelihood(about_z, np.array([[start, start + 0.6 * chord]]))
    assert short[0] > -3.5
    assert away[0] < short[0] - 2.0
    assert long[0] < 0.0


def test_a_pull_backwards_is_unlikely_for_a_slide() -> None:
    pulled = drag([0.0, 0.0, 0.0], [1.0, 0.0, 0.0])
    ahead = pulls.likelihood(slide([1.0, 0.0, 0.0]), pulled)
    behind = pulls.likelihood(slide([-1.0, 0.0, 0.0]), pulled)
    assert ahead[0] > behind[0] + 3.0


@pytest.mark.parametrize("name", ["door", "lid"])
def test_a_tenth_of_a_straight_pull_still_turns(name: str) -> None:
    made = shapes.every[name]()
    end = made.start + 0.1 * (made.end - made.start)
    found = articulate(made.problem(end=end)).joints[0]
    assert found.type == "revolute"
    assert shapes.angle(found, made.joint) < 5.0


def test_a_curve_of_pulls_from_one_point_is_followed() -> None:
    made = shapes.door()
    ends = [made.reached(share * made.value) for share in (0.3, 0.6, 1.0)]
    drags = np.array([[made.start, end] for end in ends])
    found = articulate(Problem(made.part, made.body, drags)).joints[0]
    assert found.type == "revolute"
    assert shapes.angle(found, made.joint) < 1.0
    assert shapes.line_distance(found, made.joint) < 0.01 * made.diagonal


def test_a_door_left_ajar_needs_no_pull() -> None:
    made = shapes.door()
    turned = motion(made.joint, 0.6)
    part = type(made.part)(made.part.vertices @ turned[:3, :3].T + turned[:3, 3], made.part.faces)
    found = articulate(Problem(part, made.body, no_drags)).joints[0]
    assert found.type == "revolute"
    assert abs(np.dot(found.axis, made.joint.axis)) > 0.996


def test_every_reason_and_circumstance_belongs_to_one_kind() -> None:
    owned = [name for kind in evidence.kinds.values() for name in kind.reasons]
    assert len(owned) == len(set(owned))
    assert {*owned, "constant"} == {*reasons.names, *circumstances.names}


def test_weights_never_reward_what_is_against_a_joint() -> None:
    for table in (weights.load().pulled.plain, weights.load().unpulled.plain):
        for name in weights.against_it:
            assert max(table[name]) <= 0.0, name
        for name in weights.for_it:
            assert min(table[name]) >= weights.least.get(name, 0.0), name


def test_weights_are_the_same_when_written_and_read() -> None:
    for pulled in (True, False):
        judge = weights.judge(pulled)
        assert weights.written(judge, weights.fitted(pulled).sure) == weights.fitted(pulled)


@pytest.mark.parametrize("pulled", [True, False])
def test_a_kind_adds_what_the_score_loses_without_it(pulled: bool) -> None:
    problem = shapes.door().problem()
    look, _ = explore(problem if pulled else replace(problem, drags=no_drags))
    judge = weights.judge(pulled)
    whole = judgement.score(look, judge)
    added = evidence.contributions(look)
    for name, kind in evidence.kinds.items():
        assert np.allclose(whole - judgement.score(look, judge, kind.reasons), added[name])
    assert not pulled or np.ptp(added["drag"]) > 1.0


def test_the_network_hears_what_reasons_say_together() -> None:
    """Two reasons that count only where one is there without the other."""
    size = len(judgement.inputs)
    inner = np.zeros((size, 1))
    inner[judgement.inputs.index("shut")], inner[judgement.inputs.index("jammed")] = 5.0, -5.0
    network = judgement.Network(np.zeros(size), np.ones(size), inner, np.zeros(1), np.ones(1))
    judge = judgement.Judge(np.zeros((2, len(reasons.names))), network)
    marks = np.zeros((3, len(reasons.names)))
    marks[0, reasons.names.index("shut")] = 1.0
    marks[1:, [reasons.names.index("shut"), reasons.names.index("jammed")]] = [[1, 1], [0, 1]]
    about = np.zeros(len(circumstances.names))
    score = judge(marks, np.ones(3, bool), about)
    assert score == pytest.approx([1.0, 0.0, -1.0], abs=1e-3)
    assert judge(marks, np.ones(3, bool), about, ("shut", "jammed")) == pytest.approx([0, 0, 0])


def test_words_outrank_the_shape() -> None:
    """The same plate on a block's face, called a button, a door and a drawer."""
    block = shapes.block([-0.5, -0.3, 0.0], [0.5, 0.3, 1.0])
    plate = shapes.block([-0.1, -0.33, 0.4], [0.1, -0.302, 0.6])
    part, body = shapes.solid(plate), shapes.solid(block)

    def asked(prompt: str) -> Joint:
        return articulate(Problem(part, body, no_drags, prompt)).joints[0]

    button, drawer = asked("press the button"), asked("pull out the drawer")
    assert button.type == drawer.type == "prismatic"
    assert button.axis[1] > 0.99  # in, though the block is solid
    assert drawer.axis[1] < -0.99
    assert asked("swing open the door").type == "revolute"


def test_what_is_left_out_proposes_and_says_nothing() -> None:
    problem = shapes.door().problem()
    boxes = ("part box", "core box", "contact box")
    joints = articulate(problem, without=(*boxes, "drag")).joints
    whole = articulate(problem).joints
    assert joints != whole
    names = {each.name for joint in whole for each in joint.evidence}
    assert "drag" in names
    assert all(name in evidence.kinds for name in names)


def test_confidence_is_shared_out_and_asks_where_it_is_low() -> None:
    close = sureness.confidence(np.array([1.0, 0.9, -3.0]), pulled=False)
    clear = sureness.confidence(np.array([9.0, 0.0, -3.0]), pulled=True)
    for told in (close, clear):
        assert list(told) == sorted(told, reverse=True)
        assert told.sum() <= 1.0 + 1e-9
    assert clear[0] > close[0]


def test_a_handle_is_what_stands_out_of_a_plate() -> None:
    leaf = shapes.block([0.0, 0.0, 0.0], [0.6, 0.02, 1.0])
    bar = shapes.block([0.5, -0.06, 0.3], [0.54, -0.03, 0.7])
    body = shapes.solid(shapes.block([0.0, 0.03, 0.0], [0.6, 0.6, 1.0]))
    with_bar = Scene(prepare(Problem(shapes.solid(leaf, bar), body), silent))
    points, way = with_bar.handle
    frame = with_bar.subject.frame
    assert frame.world(points).mean(axis=0)[0] == pytest.approx(0.52, abs=0.03)
    assert frame.world_direction(way)[1] < -0.99
    assert not len(Scene(prepare(Problem(shapes.solid(leaf), body), silent)).handle[0])


def test_places_of_contact_are_told_apart() -> None:
    generator = np.random.default_rng(0)
    here, there = generator.normal(size=(2, 40, 3)) * 0.003
    found = clusters(np.concatenate([here, there + np.array([1.0, 0.0, 0.0])]), 0.05)
    assert sorted(round(float(points[:, 0].mean())) for points in found) == [0, 1]
    assert "contact ends" in sources


def test_a_bail_turns_about_the_line_between_its_two_ends() -> None:
    """A hoop whose feet lie beside two lugs: nothing but the two places shows the axis."""
    arc = [
        [0.2 * np.cos(a), 0.2 * np.sin(a) * 0.02, 0.2 * np.sin(a)]
        for a in np.linspace(0, np.pi, 13)
    ]
    hoop = [shapes.rod(a, b, 0.006) for a, b in pairwise(arc)]
    lugs = [
        shapes.block([x - 0.004, -0.02, -0.05], [x + 0.004, 0.02, 0.012]) for x in (-0.212, 0.212)
    ]
    tub = shapes.block([-0.208, -0.18, -0.35], [0.208, 0.18, -0.02])
    made = shapes.Made(
        shapes.solid(*hoop),
        shapes.solid(tub, *lugs),
        shapes.true_joint("revolute", (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.5),
        np.array([0.0, 0.004, 0.2]),
        0.9,
    )
    found = articulate(made.problem()).joints[0]
    assert found.type == "revolute"
    assert shapes.angle(found, made.joint) < 3.0
    assert shapes.line_distance(found, made.joint) < 0.03 * made.diagonal
