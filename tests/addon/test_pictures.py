"""Pictures that are kept with jobs."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import numpy as np
import pytest

blobs: Any = importlib.import_module("tug.protocol.blobs")
dragging: Any = importlib.import_module("tug.protocol.dragging")
errors: Any = importlib.import_module("tug.protocol.errors")
pictures: Any = importlib.import_module("tug.core.pictures")
views: Any = importlib.import_module("tug.protocol.views")

random = np.random.default_rng(5)


def test_a_picture_survives_as_json():
    pixels = random.integers(0, 256, (7, 5, 3), np.uint8)
    kept = pictures.picture(pixels)
    again = msgspec.json.decode(msgspec.json.encode(kept), type=pictures.Picture)
    assert (again.width, again.height) == (5, 7) and np.array_equal(again.pixels, pixels)


@pytest.mark.parametrize(
    "array", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(array):
    with pytest.raises(errors.TugError) as raised:
        pictures.picture(array)
    assert raised.value.error.code == "malformed"


def test_blenders_images_begin_below_and_have_alpha():
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 1] = 255, 51, 0
    values = pictures.rgba(pixels).reshape(2, 3, 4)
    assert values[1, 1] == pytest.approx((1.0, 0.2, 0.0, 1.0)) and not values[0, :, :3].any()
    with_alpha = np.full((1, 1, 4), 51, np.uint8)
    assert pictures.rgba(with_alpha) == pytest.approx([0.2] * 4)


def test_thumbnails_are_averages():
    pixels = np.zeros((256, 256, 3), np.uint8)
    pixels[::2] = 200
    small = pictures.smaller(pixels, 128)
    assert small.shape == (128, 128, 3) and (small == 100).all()
    assert pictures.smaller(small, 128) is small
    assert max(pictures.smaller(pixels[:, :100], 100).shape) <= 100


def test_views_are_read_with_what_was_found():
    arrays = [random.integers(0, 256, (8, 8, 3), np.uint8) for _ in range(3)]
    known = {blobs.describe(array).digest: array for array in arrays}
    before, after, found = map(blobs.describe, arrays)
    camera = views.Camera(
        name="a", pose=((1, 0, 0, 0),) * 4, focal=(1, 1), centre=(4, 4), width=8, height=8
    )
    given = [
        dragging.DraggedView(camera=camera, before=before, after=after, drags=(), found=found),
        dragging.DraggedView(camera=camera, before=before, after=after, drags=(), error=0.5),
    ]
    with_joint, without = pictures.seen(given, lambda blob: known[blob.digest])
    assert np.array_equal(with_joint.found.pixels, arrays[2]) and without.found is None
    assert np.array_equal(without.after.pixels, arrays[1]) and without.error == 0.5


def test_another_size_keeps_colours_apart_from_what_is_clear():
    whole = np.zeros((8, 8, 4), np.uint8)
    whole[:, :4] = 20, 60, 220, 255
    small = pictures.resized(whole, 4)
    assert small[0, 1].tolist() == [20, 60, 220, 255] and small[0, 2, 3] == 0
    odd = pictures.resized(whole, 5)
    assert odd[2, 2].tolist() == [20, 60, 220, 128], "half of it, in its own colour"
    assert np.array_equal(pictures.resized(pictures.resized(whole, 24), 8), whole)
    assert pictures.resized(whole[:4], 6).shape == (6, 6, 4)
