"""Ways by arc length, against curves that are known by formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.motion.way import Way
from protocol.errors import TugError


def angle(a: np.ndarray, b: np.ndarray) -> float:
    cross = np.linalg.norm(np.cross(a, b), axis=1)
    return float(np.degrees(np.arctan2(cross, (a * b).sum(axis=1))).max())


@given(
    radius=st.floats(1e-3, 1e5),
    count=st.integers(48, 400),
    share=st.floats(0.1, 1.0),
    place=st.floats(-1e3, 1e3),
)
@settings(max_examples=40, deadline=None)
def test_an_arc_of_any_size_is_exact(radius, count, share, place):
    turn = np.linspace(0.0, 2.0 * np.pi * share, count)
    centre = place * radius * np.array([1.0, -0.5, 0.2])
    way = Way(centre + radius * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1))
    assert way.length == pytest.approx(radius * turn[-1], rel=1e-4)
    along = np.linspace(0.0, way.length, 50)
    a = along / radius
    true = np.stack([-np.sin(a), np.cos(a), 0 * a], axis=1)
    assert angle(way.tangents(along), true) < 0.1
    assert not len(way.corners)


@given(
    points=st.lists(
        st.tuples(*[st.floats(-10, 10, allow_subnormal=False)] * 3), min_size=2, max_size=20
    ),
    closed=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_any_points_give_a_way_through_them_or_a_sentence(points, closed):
    try:
        way = Way(points, closed=closed)
    except TugError as problem:
        assert problem.error.code == "bad_input"
        return
    along = np.linspace(0.0, way.length, 300)
    there = way.at(along)
    assert np.isfinite(there).all()
    steps = np.linalg.norm(np.diff(there, axis=0), axis=1)
    assert steps.max() <= way.length / 299 * (1 + 1e-3) + 1e-9  # a chord is no longer than its arc
    np.testing.assert_allclose(np.linalg.norm(way.tangents(along), axis=1), 1.0, atol=1e-9)
    np.testing.assert_allclose(there[0], points[0], atol=1e-5)
    np.testing.assert_allclose(there[-1], points[0 if closed else -1], atol=1e-4)


def test_equal_lengths_take_equal_time_however_points_lie():
    u = np.linspace(0.0, 1.0, 300) ** 2  # far denser at the start
    way = Way(np.stack([np.sin(2 * u), np.cos(2 * u), u], axis=1))
    steps = np.linalg.norm(np.diff(way.at(np.linspace(0, way.length, 200)), axis=0), axis=1)
    assert np.ptp(steps) / steps.mean() < 1e-3


def test_repeated_points_and_pieces_without_length_do_not_count():
    turn = np.linspace(0, 2, 80)
    points = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    plain, doubled = Way(points), Way(np.repeat(points, 3, axis=0))
    assert doubled.length == pytest.approx(plain.length)
    assert not len(doubled.corners)


def test_corners_of_a_square_that_starts_on_an_edge():
    points = np.array([[0.5, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
    way = Way(points, closed=True)
    np.testing.assert_allclose(way.corners, [0.5, 1.5, 2.5, 3.5])
    np.testing.assert_allclose(np.degrees(way.turns), 90.0)
    np.testing.assert_allclose(way.at([0.0, 0.25, 1.0, 4.0])[:, 0], [0.5, 0.75, 1.0, 0.5])


def test_a_cusp_is_one_corner_of_half_a_turn():
    t = np.linspace(-1, 1, 201)
    way = Way(np.stack([t**2, t**3, 0 * t], axis=1))
    assert len(way.corners) == 1
    assert np.degrees(way.turns[0]) > 175
    np.testing.assert_allclose(way.at(way.corners)[0], 0.0, atol=1e-9)


def test_a_long_straight_beside_a_dense_bend_stays_straight():
    turn = np.linspace(0, np.pi / 2, 60)
    bend = np.stack([np.sin(turn), 1 - np.cos(turn), 0 * turn], axis=1)
    way = Way(np.concatenate([[[-10, 0, 0]], bend, [[1, 6, 0]]]))
    assert np.abs(way.at(np.linspace(0, 10, 200))[:, 1]).max() < 1e-3


def test_tilt_goes_along():
    way = Way([[0, 0, 0], [1, 0, 0], [3, 0, 0]], tilt=[0.0, 1.0, 3.0])
    np.testing.assert_allclose(way.tilt([0.5, 2.0]), [0.5, 2.0])


@pytest.mark.parametrize(
    ("points", "word"),
    [
        ([[0, 0, 0]], "two points"),
        ([[1, 1, 1]] * 5, "no length"),
        ([[0, 0, 0], [np.nan, 0, 0]], "NaN"),
        ([[0, 0], [1, 1]], "two points"),
    ],
)
def test_what_is_no_way_is_said_in_words(points, word):
    with pytest.raises(TugError, match=word):
        Way(points)
