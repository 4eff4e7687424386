"""Projection, by another formula than the one that is used."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.views.cameras import read, written
from backend.views.rig import angles, orientation, view_name
from protocol.errors import TugError
from protocol.views import Camera
from tests.backend.views.things import camera


def by_clip_space(camera, points):
    """Pixels by OpenGL's projection matrix and viewport, as renderers go about it."""
    w, h, n, f = camera.width, camera.height, camera.near, camera.far
    left, right = (
        -camera.centre[0] * n / camera.focal[0],
        (w - camera.centre[0]) * n / camera.focal[0],
    )
    top, bottom = (
        camera.centre[1] * n / camera.focal[1],
        -(h - camera.centre[1]) * n / camera.focal[1],
    )
    frustum = np.array(
        [
            [2 * n / (right - left), 0, (right + left) / (right - left), 0],
            [0, 2 * n / (top - bottom), (top + bottom) / (top - bottom), 0],
            [0, 0, -(f + n) / (f - n), -2 * f * n / (f - n)],
            [0, 0, -1, 0],
        ]
    )
    clip = np.c_[points, np.ones(len(points))] @ (frustum @ np.linalg.inv(camera.pose)).T
    ndc = clip[:, :3] / clip[:, 3:]
    return np.stack([(ndc[:, 0] + 1) * w / 2, (1 - ndc[:, 1]) * h / 2], 1), clip[:, 3]


def test_projection_is_exact():
    points = np.random.default_rng(0).normal(size=(500, 3)) * 1.5
    for azimuth, elevation in ((0.0, 0.0), (2.0, 0.7), (-1.0, -0.4), (0.5, math.pi / 2)):
        one = camera(azimuth, elevation)
        pixels, depth = one.project(points)
        expected, far = by_clip_space(one, points)
        assert np.abs(pixels - expected).max() < 1e-6
        assert np.abs(depth - far).max() < 1e-9


def test_what_is_behind_has_no_pixel():
    one = camera(0.0, 0.0)
    pixels, depth = one.project([[0.0, -7.0, 0.0], [0.0, 0.0, 0.0]])
    assert np.isnan(pixels[0]).all() and depth[0] < 0.0
    assert pixels[1] == pytest.approx(one.centre)


def test_azimuths_are_the_documented_ones():
    for azimuth, side in ((0.0, (0, -1, 0)), (0.5 * math.pi, (1, 0, 0)), (math.pi, (0, 1, 0))):
        assert orientation(azimuth, 0.0)[:, 2] == pytest.approx(side, abs=1e-12)
    assert orientation(0.0, math.pi / 6)[2, 2] == pytest.approx(0.5)
    assert angles(orientation(1.2, -0.3)) == pytest.approx((1.2, -0.3))
    assert angles(orientation(1.2, math.pi / 2)) == pytest.approx((1.2, math.pi / 2))
    assert view_name(1.5 * math.pi, math.pi / 6) == "az270_el30"
    assert view_name(-math.radians(12.5), -0.0) == "az347.5_el00"


def test_cameras_survive_the_protocol():
    one = camera(1.0, 0.2)
    again = read(written(one))
    assert np.allclose(again.pose, one.pose, atol=1e-12)
    assert (again.focal, again.centre, again.width) == (one.focal, one.centre, one.width)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pose": tuple(map(tuple, np.diag([-1.0, 1, 1, 1]).tolist()))}, "mirrored"),
        ({"focal": (0.0, 10.0)}, "focal length"),
        ({"near": 2.0, "far": 1.0}, "near < far"),
        ({"pose": ((1.0, 0.4, 0, 0), (0, 1.0, 0, 0), (0, 0, 1.0, 0), (0, 0, 0, 1.0))}, "sheared"),
    ],
)
def test_what_is_no_camera_is_refused(change, sentence):
    usual = {
        "name": "c",
        "pose": tuple(map(tuple, np.eye(4).tolist())),
        "focal": (10.0, 10.0),
        "centre": (8.0, 8.0),
        "width": 16,
        "height": 16,
    }
    with pytest.raises(TugError, match=sentence):
        read(Camera(**(usual | change)))
