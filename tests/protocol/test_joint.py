"""What a joint's numbers mean."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from protocol.joint import Joint, JointType, flipped, motion

coordinate = st.floats(-10, 10)
vectors = st.tuples(coordinate, coordinate, coordinate)
values = st.floats(-6, 6)


every_type: tuple[JointType, ...] = get_args(JointType)


@st.composite
def joints(draw: st.DrawFn, kinds: tuple[JointType, ...] = every_type) -> Joint:
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
        pitch=draw(values),
        slide=(min(shifts := (draw(values), draw(values))), max(shifts)),
    )


@given(joints(), values, values, values, values)
def test_motions_add_up_and_stay_rigid(joint: Joint, first, second, slide, more) -> None:
    both = motion(joint, first, slide) @ motion(joint, second, more)
    np.testing.assert_allclose(both, motion(joint, first + second, slide + more), atol=1e-9)
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


@given(joints(), values)
def test_motion_backwards_undoes_motion(joint: Joint, value: float) -> None:
    back = motion(joint, -value, 0.3) @ motion(joint, value, -0.3)
    np.testing.assert_allclose(back, np.eye(4), atol=1e-9)


@given(joints(("screw",)), coordinate)
def test_a_full_turn_of_a_screw_moves_it_by_its_pitch(joint: Joint, along: float) -> None:
    point = np.asarray(joint.origin) + along * np.asarray(joint.axis)
    moved = motion(joint, math.tau) @ [*point, 1.0]
    wanted = point + joint.pitch * np.asarray(joint.axis)
    np.testing.assert_allclose(moved[:3], wanted, atol=1e-8)
    np.testing.assert_allclose(motion(joint, math.tau)[:3, :3], np.eye(3), atol=1e-9)


@given(joints(("screw",)), values)
def test_a_screw_of_no_pitch_is_a_hinge(joint: Joint, value: float) -> None:
    flat = structs.replace(joint, pitch=0.0)
    hinge = structs.replace(flat, type="revolute")
    np.testing.assert_array_equal(motion(flat, value), motion(hinge, value))


@given(joints(("cylindrical",)), values, values)
def test_a_cylindrical_joint_slides_and_turns_in_any_order(joint: Joint, value, slide) -> None:
    turn, shift = motion(joint, value), motion(joint, 0.0, slide)
    np.testing.assert_allclose(turn @ shift, motion(joint, value, slide), atol=1e-9)
    np.testing.assert_allclose(shift @ turn, motion(joint, value, slide), atol=1e-9)
    np.testing.assert_allclose(shift[:3, 3], slide * np.asarray(joint.axis), atol=1e-12)


@given(joints(tuple(kind for kind in every_type if kind != "cylindrical")), values, values)
def test_only_a_cylindrical_joint_looks_at_the_slide(joint: Joint, value, slide) -> None:
    np.testing.assert_array_equal(motion(joint, value, slide), motion(joint, value))


@given(joints(("fixed",)), values)
def test_a_fixed_joint_never_moves(joint: Joint, value: float) -> None:
    np.testing.assert_array_equal(motion(joint, value), np.eye(4))


@given(joints(), values, values)
def test_a_flipped_joint_moves_the_same_way_by_values_of_the_other_sign(
    joint: Joint, value: float, slide: float
) -> None:
    back = flipped(joint)
    np.testing.assert_allclose(motion(back, -value, -slide), motion(joint, value, slide), atol=1e-9)
    assert (back.lower, back.upper) == (-joint.upper, -joint.lower)
    assert back.slide == (-joint.slide[1], -joint.slide[0])
    assert flipped(back) == joint
