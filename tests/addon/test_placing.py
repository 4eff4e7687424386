"""What is drawn and said of a placement, and how a footprint lies."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

placing: Any = importlib.import_module("tug.core.placing")
jobs: Any = importlib.import_module("tug.core.jobs")
JobBook: Any = importlib.import_module("tug.core.book").JobBook
transformed: Any = importlib.import_module("tug.core.geometry").transformed
identity: Any = importlib.import_module("tug.protocol.meshes").identity
PlaceRequest: Any = importlib.import_module("tug.protocol.placement").PlaceRequest

coordinates = st.floats(-50.0, 50.0)
cube = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
sides = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)]
sides += [(2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)]
faces = np.array(sides)


def test_what_is_inside_is_red_what_touches_green_and_what_is_far_is_not_drawn():
    colors = placing.heat_colors(np.array([-0.1, 0.0, placing.near, 1.0]), 1.0)
    assert colors[0, 0] > 0.9 and colors[0, 3] > 0.8
    assert colors[1, 1] > 0.9 and colors[1, 0] < 0.5
    assert colors[2, 2] > 0.9
    assert colors[3, 3] == 0.0


def test_only_the_points_nearest_to_the_scene_are_kept():
    distances = np.linspace(1.0, -1.0, 5000, dtype=np.float32)
    points = np.stack([distances] * 3, axis=1)
    heat = placing.heat(points, distances, np.zeros((0, 3), np.float32))
    kept = np.frombuffer(heat.distances, "<f4")
    assert len(kept) == placing.most_points and kept.max() < 0.0
    drawn = placing.drawn(heat, 100.0, np.zeros(3))
    assert drawn.spots.shape == (8 * len(kept), 3, 3) == (*drawn.colors.shape[:2], 3)
    assert not len(drawn.support) and not len(drawn.drop)


def test_the_drop_goes_from_the_centre_of_mass_straight_to_the_support():
    contacts = np.array([(0, 0, 2), (1, 0, 2), (1, 1, 2)], np.float32)
    heat = placing.heat(np.zeros((0, 3)), np.zeros(0), contacts)
    drawn = placing.drawn(heat, 1.0, (0.6, 0.4, 3.0))
    assert np.allclose(drawn.drop[0], [(0.6, 0.4, 3.0), (0.6, 0.4, 2.0)])
    assert np.allclose(drawn.support[:, 0], contacts)
    assert np.allclose(drawn.support[2, 1], contacts[0])


@given(coordinates, coordinates, coordinates)
def test_the_middle_of_mass_of_a_closed_shape_is_that_of_its_volume(x, y, z):
    shift = np.array([x, y, z])
    spike = np.concatenate([cube, [(0.5, 0.5, 7.0)]]) + shift
    with_spike = np.concatenate([faces, [(8, 8, 8)]])  # a flat face far away weighs nothing
    assert np.allclose(placing.middle_of_mass(spike, with_spike), 0.5 + shift, atol=1e-6)


def test_the_middle_of_an_open_shape_is_that_of_its_area():
    assert np.allclose(placing.middle_of_mass(cube, faces[:2]), (0.0, 0.5, 0.5))


@given(coordinates, coordinates, coordinates, st.floats(-math.pi, math.pi))
def test_a_footprint_brings_the_underside_to_the_spot_and_keeps_it_level(x, y, z, angle):
    move = placing.footprint(3.0 * cube - 1.0, (x, y, z), angle)
    moved = transformed(move, 3.0 * cube - 1.0)
    assert np.isclose(moved[:, 2].min(), z) and np.isclose(np.ptp(moved[:, 2]), 3.0)
    assert np.allclose(moved[:, :2].mean(axis=0), (x, y))
    w, _, _, s = placing.turn(angle)
    assert np.isclose(move[1, 0], 2.0 * w * s)


def test_an_outline_has_the_underside_first():
    lines = placing.outline(cube)
    assert lines.shape == (12, 2, 3) and (lines[:4, :, 2] == 0.0).all()


def test_a_job_with_what_is_drawn_of_it_is_kept_in_the_file():
    heat = placing.heat(cube, np.arange(8.0), cube[:3])
    request = PlaceRequest(geometry=(), scene=(), items=())
    job = jobs.new_job(
        jobs.PlaceJob, request, name="cart", objects=("a",), homes=(identity,), heats=(heat,)
    )
    book, again = JobBook(), JobBook()
    book.add(job)
    assert again.read(book.to_json()) == 0
    found = again.get(job.id)
    assert type(found) is jobs.PlaceJob
    assert found.heats == (heat,) and found.homes == (identity,)


@pytest.mark.parametrize("points", [np.zeros((0, 3)), np.zeros((1, 3))])
def test_no_support_polygon_is_drawn_of_less_than_two_points(points):
    heat = placing.heat(np.zeros((0, 3)), np.zeros(0), points)
    assert not len(placing.drawn(heat, 1.0, np.zeros(3)).support)
