"""Ways in time: where something is at a frame, what is drawn of it, and frames that are dragged."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

trajectory: Any = importlib.import_module("tug.core.trajectory")
frames: Any = importlib.import_module("tug.core.frames")
splines: Any = importlib.import_module("tug.core.splines")

coordinates = st.floats(-10.0, 10.0)
ways = st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=1, max_size=30)
bent = np.array([[0, 0, 0], [3, 0, 0], [3, 1, 0.0]])


@given(ways, st.lists(st.floats(-1.0, 2.0), min_size=2, max_size=20))
@settings(deadline=None, max_examples=80)
def test_going_on_in_time_never_goes_back(points, shares):
    path = trajectory.Path(np.array(points))
    assert (np.diff(path.along) >= 0.0).all()
    found = path.at(np.sort(shares))
    assert np.isfinite(found).all()
    steps = np.linalg.norm(np.diff(found, axis=0), axis=1)
    assert (steps <= np.diff(np.clip(np.sort(shares), 0, 1)) * path.length + 1e-9).all()


def test_equal_times_are_equal_ways():
    path = trajectory.Path(bent)
    assert path.length == 4.0
    found = [trajectory.at_frame(path, frame, 10, 20) for frame in (0, 10, 15, 18, 20, 99)]
    expected = [(0, 0, 0), (0, 0, 0), (2, 0, 0), (3, 0.2, 0), (3, 1, 0), (3, 1, 0)]
    assert np.array(found) == pytest.approx(np.array(expected))


def test_the_uneven_parameter_of_a_bezier_does_not_matter():
    knots = np.array([[0, 0, 0], [10, 0, 0.0]])
    uneven = splines.along_bezier(knots, knots, np.array([[9.0, 0, 0], [10, 0, 0]]), False)
    path = trajectory.Path(uneven)
    assert path.at(0.5) == pytest.approx(np.array([5, 0, 0]), abs=1e-9)


def test_headings_follow_the_way_and_none_leaves_the_ends():
    path = trajectory.Path(bent)
    found = path.heading(np.array([0.0, 0.5, 1.0]))
    assert found == pytest.approx(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0]]))
    assert not trajectory.Path(np.zeros((3, 3))).heading(0.5).any()


def test_ticks_stand_at_equal_times_and_larger_ones_at_seconds():
    path = trajectory.Path(np.array([[0, 0, 0], [48, 0, 0.0]]))
    ticks, seconds = trajectory.ticks(path, 1, 49, 24.0)
    places = ticks.mean(axis=1).reshape(2, -1, 3)
    assert places[0, :, 0] == pytest.approx(np.arange(49.0), abs=1e-4)
    assert seconds.mean(axis=1)[:3, 0] == pytest.approx([0, 24, 48], abs=1e-4)
    assert np.ptp(seconds, axis=(0, 1))[1] > np.ptp(ticks, axis=(0, 1))[1]


@given(st.integers(-5000, 5000), st.integers(1, 400_000))
def test_ticks_stay_few(start, count):
    found = trajectory.tick_frames(start, start + count)
    assert 1 <= len(found) <= trajectory.most_ticks + 1 and found[0] == start


def test_a_way_without_length_draws_nothing_infinite():
    path = trajectory.Path(np.zeros((4, 3)))
    drawn = [trajectory.arrows(path), *trajectory.ticks(path, 1, 9, 24.0), trajectory.way(bent[:1])]
    assert all(np.isfinite(lines).all() for lines in drawn)


def test_arrow_heads_point_along_the_way():
    heads = trajectory.arrows(trajectory.Path(bent))
    tips, wings = heads[:, 0], heads[:, 1]
    last = np.isclose(tips, [3, 1, 0]).all(axis=1)
    assert last.sum() == 4 and (wings[last, 1] < 1.0).all()


def drag(start=True, **more):
    here, other = (1, 49) if start else (49, 1)
    return frames.FrameDrag(here, other, start, 24.0, **more)


def test_dragging_moves_a_frame_and_shift_moves_it_slowly():
    fast, slow = drag(), drag()
    fast.pull(60.0)
    slow.pull(60.0, slowly=True)
    assert (fast.now(), slow.now()) == (11, 3)


def test_the_start_stays_before_the_end_and_says_so():
    late = drag()
    late.pull(1000.0)
    assert late.now() == 48 and "before the end at 49" in late.said()
    early = drag(start=False)
    early.pull(-1000.0)
    assert early.now() == 2 and "after the start at 1" in early.said()


def test_whole_seconds_are_of_the_motion():
    late = drag(start=False)
    late.pull(60.0)
    assert late.now() == 59
    assert late.now(whole_seconds=True) == 49
    late.pull(60.0)
    assert late.now(whole_seconds=True) == 73 and "3.00 s" in late.said(True)


def test_a_frame_can_be_typed():
    typed = drag()
    typed.pull(60.0)
    assert [typed.type(key) for key in ("2", "x", "-", "5", "", "²")] == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]
    assert typed.now() == -25
    for _ in range(3):
        typed.type("BACK_SPACE")
    assert typed.now() == 11


def test_closed_splines_come_back():
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.0]])
    poly = splines.along_poly(square, True)
    round_ = splines.along_nurbs(square, np.ones(4), 3, True, False, False)
    bezier = splines.along_bezier(square, square, square, True)
    for points in (poly, round_, bezier):
        assert points[0] == pytest.approx(points[-1])
    assert splines.along_bezier(square[:1], square[:1], square[:1], True).shape[1] == 3
