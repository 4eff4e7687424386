"""What a joint's numbers mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.joint import Joint, JointType, motion

coordinate = st.floats(-10, 10)
vectors = st.tuples(coordinate, coordinate, coordinate)
values = st.floats(-6, 6)


@st.composite
def joints(draw: st.DrawFn, kinds: tuple[JointType, ...] = ("revolute", "prismatic")) -> Joint:
    axis = np.array(draw(vectors))
    assume(np.linalg.norm(axis) > 0.1)
    x, y, z = (axis / np.linalg.norm(axis)).tolist()
    lower, upper = sorted((draw(values), draw(values)))
    return Joint(
        type=draw(st.sampled_from(kinds)),
        axis=(x, y, z),
        origin=draw(vectors),
        lower=lower,
        upper=upper,
    )


@given(joints(), values, values)
def test_motions_add_up_and_stay_rigid(joint: Joint, first: float, second: float) -> None:
    both = motion(joint, first) @ motion(joint, second)
    np.testing.assert_allclose(both, motion(joint, first + second), atol=1e-9)
    turn = both[:3, :3]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)


@given(joints(("revolute", "continuous")), values, coordinate)
def test_the_axis_of_a_hinge_stays_where_it_is(joint: Joint, value: float, along: float) -> None:
    point = np.asarray(joint.origin) + along * np.asarray(joint.axis)
    moved = motion(joint, value) @ [*point, 1.0]
    np.testing.assert_allclose(moved[:3], point, atol=1e-8)


@given(joints(("prismatic",)), values, vectors)
def test_a_slider_moves_every_point_along_its_axis(joint: Joint, value: float, point) -> None:
    moved = motion(joint, value) @ [*point, 1.0]
    np.testing.assert_allclose(moved[:3] - point, value * np.asarray(joint.axis), atol=1e-9)


def test_positive_turns_are_counter_clockwise_seen_from_the_tip() -> None:
    joint = Joint(type="revolute", axis=(0, 0, 1), origin=(1, 0, 0), lower=0, upper=1)
    moved = motion(joint, math.pi / 2) @ [2, 0, 0, 1]
    np.testing.assert_allclose(moved, [1, 1, 0, 1], atol=1e-12)
