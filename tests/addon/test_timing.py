"""Timing apart from shape, and solved motions that are looked at."""

from __future__ import annotations

import importlib
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

timing: Any = importlib.import_module("tug.core.timing")
solved: Any = importlib.import_module("tug.core.solved")
trajectory: Any = importlib.import_module("tug.core.trajectory")
animation: Any = importlib.import_module("tug.protocol.animation")
meshes: Any = importlib.import_module("tug.protocol.meshes")
joint: Any = importlib.import_module("tug.protocol.joint")


def value_at(keys, frame):
    """The curve of Bezier keys at a frame, by sampling it densely."""
    t = np.linspace(0.0, 1.0, 4001)[:, None]
    s = 1.0 - t
    pieces = [
        s**3 * a[:2] + 3 * s * s * t * a[4:6] + 3 * s * t * t * b[2:4] + t**3 * b[:2]
        for a, b in itertools.pairwise(keys)
    ]
    points = np.concatenate(pieces)
    return float(np.interp(frame, points[:, 0], points[:, 1]))


@pytest.mark.parametrize("name", ["CONSTANT", "EASE", "EASE_IN", "EASE_OUT"])
def test_presets_begin_and_end_as_they_say(name):
    keys = timing.preset(name, 10.0, 30.0)
    speeds = [
        (value_at(keys, frame + 0.1) - value_at(keys, frame)) * 200.0 for frame in (10.0, 29.9)
    ]
    expected = {"CONSTANT": (1, 1), "EASE": (0, 0), "EASE_IN": (0, 2), "EASE_OUT": (2, 0)}[name]
    assert speeds == pytest.approx(expected, abs=0.05)
    assert value_at(keys, 20.0) == pytest.approx(
        {"CONSTANT": 0.5, "EASE": 0.5, "EASE_IN": 0.25, "EASE_OUT": 0.75}[name], abs=1e-4
    )


@given(st.sampled_from(["CONSTANT", "EASE", "EASE_IN", "EASE_OUT"]), st.floats(0.02, 0.98))
@settings(deadline=None, max_examples=30)
def test_a_further_key_leaves_the_curve_as_it_was(name, share):
    keys = timing.preset(name, -5.0, 43.0)
    more = timing.with_key(timing.with_key(keys, -5.0 + 48.0 * share), 20.0)
    assert (np.diff(more[:, 0]) > 0.0).all()
    for frame in np.linspace(-5.0, 43.0, 25):
        assert value_at(more, frame) == pytest.approx(value_at(keys, frame), abs=1e-5)


def test_a_key_beyond_the_ends_is_level_and_one_that_is_there_stays_alone():
    keys = timing.preset("EASE", 0.0, 10.0)
    assert timing.with_key(keys, 20.0)[-1, 1] == 1.0 and timing.with_key(keys, -3.0)[0, 1] == 0.0
    assert timing.with_key(keys, 10.001) is keys


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=8))
@settings(deadline=None, max_examples=50)
def test_smooth_timing_meets_its_pairs_and_never_goes_beyond(shares):
    pairs = np.stack([np.arange(len(shares)) * 7.0, shares], axis=1)
    keys = timing.smooth(pairs)
    for (start, low), (end, high) in itertools.pairwise(pairs):
        found = [value_at(keys, frame) for frame in np.linspace(start, end, 9)]
        assert (found[0], found[-1]) == pytest.approx((low, high), abs=1e-3)
        assert min(low, high) - 1e-6 <= min(found) and max(found) <= max(low, high) + 1e-6


def test_ticks_are_dense_where_it_is_slow():
    path = trajectory.Path(np.array([[0, 0, 0], [10, 0, 0.0]]))
    shares = np.linspace(0.0, 1.0, 49) ** 2
    ticks, _ = trajectory.ticks(path, 1, 49, 24.0, shares)
    places = ticks.mean(axis=1).reshape(2, -1, 3)[0, :, 0]
    assert places == pytest.approx(10.0 * shares, abs=1e-4)
    assert trajectory.at_frame(path, 25, 1, 49, shares)[0] == pytest.approx(2.5)


def test_links_are_carried_by_what_they_hang_on():
    wheel = joint.Joint(type="continuous", axis=(1, 0, 0), origin=(0, 0, 1), lower=0.0, upper=6.283)
    links = (
        meshes.ModelLink(name="cart", pieces=()),
        meshes.ModelLink(name="wheel", pieces=(), parent=0, joint=wheel),
    )
    pose = np.eye(4)
    pose[:3, 3] = (5, 0, 0)
    found = solved.link_poses(links, pose, [0.0, np.pi / 2.0])
    assert found[1] @ (0, 1, 1, 1) == pytest.approx((5, 0, 2, 1))


def test_shown_frames_are_spread_by_way_and_not_by_time():
    line = np.zeros((101, 3))
    line[51:, 0] = np.arange(50.0)
    frames = solved.shown_frames(line, 5)
    assert line[frames, 0] == pytest.approx([0, 12, 24, 37, 49], abs=1.0)
    assert solved.shown_frames(np.zeros((9, 3)), 5) == [0]


def test_a_collision_is_shown_in_its_middle_and_only_while_it_lasts():
    hit = animation.Collision(other="Wall", first=10, last=20, depth=0.1)
    assert solved.worst(hit) == 15
    assert solved.within(20, [hit]) == [hit] and solved.within(21, [hit]) == []
