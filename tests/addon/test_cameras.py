"""Lenses in mm and in pixels: the same picture, both ways."""

from __future__ import annotations

import importlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

cameras: Any = importlib.import_module("tug.core.cameras")
Lens, Picture, lens, pixels = cameras.Lens, cameras.Picture, cameras.lens, cameras.pixels

sides = st.integers(8, 8192)
aspects = st.floats(0.25, 4.0)
shifts = st.floats(-1.0, 1.0)
lengths = st.floats(1.0, 500.0)


@st.composite
def lenses(draw):
    fit = draw(st.sampled_from(["AUTO", "HORIZONTAL", "VERTICAL"]))
    return Lens(draw(lengths), draw(lengths), draw(lengths), fit, draw(shifts), draw(shifts))


@st.composite
def pictures(draw):
    return Picture(draw(sides), draw(sides), draw(aspects), draw(aspects))


@given(lenses(), pictures())
def test_a_lens_shows_the_same_after_going_to_pixels_and_back(given_lens, picture):
    focal, centre = pixels(given_lens, picture)
    found, same = lens(focal, centre, picture.width, picture.height)
    again = pixels(found, same)
    for one, other in zip((*focal, *centre), (*again[0], *again[1]), strict=True):
        assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6 * picture.width)


@given(lengths, sides)
def test_the_angle_of_view_is_that_of_the_sensor(length, width):
    focal, centre = pixels(Lens(length, 36.0, 24.0, "HORIZONTAL"), Picture(width, 8))
    assert math.isclose(math.atan(0.5 * width / focal[0]), math.atan(18.0 / length))
    assert centre == (width / 2.0, 4.0)


@given(lenses(), pictures())
def test_pixels_that_are_twice_as_high_halve_the_focal_length_in_them(given_lens, picture):
    tall = Picture(picture.width, picture.height, picture.aspect_x, 2.0 * picture.aspect_y)
    if given_lens.fit == "HORIZONTAL":
        focal, stretched = pixels(given_lens, picture)[0], pixels(given_lens, tall)[0]
        assert math.isclose(stretched[0], focal[0]) and math.isclose(stretched[1], focal[1] / 2.0)


@pytest.mark.parametrize(("width", "height", "side"), [(200, 100, 200), (100, 200, 200)])
def test_auto_fits_the_longer_side_to_the_sensors_width(width, height, side):
    focal, _ = pixels(Lens(36.0, 36.0, 24.0), Picture(width, height))
    assert focal == (side, side)


def test_a_shift_moves_the_picture_by_its_share_of_the_fitted_side():
    _, centre = pixels(Lens(50.0, shift_x=0.25, shift_y=0.1), Picture(200, 100))
    assert centre == (100.0 - 50.0, 50.0 + 20.0)
