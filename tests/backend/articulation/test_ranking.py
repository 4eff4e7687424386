from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from backend.articulation import evidence, pulls, reasons, sureness, weights
from backend.articulation.engine import articulate, explore
from backend.articulation.hypotheses import clusters, sources
from backend.articulation.problem import Problem, no_drags
from backend.geometry.surface import Motions
from protocol.joint import motion
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


def test_every_reason_has_weights_and_belongs_to_at_most_one_kind() -> None:
    table = weights.load()
    assert set(table.pulled) == set(table.unpulled) == set(reasons.names)
    owned = [name for kind in evidence.kinds.values() for name in kind.reasons]
    assert len(owned) == len(set(owned))
    assert set(owned) | {"constant"} == set(reasons.names)


def test_weights_never_reward_what_is_against_a_joint() -> None:
    for table in (weights.load().pulled, weights.load().unpulled):
        for name in reasons.against_it:
            assert max(table[name]) <= 0.0, name
        for name in reasons.for_it:
            assert min(table[name]) >= 0.0, name


def test_contributions_add_up_to_the_score() -> None:
    look, score = explore(shapes.drawer().problem())
    added = sum(evidence.contributions(look).values())
    constant = reasons.features(look) @ weights.of(
        True, frozenset(name for name in reasons.names if name != "constant")
    )
    strayed = weights.straying * look.found.strayed**2
    assert np.allclose(added + constant + strayed, score)


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
