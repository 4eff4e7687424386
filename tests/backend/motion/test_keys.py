"""Few keys, and how they are read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from backend.evaluation.trajectory_measures import read_keys
from backend.motion.channels import as_channels, as_matrices
from backend.motion.fcurve import evaluate
from backend.motion.keys import reduced

frames = np.linspace(1, 241, 240 * 4 + 1)


@given(seed=st.integers(0, 10_000), tolerance=st.floats(1e-4, 1e-1))
@settings(max_examples=40, deadline=None)
def test_keys_come_as_close_as_they_must(seed, tolerance):
    rng = np.random.default_rng(seed)
    values = sum(
        rng.normal() * np.sin(2 * np.pi * frames / rng.uniform(60, 300) + rng.uniform(0, 6))
        for _ in range(3)
    )
    keys = reduced(frames, np.asarray(values), tolerance)
    assert np.abs(evaluate(keys, frames) - values).max() <= tolerance * (1 + 1e-6)
    assert np.abs(read_keys(keys, frames) - values).max() <= tolerance * 1.001 + 1e-6
    assert len(keys) < 60
    inner = keys[1:-1]
    np.testing.assert_allclose(inner[:, 0], np.round(inner[:, 0]))  # on whole frames
    assert (keys[1:, 2] >= keys[:-1, 0]).all()
    assert (keys[:-1, 4] <= keys[1:, 0]).all()


def test_a_straight_motion_takes_two_keys_and_none_one():
    assert len(reduced(frames, 0.1 * frames, 1e-3)) == 2
    assert len(reduced(frames, np.full(len(frames), 4.0), 1e-3)) == 1


def test_a_kink_between_frames_is_a_key_of_its_own():
    values = np.abs(frames - 100.4)
    keys = reduced(frames, values, 1e-3, [100.4])
    assert len(keys) == 3
    assert keys[1, 0] == pytest.approx(100.4)


def test_noise_ends_with_a_key_a_frame_and_meets_whole_frames():
    values = np.random.default_rng(0).normal(size=len(frames))
    keys = reduced(frames, values, 1e-3)
    assert len(keys) <= 241
    np.testing.assert_allclose(evaluate(keys, frames[::4]), values[::4], atol=1e-3)


def test_a_burst_does_not_cost_keys_elsewhere():
    values = np.where(np.abs(frames - 120) < 6, np.sin(40 * frames), 0.0) + 0.01 * frames
    keys = reduced(frames, values, 1e-3)
    away = np.abs(keys[:, 0] - 120) > 20
    assert away.sum() < 20


def test_handles_that_are_too_long_are_shortened_as_blender_does():
    keys = np.array([[0.0, 0, 0, 0, 30, 9], [10.0, 1, -20, 1, 11, 1]])
    values = evaluate(keys, np.linspace(0, 10, 50))
    short = np.array([[0.0, 0, 0, 0, 5, 1.5], [10.0, 1, 5, 1, 11, 1]])
    np.testing.assert_allclose(values, evaluate(short, np.linspace(0, 10, 50)), atol=1e-9)


@pytest.mark.parametrize("mode", ["quaternion", "xyz", "xzy", "yxz", "yzx", "zxy", "zyx"])
def test_rotations_come_back_and_do_not_jump(mode):
    turns = Rotation.from_rotvec(
        np.linspace(0, 15, 400)[:, None] * np.array([0.3, 0.2, 0.93])
    ) * Rotation.from_euler("x", 0.3)
    channels = as_channels(turns.as_matrix(), mode)
    np.testing.assert_allclose(as_matrices(channels, mode), turns.as_matrix(), atol=1e-9)
    assert np.abs(np.diff(channels, axis=0)).max() < 0.5


def test_orders_are_blenders():
    x, y, z = 0.3, -0.4, 0.7
    about = [Rotation.from_rotvec(v).as_matrix() for v in np.diag([x, y, z])]
    angles = np.array([[x, y, z]])
    x, y, z = about  # the first letter of an order turns first
    np.testing.assert_allclose(as_matrices(angles, "xyz")[0], z @ y @ x, atol=1e-12)
    np.testing.assert_allclose(as_matrices(angles, "zxy")[0], y @ x @ z, atol=1e-12)
