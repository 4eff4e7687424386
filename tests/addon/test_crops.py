"""Square pictures that an object fills."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest

crops: Any = importlib.import_module("tug.core.crops")
errors: Any = importlib.import_module("tug.protocol.errors")

corners = np.array([(x, y, z) for x in (0, 2) for y in (0, 1) for z in (0, 0.5)], float)


def looking_along_y(*eye):
    """The pose of an eye that looks along +y, upright."""
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = (1, 0, 0), (0, 0, 1), (0, -1, 0), eye
    return pose


def pixels(crop, points):
    """(N, 2) where points are seen, by the protocol's words on cameras."""
    local = np.c_[points, np.ones(len(points))] @ np.linalg.inv(crop.pose).T
    x = crop.centre[0] - crop.focal[0] * local[:, 0] / local[:, 2]
    y = crop.centre[1] + crop.focal[1] * local[:, 1] / local[:, 2]
    return np.c_[x, y]


@pytest.mark.parametrize("eye", [(1, -5, 0.2), (-4, -2, 6), (9, -3, -1)])
def test_the_object_fills_the_square_but_for_its_margin(eye):
    crop = crops.crop(looking_along_y(*eye), corners, 200)
    found = pixels(crop, corners)
    sides = np.ptp(found, axis=0)
    assert sides.max() == pytest.approx(200 * (1 - 2 * crops.margin))
    assert (found.min(axis=0) + found.max(axis=0)) / 2 == pytest.approx((100, 100))
    assert crop.focal[0] == crop.focal[1] and crop.near < crop.far


def test_up_is_up_and_right_is_right():
    crop = crops.crop(looking_along_y(1, -5, 0), corners, 64)
    low, high, right = pixels(crop, np.array([(0, 0, 0), (0, 0, 0.5), (2, 0, 0)], float))
    assert high[1] < low[1] and right[0] > low[0]


@pytest.mark.parametrize("eye", [(1, 0.5, 0.2), (1, 5, 0.2)])
def test_an_eye_within_or_beyond_is_refused_in_words(eye):
    with pytest.raises(errors.TugError, match="step back"):
        crops.crop(looking_along_y(*eye), corners, 64)


def test_from_afar_there_is_hardly_any_perspective():
    pose = crops.from_afar(looking_along_y(40, 2, -3), corners)
    found = pixels(crops.crop(pose, corners, 1000), corners)
    front, back = found[corners[:, 1] == 0], found[corners[:, 1] == 1]
    assert np.abs(front - back).max() < 25.0
    assert np.allclose(pose[:3, :3], looking_along_y(0, 0, 0)[:3, :3])


def test_cameras_around_see_it_all_from_different_sides():
    found = crops.around(corners, 5, 100)
    assert len(found) == 5
    for crop in found:
        seen = pixels(crop, corners)
        assert seen.min() > 0.0 and seen.max() < 100.0
        assert np.linalg.det(crop.pose[:3, :3]) == pytest.approx(1.0)
    backs = np.array([crop.pose[:3, 2] for crop in found])
    assert (backs @ backs.T - np.eye(5)).max() < math.cos(math.radians(60.0))
