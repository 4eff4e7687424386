from __future__ import annotations

import math

import msgspec
import pytest

from backend.metrics.joints import axis_error, line_distance, range_iou, reversible
from protocol.joint import Joint, JointType, Vector

up: Vector = (0.0, 0.0, 1.0)
down: Vector = (0.0, 0.0, -1.0)


def joint(
    kind: JointType = "revolute",
    axis: Vector = up,
    origin: Vector = (0.0, 0.0, 0.0),
    lower: float = 0.0,
    upper: float = 1.0,
) -> Joint:
    return Joint(type=kind, axis=axis, origin=origin, lower=lower, upper=upper)


@pytest.mark.parametrize(
    ("axis", "directed", "undirected"),
    [
        (up, 0.0, 0.0),
        (down, 180.0, 0.0),
        ((1.0, 0.0, 0.0), 90.0, 90.0),
        ((0.0, 0.6, 0.8), math.degrees(math.acos(0.8)), math.degrees(math.acos(0.8))),
        ((0.0, 0.6, -0.8), math.degrees(math.acos(-0.8)), math.degrees(math.acos(0.8))),
        ((1e-9, 0.0, 1.0), math.degrees(1e-9), math.degrees(1e-9)),
    ],
)
def test_axis_error_is_the_angle_between_the_axes(
    axis: Vector, directed: float, undirected: float
) -> None:
    found, true = joint(axis=axis), joint()
    assert axis_error(found, true) == pytest.approx(directed, rel=1e-6, abs=1e-12)
    assert axis_error(found, true, directed=False) == pytest.approx(undirected, rel=1e-6, abs=1e-12)


def test_line_distance_is_that_of_parallel_lines_wherever_their_origins_are() -> None:
    found = joint(axis=down, origin=(3.0, 4.0, 77.0))
    assert line_distance(found, joint(), near=(1.0, 1.0, 1.0)) == pytest.approx(5.0)


def test_lines_that_cross_far_from_the_part_are_not_close() -> None:
    """They meet at z = 10; at the part, around z = 0, they are 10 tan(45°) apart."""
    tilted = joint(axis=(math.sqrt(0.5), 0.0, math.sqrt(0.5)), origin=(0.0, 0.0, 10.0))
    assert line_distance(tilted, joint(), near=(-10.0, 0.0, 0.0)) == pytest.approx(10.0)
    assert line_distance(tilted, joint(), near=(0.0, 0.0, 10.0)) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("found", "true", "expected"),
    [
        (joint(upper=1.0), joint(upper=1.0), 1.0),
        (joint(upper=1.0), joint(upper=2.0), 0.5),
        (joint(lower=-1.0, upper=1.0), joint(lower=0.0, upper=2.0), 1.0 / 3.0),
        (joint(lower=2.0, upper=3.0), joint(upper=1.0), 0.0),
        (joint(axis=down, upper=1.0), joint(upper=1.0), 0.0),
        (joint(axis=down, lower=-1.0, upper=0.0), joint(upper=1.0), 1.0),
        (joint("prismatic"), joint("revolute"), 0.0),
        (joint("continuous", upper=2 * math.pi), joint("continuous", axis=down), 1.0),
        (joint("revolute", upper=math.pi), joint("continuous"), 0.5),
        (joint("continuous"), joint("revolute", lower=-1.0, upper=1.0), 1.0 / math.pi),
        (joint(upper=0.0), joint(upper=0.0), 1.0),
    ],
)
def test_range_iou(found: Joint, true: Joint, expected: float) -> None:
    assert range_iou(found, true) == pytest.approx(expected)
    assert range_iou(true, found) == pytest.approx(expected)


def test_only_wheels_and_swivels_are_the_same_both_ways() -> None:
    assert reversible(joint("continuous"))
    assert reversible(joint(lower=-0.7, upper=0.7))
    assert not reversible(joint())
    assert not reversible(joint("prismatic", lower=-0.1, upper=0.3))


def test_range_of_a_screw_is_its_angle() -> None:
    assert range_iou(joint("screw", upper=2.0), joint("screw", upper=4.0)) == pytest.approx(0.5)
    assert range_iou(joint("screw", upper=2.0), joint("prismatic", upper=2.0)) == 0.0


def test_range_of_a_cylindrical_joint_is_angle_and_shift() -> None:
    true = msgspec.structs.replace(joint("cylindrical", upper=2.0), slide=(0.0, 1.0))
    half = msgspec.structs.replace(true, slide=(0.0, 0.5))
    turned_round = msgspec.structs.replace(
        true, axis=down, lower=-2.0, upper=0.0, slide=(-1.0, 0.0)
    )
    assert range_iou(half, true) == pytest.approx(0.5)
    assert range_iou(turned_round, true) == pytest.approx(1.0)


def test_fixed_joints_are_alike_and_like_no_other() -> None:
    assert range_iou(joint("fixed", upper=0.0), joint("fixed", upper=0.0)) == 1.0
    assert range_iou(joint("fixed", upper=0.0), joint()) == 0.0
