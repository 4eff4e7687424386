from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from backend.articulation.problem import silent
from backend.assembly import twins
from backend.assembly.tree import parents
from backend.assembly.twins import Relation
from backend.assembly.whole import Whole
from protocol.joint import Joint, motion
from protocol.tasks import every_type
from tests.backend.articulation.shapes import block, solid
from tests.backend.assembly.objects import (
    castors,
    drawers,
    lamp,
    listed,
    moved,
    sideboard,
    whole,
)


def triple(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = vector.tolist()
    return (x, y, z)


@st.composite
def relations(draw: st.DrawFn) -> Relation:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    matrix = Rotation.random(rng=rng).as_matrix()
    if draw(st.booleans()):
        matrix = matrix @ np.diag([1.0, 1.0, -1.0])
    return Relation(matrix, rng.normal(size=3))


@st.composite
def joints(draw: st.DrawFn) -> Joint:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    axis = rng.normal(size=3)
    low, high = sorted(rng.normal(size=2).tolist())
    return Joint(
        type=draw(st.sampled_from(every_type)),
        axis=triple(axis / np.linalg.norm(axis)),
        origin=triple(rng.normal(size=3)),
        lower=-1.0,
        upper=2.0,
        pitch=float(rng.normal()),
        slide=(low, high),
    )


@given(relations(), joints(), st.floats(-2.0, 2.0), st.floats(-1.0, 1.0))
@settings(max_examples=80, deadline=None)
def test_the_twin_moves_as_the_image_of_the_part(
    way: Relation, joint: Joint, value: float, slide: float
) -> None:
    """Moving and then going over to the twin is going over and then moving the twin."""
    points = np.random.default_rng(0).normal(size=(5, 3))
    image = way.joint(joint)
    # A mirrored slide runs the other way along the mirrored turn's axis.
    turned = np.linalg.det(way.matrix) < 0.0
    first = motion(joint, value, slide)
    then = motion(image, value, -slide if turned else slide)
    expected = way.points(points @ first[:3, :3].T + first[:3, 3])
    assert way.points(points) @ then[:3, :3].T + then[:3, 3] == pytest.approx(expected, abs=1e-9)
    ends = [-joint.slide[1], -joint.slide[0]] if turned else list(joint.slide)
    if joint.type == "cylindrical":
        assert list(image.slide) == pytest.approx(ends)


@given(relations(), joints())
@settings(max_examples=40, deadline=None)
def test_there_and_back_is_the_same_joint(way: Relation, joint: Joint) -> None:
    again = way.inverse().joint(way.joint(joint))
    assert again.axis == pytest.approx(joint.axis)
    assert again.origin == pytest.approx(joint.origin)
    assert again.pitch == pytest.approx(joint.pitch)


def groups(item: Whole) -> list[set[str]]:
    parent, _ = parents(item, silent)
    found = twins.find(item, parent, silent)
    return [{item.marks[k].name for k in group.members} for group in found]


expected = {
    "sideboard": (sideboard(), [{"left door", "right door"}, {"left handle", "right handle"}]),
    "castors": (castors(), [{"front fork", "back fork"}, {"front wheel", "back wheel"}]),
    "lamp": (lamp(), []),
    "drawers": (drawers(3), [{"drawer 1", "drawer 2", "drawer 3"}]),
}


@pytest.mark.parametrize("name", expected)
def test_parts_of_one_shape_are_found(name: str) -> None:
    item, wanted = expected[name]
    found = groups(item)
    assert len(found) == len(wanted) and all(group in found for group in wanted)


@pytest.mark.parametrize("name", expected)
def test_they_are_found_wherever_the_object_stands_and_however_it_is_listed(name: str) -> None:
    item, wanted = expected[name]
    rng = np.random.default_rng(5)
    turn = Rotation.random(rng=rng).as_matrix() @ np.diag([-1.0, 1.0, 1.0]) * 250.0
    order = rng.permutation(len(item.marks)).tolist()
    found = groups(listed(moved(item, turn, [1e4, 0.0, 0.0]), order))
    assert len(found) == len(wanted) and all(group in found for group in wanted)


def ways(item: Whole) -> tuple[Relation, ...]:
    parent, _ = parents(item, silent)
    (group,) = twins.find(item, parent, silent)
    assert len(group.members) == 2
    return group.ways[1]


def test_mirrored_doors_are_mirror_images_and_nothing_else() -> None:
    item = sideboard()
    parent, _ = parents(item, silent)
    doors = twins.find(item, parent, silent)[0]
    left = item.side([doors.members[0], 2])
    assert all(np.linalg.det(way.matrix) < 0.0 for way in doors.ways[1])
    there = doors.ways[1][0].points(item.side([doors.members[1], 3]).vertices)
    assert sorted(map(tuple, there.round(6))) == sorted(map(tuple, left.vertices.round(6)))


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_handed_shape_has_the_one_relation_that_fits(mirrored: bool) -> None:
    """Three arms of different lengths: no turn makes a left one of a right one."""
    arms = [
        block([0, 0, 0.1], [0.3, 0.02, 0.12]),
        block([0, 0.02, 0.1], [0.02, 0.2, 0.12]),
        block([0, 0, 0.12], [0.02, 0.02, 0.2]),
    ]
    one = solid(*arms)
    other = solid(*(arm.copy() for arm in arms))
    if mirrored:
        other.vertices[:, 0] *= -1.0
    other.vertices[:, 0] += 1.0 if mirrored else 0.6
    item = whole(solid(block([-0.2, -0.2, 0], [1.2, 0.4, 0.1])), {"one": one, "other": other})
    found = ways(item)
    assert {bool(np.linalg.det(way.matrix) < 0.0) for way in found} == {mirrored}


def test_where_shapes_allow_much_the_surroundings_decide() -> None:
    """Plain plates at the two ends of a frame: each has its wall on the outer side."""
    frame = solid(
        block([-0.52, 0, 0], [-0.5, 0.3, 0.6]),
        block([0.5, 0, 0], [0.52, 0.3, 0.6]),
        block([-0.5, 0.28, 0], [0.5, 0.3, 0.6]),
    )
    plates = {
        "left": solid(block([-0.498, 0, 0], [-0.05, 0.02, 0.6])),
        "right": solid(block([0.05, 0, 0], [0.498, 0.02, 0.6])),
    }
    for way in ways(whole(frame, plates)):
        wall_of_right = np.array([[0.5, 0.1, 0.3]])
        assert way.points(wall_of_right)[0, 0] == pytest.approx(-0.5, abs=0.01)


def test_unlike_parts_are_no_twins() -> None:
    body = solid(block([0, 0, 0], [1, 1, 0.1]))
    parts = {
        "wide": solid(block([0, 0, 0.1], [0.4, 0.2, 0.2])),
        "narrow": solid(block([0.5, 0, 0.1], [0.88, 0.2, 0.2])),
    }
    assert groups(whole(body, parts)) == []
