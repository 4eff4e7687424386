"""Supports, contacts and margins."""

from __future__ import annotations

import numpy as np
import pytest

from backend.placement.body import Body, clipped, spaced
from backend.placement.rest import margin, polygon, resting_plane, turning
from backend.placement.supports import surfaces
from backend.placement.surroundings import Named, Surroundings
from backend.placement.thing import Thing
from tests.backend.placement.scenes import block, crate, cupboard, room

square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])


def test_the_margin_is_the_way_to_the_nearest_side():
    assert margin(square, np.array([0.4, 0.0])) == pytest.approx(0.6)
    assert margin(square, np.array([1.5, 0.0])) == pytest.approx(-0.5)
    assert margin(square[:2], np.array([0.0, 0.0])) == pytest.approx(-1.0)  # an edge
    assert margin(square[:1], np.array([-1.0, 0.0])) == pytest.approx(-1.0)  # a point
    assert margin(square[:0], np.zeros(2)) == -1.0


def test_the_polygon_goes_around():
    points = np.column_stack([np.vstack([square, [[0.0, 0.0]]]), np.zeros(5)])
    assert len(polygon(points)) == 4


def test_the_resting_plane_touches_three_points_around_the_weight():
    generator = np.random.default_rng(3)
    flat, gaps = generator.uniform(-1, 1, (500, 2)), generator.uniform(0.0, 0.2, 500)
    height, slope = resting_plane(flat, gaps)
    left = gaps - height - flat @ slope
    assert left.min() >= -1e-6
    touched = flat[left < 1e-5]
    assert len(touched) >= 3
    assert margin(touched, np.zeros(2)) >= 0.0


def test_supports_are_found_with_their_room():
    bodies = [Named(Body(part.mesh), (part.name,)) for part in room]
    found = {support.name: support for support in surfaces(Surroundings(bodies), 0.3)}
    assert set(found) >= {"Floor", "Table"}
    assert found["Floor"].area == pytest.approx(100.0)
    assert found["Table"].height == pytest.approx(0.75)
    assert found["Table"].words == "the top of 'Table'"


def test_floors_below_a_point_come_with_their_room():
    bodies = [Named(Body(part.mesh), (part.name,)) for part in room]
    floors = Surroundings(bodies).floors(np.array([[0.0, 0.0], [3.0, 0.0]]))
    assert floors.column.tolist() == [0, 0, 1]
    assert floors.z == pytest.approx([0.0, 0.75, 0.0], abs=1e-5)
    assert floors.room == pytest.approx([0.7, np.inf, np.inf], abs=1e-5)


def test_weight_is_that_of_solids():
    inner = Body(block((0, 0, 0), (2, 1, 1)))
    assert inner.weight[0] == pytest.approx([1.0, 0.5, 0.5])
    assert inner.weight[1] == pytest.approx(2.0)
    turned = Body(type(inner.mesh)(inner.mesh.vertices, inner.mesh.faces[:, ::-1].copy()))
    assert turned.weight[0] == pytest.approx([1.0, 0.5, 0.5])
    np.testing.assert_allclose(turned.outward, -turned.normals)


def test_a_thing_has_its_middle_at_zero_and_size_one():
    thing = Thing(cupboard(), np.eye(3))
    low, high = thing.body.box
    assert low + high == pytest.approx(np.zeros(3), abs=1e-12)
    assert np.linalg.norm(high - low) == pytest.approx(1.0)
    assert len(thing.moving) == 1
    assert len(Thing(crate(), np.eye(3)).body.edges[0]) == 12  # no diagonals


def test_segments_are_clipped_and_spaced():
    tails, heads = np.array([[-2.0, 0, 0], [0, 5, 0]]), np.array([[2.0, 0, 0], [1, 5, 0]])
    start, end = clipped(tails, heads, np.full(3, -1.0), np.full(3, 1.0))
    assert start.tolist() == [[-1, 0, 0]]
    assert end.tolist() == [[1, 0, 0]]
    assert len(spaced(start, end, 0.1)) == 20


def test_turning_turns_by_the_vector():
    turn = turning(np.array([0.0, 0.0, np.pi / 2]))
    assert turn @ [1.0, 0, 0] == pytest.approx([0, 1, 0])
