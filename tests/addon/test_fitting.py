"""Freehand strokes become Bezier splines with few control points."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

fitting: Any = importlib.import_module("tug.core.fitting")
strokes: Any = importlib.import_module("tug.core.strokes")
splines: Any = importlib.import_module("tug.core.splines")
errors: Any = importlib.import_module("tug.protocol.errors")

turn = np.linspace(0.0, 2.0 * np.pi, 200)
circle = np.stack([np.cos(turn), np.sin(turn), 0.0 * turn], axis=1)
coordinates = st.floats(-100.0, 100.0)
points = st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=2, max_size=40)
drawn = points.map(np.array).filter(lambda p: strokes.extent(p) > 1e-3)


def along(bezier, spacing=None):
    """Dense points along a spline."""
    found = splines.along_bezier(bezier.knots, bezier.left, bezier.right, bezier.closed)
    return strokes.resampled(found, spacing or strokes.extent(found) / 4000.0)


def straying(bezier, stroke):
    """How far the samples of a stroke are from a spline, as a share of the stroke's size."""
    return KDTree(along(bezier)).query(stroke)[0].max() / strokes.extent(stroke)


@given(drawn, st.sampled_from([0.002, 0.01, 0.05]))
@settings(deadline=None, max_examples=80)
def test_a_fit_stays_within_its_tolerance_and_meets_the_ends(stroke, tolerance):
    bezier = fitting.fit(stroke, tolerance)
    assert straying(bezier, stroke) <= tolerance * 1.02
    dense = strokes.resampled(stroke, strokes.extent(stroke) / 1000.0)
    beside = KDTree(dense).query(along(bezier))[0].max() / strokes.extent(stroke)
    assert beside <= 3.0 * tolerance
    assert np.array_equal(bezier.knots[[0, -1]], stroke[[0, -1]])


@given(drawn, st.floats(1e-4, 1e4), st.tuples(coordinates, coordinates, coordinates))
@settings(deadline=None, max_examples=30)
def test_size_and_place_do_not_matter(stroke, scale, offset):
    once = fitting.fit(stroke)
    again = fitting.fit(stroke * scale + np.array(offset) * scale)
    assert straying(again, stroke * scale + np.array(offset) * scale) <= 0.0102
    assert abs(len(once.knots) - len(again.knots)) <= 0.2 * len(once.knots) + 1


def test_a_straight_line_is_two_points():
    for samples in (2, 3, 700):
        bezier = fitting.fit(np.linspace([0, 0, 0], [3, 2, 1], samples))
        assert len(bezier.knots) == 2
        assert bezier.right[0] == pytest.approx(np.array([1, 2 / 3, 1 / 3]), abs=1e-6)


def test_a_circle_is_a_few_points():
    assert len(fitting.fit(circle).knots) <= 5
    assert len(fitting.fit(circle, 0.001).knots) <= 9


def test_a_closed_circle_goes_on_smoothly_where_it_began():
    bezier = fitting.fit(circle, 0.002, closed=True)
    assert bezier.closed and len(bezier.knots) <= 6 and not bezier.corners.any()
    assert straying(bezier, circle) <= 0.00205
    into, out = bezier.knots[0] - bezier.left[0], bezier.right[0] - bezier.knots[0]
    assert np.dot(into, out) == pytest.approx(np.linalg.norm(into) * np.linalg.norm(out))


def test_a_stroke_is_closed_though_its_ends_are_apart():
    bezier = fitting.fit(circle[:-12], closed=True)
    assert bezier.closed
    dense = along(bezier)
    assert np.linalg.norm(dense[0] - dense[-1]) < 1e-9


def test_corners_stay_sharp():
    square = strokes.resampled(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.0]]), 0.01)
    bezier = fitting.fit(square)
    assert len(bezier.knots) == 4 and bezier.corners.tolist() == [False, True, True, False]
    assert bezier.knots == pytest.approx(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]))
    closed = fitting.fit(square, closed=True)
    assert len(closed.knots) == 4 and closed.corners.all()


def test_a_trembling_hand_adds_no_points():
    x = np.linspace(0.0, 10.0, 5000)
    noise = np.random.default_rng(3).normal(0.0, 0.01, (5000, 3))
    bezier = fitting.fit(np.stack([x, np.sin(x), 0.0 * x], axis=1) + noise)
    assert len(bezier.knots) <= 8 and not bezier.corners.any()


def test_standing_still_meanwhile_changes_nothing():
    held = np.concatenate([circle[:50], np.repeat(circle[50:51], 300, axis=0), circle[51:]])
    assert len(fitting.fit(held).knots) == len(fitting.fit(circle).knots)


def test_a_very_long_stroke_keeps_its_ends():
    far = np.linspace(0.0, 60.0, 100_001)
    stroke = np.stack([far, np.sin(far), np.cos(far)], axis=1)
    bezier = fitting.fit(stroke)
    assert np.array_equal(bezier.knots[[0, -1]], stroke[[0, -1]])
    assert straying(bezier, stroke[::50]) <= 0.0105


@pytest.mark.parametrize(
    ("stroke", "said"),
    [
        ([], "no points"),
        ([(0, 0, 0)], "stays in one place"),
        ([(1, 2, 3)] * 9, "stays in one place"),
        ([(0, 0, 0), (np.nan, 0, 0)], "not finite"),
        ([(0, 0, 0), (np.inf, 0, 0)], "not finite"),
        ([(0, 0, 0), (1e30, 0, 0)], "not finite"),
        ([(0, 0), (1, 1)], "list of points"),
        ("nonsense", "list of points"),
    ],
)
def test_what_is_no_stroke_is_refused_in_a_sentence(stroke, said):
    with pytest.raises(errors.TugError, match=said):
        fitting.fit(stroke)
