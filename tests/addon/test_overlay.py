"""What is drawn shows what the joint does."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

overlay: Any = importlib.import_module("tug.core.overlay")
joint: Any = importlib.import_module("tug.protocol.joint")

numbers = st.floats(-5.0, 5.0, allow_nan=False)
points = st.tuples(numbers, numbers, numbers)


def unit(vector):
    return tuple(np.asarray(vector) / np.linalg.norm(vector))


axes = points.filter(lambda v: np.linalg.norm(v) > 0.1).map(unit)


@st.composite
def joints(draw, kinds=("revolute", "prismatic", "continuous", "screw", "cylindrical")):
    kind = draw(st.sampled_from(kinds))
    upper = math.tau if kind == "continuous" else draw(st.floats(0.1, 3.0))
    return joint.Joint(
        type=kind,
        axis=draw(axes),
        origin=draw(points),
        lower=draw(st.floats(-1, 0)),
        upper=upper,
        pitch=draw(st.floats(-2.0, 2.0)),
        slide=(draw(st.floats(-1.0, 0.0)), draw(st.floats(0.0, 1.0))),
    )


few = settings(max_examples=60, deadline=None)


@few
@given(joints(), points, st.floats(0.0, 4.0))
def test_every_glyph_is_finite_and_has_all_its_lines(any_joint, centre, size):
    glyph = overlay.joint_glyph(any_joint, centre, size, any_joint.upper)
    for name in ("axis", "arrow", "limits", "pointer"):
        lines = getattr(glyph, name)
        assert lines.shape[1:] == (2, 3) and len(lines) > 0
        assert np.isfinite(lines).all() and lines.dtype == np.float32
    assert np.isfinite(glyph.range).all()


@few
@given(joints(), points)
def test_the_axis_line_runs_through_the_origin_along_the_axis(any_joint, centre):
    a, b = overlay.joint_glyph(any_joint, centre, 1.0).axis[0].astype(float)
    assert np.allclose((a + b) / 2.0, any_joint.origin, atol=1e-4)
    assert np.allclose((b - a) / np.linalg.norm(b - a), any_joint.axis, atol=1e-4)


@few
@given(joints(kinds=("screw",)), points)
def test_a_screw_has_an_arrow_along_its_axis_as_long_as_it_climbs(screw, centre):
    turns = (screw.lower / math.tau, screw.upper / math.tau)
    arrows = overlay.joint_glyph(screw, centre, 1.0).arrow.astype(float)
    shaft = [np.asarray(centre) + turn * screw.pitch * np.asarray(screw.axis) for turn in turns]
    assert np.abs(arrows - shaft).max(axis=(1, 2)).min() < 1e-4


@few
@given(points, st.floats(0.1, 4.0))
def test_what_does_not_move_has_a_small_mark_at_its_middle(centre, size):
    fixed = joint.Joint(type="fixed", axis=(0, 0, 1), origin=(9, 9, 9), lower=0.0, upper=0.0)
    glyph = overlay.joint_glyph(fixed, centre, size)
    assert np.abs(glyph.axis - np.asarray(centre)).max() < 0.1 * size
    for name in ("arrow", "limits", "pointer", "range"):
        assert len(getattr(glyph, name)) == 0


@few
@given(joints(kinds=("revolute",)), points)
def test_the_rim_of_a_hinge_goes_from_its_lower_to_its_upper_pose(hinge, centre):
    zero = overlay.joint_glyph(hinge, centre, 1.0, 0.0).pointer[0, 1]
    rim = overlay.joint_glyph(hinge, centre, 1.0).range[:, 1:].astype(float)
    assert np.allclose(rim[0, 0], overlay.moved(zero, hinge, hinge.lower), atol=1e-3)
    assert np.allclose(rim[-1, 1], overlay.moved(zero, hinge, hinge.upper), atol=1e-3)


@few
@given(joints(kinds=("revolute", "prismatic", "screw")), points)
def test_the_pointer_moves_as_the_part_does(any_joint, centre):
    middle = [
        overlay.joint_glyph(any_joint, centre, 1.0, value).pointer[0].astype(float)
        for value in (0.0, any_joint.upper)
    ]
    assert np.allclose(overlay.moved(middle[0], any_joint, any_joint.upper), middle[1], atol=1e-3)


@few
@given(joints(kinds=("revolute", "prismatic", "cylindrical")), points)
def test_a_flip_turns_axis_and_arrow_round_and_leaves_the_range(any_joint, centre):
    """What moves to the same places looks the same but for where it points."""
    one = overlay.joint_glyph(any_joint, centre, 1.0)
    other = overlay.joint_glyph(joint.flipped(any_joint), centre, 1.0)
    assert np.allclose(one.axis[0], other.axis[0, ::-1], atol=1e-3)
    assert np.allclose(one.ends, other.ends[::-1], atol=1e-2)
    if any_joint.type == "prismatic":
        assert np.allclose(one.arrow[0], other.arrow[0, ::-1], atol=1e-3)
    assert np.allclose(one.origin, [any_joint.origin], atol=1e-5)


def test_pixels_of_what_is_in_front_and_behind():
    matrix = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, -1, 0]], float)
    seen = overlay.projected([(0, 0, -2), (1, -1, -2), (0, 0, 3)], matrix, 200, 100)
    assert np.allclose(seen[:2], [(100, 50), (150, 25)]) and np.isnan(seen[2]).all()
    assert overlay.box_on_screen(seen, 5.0) == (95.0, 20.0, 155.0, 55.0)
    assert overlay.box_on_screen(seen[2:], 5.0) is None


def test_the_arrow_of_a_slider_ends_where_the_part_can_go():
    slider = joint.Joint(type="prismatic", axis=(0, -1, 0), origin=(0, 0, 0), lower=0, upper=0.4)
    glyph = overlay.joint_glyph(slider, (1.0, 2.0, 3.0), 1.0)
    assert np.allclose(glyph.arrow[0], [(1, 2, 3), (1, 1.6, 3)])
    assert len(glyph.range) == 0


def test_a_wheel_is_drawn_as_one_full_turn():
    wheel = joint.Joint(type="continuous", axis=(0, 0, 1), origin=(0, 0, 0), lower=-9.0, upper=9.0)
    rim = overlay.joint_glyph(wheel, (1, 0, 0), 1.0).range
    assert np.allclose(rim[0, 1], rim[-1, 2], atol=1e-5)


def test_a_part_centred_on_its_axis_still_gets_a_wedge():
    wheel = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1)
    glyph = overlay.joint_glyph(wheel, (0, 0, 0), 2.0)
    assert np.linalg.norm(glyph.range[0, 1]) == pytest.approx(0.5)


@few
@given(points, points, st.floats(0.01, 10.0))
def test_a_drag_is_an_arrow_that_ends_in_a_cone(start, end, head):
    arrow = overlay.drag_arrow(start, end, head)
    length = np.linalg.norm(np.subtract(end, start))
    if not length:
        assert arrow.shaft.shape == (0, 2, 3) and arrow.head.shape == (0, 3, 3)
        return
    assert np.isfinite(arrow.shaft).all() and np.isfinite(arrow.head).all()
    assert np.allclose(arrow.shaft[0, 0], start, atol=1e-5)
    gaps = np.linalg.norm(arrow.head - np.asarray(end), axis=2)
    assert gaps.min() < 1e-5 and gaps.max() < 1.1 * min(head, length / 3.0) + 1e-5


cube_corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
cube_faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])


def test_feature_edges_of_a_cube_are_its_twelve_edges():
    edges = overlay.feature_edges(cube_corners, cube_faces)
    lengths = np.linalg.norm(np.diff(cube_corners[edges], axis=1)[:, 0], axis=1)
    assert len(edges) == 12 and np.allclose(lengths, 1.0)


def test_feature_edges_of_a_flat_sheet_are_its_border():
    vertices = np.array([(x, y, 0) for x in range(4) for y in range(4)], float)
    faces = [
        t
        for x in range(3)
        for y in range(3)
        for a in [4 * x + y]
        for t in ((a, a + 4, a + 5), (a, a + 5, a + 1))
    ]
    assert len(overlay.feature_edges(vertices, faces)) == 12


def test_feature_edges_survive_shapes_without_faces_and_flat_triangles():
    assert overlay.feature_edges(np.zeros((0, 3)), np.zeros((0, 3), int)).shape == (0, 2)
    assert overlay.feature_edges(np.zeros((3, 3)), [(0, 1, 2), (0, 0, 0)]).shape[1] == 2


def test_feature_edges_are_thinned_when_there_are_very_many():
    count = 3 * overlay.most_edges
    vertices = np.random.default_rng(1).random((count, 3))
    edges = overlay.feature_edges(vertices, np.arange(count).reshape(-1, 3))
    assert 0 < len(edges) <= overlay.most_edges
