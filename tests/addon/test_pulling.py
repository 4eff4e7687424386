"""Where a pulled point goes."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pulling: Any = importlib.import_module("tug.core.pulling")

numbers = st.floats(-5.0, 5.0, allow_nan=False).map(lambda value: round(value, 3))
points = st.tuples(numbers, numbers, numbers).map(np.array)
directions = points.filter(lambda v: np.linalg.norm(v) > 0.1).map(lambda v: v / np.linalg.norm(v))
few = settings(max_examples=100, deadline=None)
origin = np.zeros(3)
up = np.array((0.0, 0.0, 1.0))
down = np.array((0.0, 0.0, -1.0))


@st.composite
def views(draw):
    """A viewer, and two rays of one view: of a perspective from one point, or parallel ones."""
    forward, eye = draw(directions), draw(points)
    rays = []
    for _ in range(2):
        aside = draw(points)
        aside = aside - forward * (aside @ forward)
        if draw(st.shared(st.booleans(), key="perspective")):
            way = forward + 0.15 * aside
            rays.append(pulling.Ray(eye, way / np.linalg.norm(way)))
        else:
            rays.append(pulling.Ray(eye + aside, forward))
    return forward, *rays


def gap(ray, point):
    """How far a point is from where the mouse points."""
    return np.linalg.norm(np.cross(point - ray.origin, ray.direction))


@few
@given(views(), st.floats(0.5, 20.0))
def test_a_point_in_the_view_plane_is_under_the_mouse_and_as_deep_as_the_start(view, depth):
    forward, press, ray = view
    start = press.origin + press.direction * depth / (press.direction @ forward)
    found = pulling.on_plane(ray, start, forward)
    assert found is not None and gap(ray, found) < 1e-6 * (1.0 + np.linalg.norm(found))
    assert (found - start) @ forward == pytest.approx(0.0, abs=1e-6)


@few
@given(views(), points, directions)
def test_a_point_on_a_line_is_the_one_nearest_to_the_mouse(view, through, line):
    _, ray, _ = view
    assume(np.linalg.norm(np.cross(ray.direction, line)) > 0.1)
    found = pulling.on_line(ray, through, line)
    if found is None:
        return
    assert np.linalg.norm(np.cross(found - through, line)) < 1e-6
    assert (found - ray.origin) @ ray.direction > -1e-6
    for other in (found + 0.01 * line, found - 0.01 * line):
        assert gap(ray, found) <= gap(ray, other) + 1e-9


@few
@given(points, directions)
def test_a_line_that_points_at_the_viewer_says_nothing(through, line):
    for sign in (1.0, -1.0):
        assert pulling.on_line(pulling.Ray(origin, sign * line), through, line) is None


@few
@given(points, directions)
def test_a_plane_seen_from_its_edge_says_nothing(through, normal):
    along = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    ray = pulling.Ray(origin, along / np.linalg.norm(along))
    assert pulling.on_plane(ray, through, normal) is None


def test_what_is_behind_the_viewer_says_nothing():
    ray = pulling.Ray(origin, up)
    assert pulling.on_plane(ray, (0, 0, -1), up) is None
    assert pulling.on_line(ray, (0, 3, -1), np.array((1.0, 0.0, 0.0))) is None
    assert pulling.on_line(ray, (0, 3, 1), np.array((1.0, 0.0, 0.0))) == pytest.approx((0, 3, 1))


def test_pressing_an_axis_again_takes_the_objects_own_and_then_none():
    held = pulling.Constraint()
    said = []
    for key in "XXXNNNYZZ":
        held = held.pressed(key)
        said.append(held.words)
    assert said == [
        "along global X",
        "along local X",
        "",
        "along the surface normal",
        "",
        "along the surface normal",
        "along global Y",
        "along global Z",
        "along local Z",
    ]


def pull(**more):
    return pulling.Pull(origin, origin, np.array((0.6, 0.0, 0.8)), level=origin, **more)


def seen_from_above(x, y):
    return pulling.Ray(np.array((x, y, 10.0)), down)


def test_a_free_point_follows_the_mouse_in_the_view_plane():
    point = pull()
    assert point.nowhere
    assert point.follow(seen_from_above(2.0, 1.0), down)
    assert point.place == pytest.approx((2, 1, 0)) and point.length == pytest.approx(5**0.5)


def test_a_held_point_stays_on_its_line():
    turned = np.array([(0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)])
    point = pull(local=turned)
    places = {}
    for key in "XXYYN":
        point.hold(key)
        point.follow(seen_from_above(2.0, 1.0), down)
        places[point.constraint.words] = point.place
    assert places["along global X"] == pytest.approx((2, 0, 0))
    assert places["along local X"] == pytest.approx((0, 1, 0))
    assert places["along global Y"] == pytest.approx((0, 1, 0))
    assert places["along local Y"] == pytest.approx((2, 0, 0))
    x, y, z = places["along the surface normal"]
    assert y == 0.0 and (x, z) == pytest.approx((2.0, 2.0 * 0.8 / 0.6))


def test_a_point_stays_where_it_was_while_its_line_points_at_the_viewer():
    point = pull()
    point.follow(seen_from_above(2.0, 1.0), down)
    point.hold("Z")
    assert not point.follow(seen_from_above(5.0, 5.0), down)
    assert point.place == pytest.approx((2, 1, 0))
    point.settle(0.5)
    assert point.place == pytest.approx((0, 0, 0.5))


@few
@given(points, st.floats(0.01, 9.0))
def test_what_is_typed_is_how_long_it_is_whatever_the_mouse_does(mouse, typed):
    for keys in ("", "X", "YY", "N"):
        point = pull()
        for key in keys:
            point.hold(key)
        point.follow(seen_from_above(mouse[0], mouse[1]), down)
        aimed = point.place
        point.settle(typed)
        assert point.length == pytest.approx(typed)
        assert (point.place - origin) @ aimed >= -1e-9
        forth = point.place
        point.settle(-typed)
        assert point.place == pytest.approx(-forth)
        point.settle()
        assert point.place == pytest.approx(aimed)


def test_a_free_point_goes_to_what_it_snaps_to_and_a_held_one_in_steps():
    point = pull()
    point.follow(seen_from_above(2.0, 1.0), down, snap=(1.0, 1.0, 1.0), step=0.5)
    assert point.place == pytest.approx((1, 1, 1))
    point.hold("X")
    point.follow(seen_from_above(2.2, 1.0), down, step=0.5)
    assert point.place == pytest.approx((2, 0, 0))
    point.follow(seen_from_above(-0.8, 1.0), down, step=0.5)
    assert point.place == pytest.approx((-1, 0, 0))


def test_a_point_without_a_level_goes_only_to_surfaces():
    point = pulling.Pull(origin, origin, up)
    assert not point.follow(seen_from_above(2.0, 1.0), down)
    assert point.nowhere
    assert point.follow(seen_from_above(2.0, 1.0), down, snap=(2.0, 1.0, 0.3))
    assert point.place == pytest.approx((2, 1, 0.3))


def test_the_nearest_place_within_reach_is_snapped_to():
    places = [(0.0, 0.0), (10.0, 0.0), (np.nan, np.nan)]
    assert pulling.nearest(places, (7.0, 0.0), 5.0) == 1
    assert pulling.nearest(places, (5.0, 9.0), 5.0) is None
    assert pulling.nearest([], (0.0, 0.0), 5.0) is None
    assert pulling.nearest([(np.nan, np.nan)], (0.0, 0.0), 5.0) is None


def test_the_normal_of_the_side_that_is_seen():
    ray = pulling.Ray(origin, down)
    assert pulling.towards_viewer(up, ray) == pytest.approx(up)
    assert pulling.towards_viewer(down, ray) == pytest.approx(up)


@pytest.mark.parametrize(
    ("start", "end", "none"),
    [
        ((0, 0, 0), (0, 0, 0), True),
        ((1000, 0, 0), (1000, 0, 0.0001), True),
        ((0, 0, 0), (0, 0, 0.001), False),
        ((0, 0, 0), (0, 0, np.nan), True),
    ],
)
def test_what_is_too_short_to_be_a_drag(start, end, none):
    assert pulling.is_nothing(start, end) == none
