"""Where an origin snaps to: corners, edges and the axes of what is round."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

snapping: Any = importlib.import_module("tug.core.snapping")
few = settings(max_examples=40, deadline=None)
numbers = st.floats(-5.0, 5.0)
points = st.tuples(numbers, numbers, numbers)
angles = st.floats(-3.0, 3.0)


def facets(vertices, polygons, matrix=None):
    """A mesh as Blender stores it."""
    known: dict[tuple[int, int], int] = {}
    corners, edges, starts = [], [], [0]
    for polygon in polygons:
        for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            corners.append(a)
            edges.append(known.setdefault((min(a, b), max(a, b)), len(known)))
        starts.append(len(corners))
    return snapping.Facets(
        np.asarray(vertices, np.float32),
        np.eye(4) if matrix is None else matrix,
        *(np.asarray(values, np.int32) for values in (starts, corners, edges)),
    )


def tube(sides, top=1.0, arc=2 * np.pi, rings=2, caps=True):
    """A cylinder or cone along z from 0 to 2 with radius 1 below; its first polygon is a side."""
    whole = arc > 6.28
    count = sides if whole else sides + 1
    angle = np.arange(count) * arc / sides
    vertices = [
        (r * np.cos(a), r * np.sin(a), z)
        for z, r in zip(np.linspace(0, 2, rings), np.linspace(1.0, top, rings), strict=True)
        for a in angle
    ]
    polygons: list[tuple[int, ...]] = [
        (k + j * count, (k + 1) % count + j * count, (k + 1) % count + (j + 1) * count,
         k + (j + 1) * count)
        for j in range(rings - 1)
        for k in range(sides)
    ]  # fmt: skip
    if caps and whole:
        polygons.append(tuple(range(count))[::-1])
        polygons.append(tuple(range((rings - 1) * count, rings * count)))
    return vertices, polygons


def turned(place, about, scale):
    x, y, z = about
    cos, sin = np.cos, np.sin
    turn = np.array([[cos(z), -sin(z), 0], [sin(z), cos(z), 0], [0, 0, 1]])
    turn = turn @ np.array([[1, 0, 0], [0, cos(x), -sin(x)], [0, sin(x), cos(x)]])
    turn = turn @ np.array([[cos(y), 0, sin(y)], [0, 1, 0], [-sin(y), 0, cos(y)]])
    matrix = np.eye(4)
    matrix[:3, :3] = scale * turn
    matrix[:3, 3] = place
    return matrix


def axis_of(mesh, polygon=0):
    return snapping.round_axis(mesh, snapping.Neighbours(mesh), polygon)


@few
@given(
    st.integers(8, 48), st.floats(0.3, 1.0), points, st.tuples(angles, angles, angles),
    st.floats(0.01, 20.0), st.sampled_from([2 * np.pi, 3.2, 1.7]),
)  # fmt: skip
def test_the_axis_of_a_cylinder_or_cone_is_found(sides, top, place, about, scale, arc):
    matrix = turned(place, about, scale)
    sides = max(sides, 20) if arc < 3.0 else sides
    mesh = facets(*tube(sides, top, arc, rings=3), matrix)
    found = axis_of(mesh, sides // 2)
    middle = matrix @ [0.0, 0.0, 1.0, 1.0]
    assert found.kind == "cylinder"
    assert np.linalg.norm(found.point - middle[:3]) < 0.02 * scale
    assert abs(found.axis @ matrix[:3, 2] / scale) > np.cos(np.radians(0.5))


def test_a_bore_is_as_round_as_a_pin():
    vertices, polygons = tube(24)
    mesh = facets(vertices, [polygon[::-1] for polygon in polygons])
    assert np.allclose(axis_of(mesh).point, (0, 0, 1), atol=1e-4)


def test_the_end_of_a_cylinder_has_its_middle_and_axis():
    mesh = facets(*tube(24))
    found = snapping.places(mesh, snapping.Neighbours(mesh), 25)
    (round_one,) = [place for place in found if place.kind == "cylinder"]
    assert np.allclose(round_one.point, (0, 0, 2), atol=1e-5)
    assert abs(round_one.axis[2]) > 0.9999


def box(size=(1.0, 2.0, 3.0)):
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return np.array(corners) * size, quads


def ball():
    rows = np.linspace(0.2, np.pi - 0.2, 16)
    round_angles = np.arange(24) * np.pi / 12
    vertices = [
        (np.sin(v) * np.cos(a), np.sin(v) * np.sin(a), np.cos(v))
        for v in rows
        for a in round_angles
    ]
    return vertices, [
        (j * 24 + k, j * 24 + (k + 1) % 24, (j + 1) * 24 + (k + 1) % 24, (j + 1) * 24 + k)
        for j in range(15)
        for k in range(24)
    ]


def flat():
    vertices = [(x, y, 0) for x in range(5) for y in range(5)]
    return vertices, [
        (5 * x + y, 5 * x + 5 + y, 5 * x + 6 + y, 5 * x + 1 + y) for x in range(4) for y in range(4)
    ]


def squeezed():
    vertices, polygons = tube(32)
    return np.array(vertices) * (1.0, 0.5, 1.0), polygons


@pytest.mark.parametrize("shape", [box, ball, flat, squeezed])
def test_what_is_not_round_about_an_axis_has_none(shape):
    mesh = facets(*shape())
    neighbours = snapping.Neighbours(mesh)
    for polygon in (0, 3, 5):
        assert snapping.round_axis(mesh, neighbours, polygon) is None


def seen_from_above(points):
    """100 pixels a unit; what is below z = -1 is not seen."""
    pixels = 100.0 * np.asarray(points)[:, :2]
    return np.where(np.asarray(points)[:, 2:] < -1.0, np.nan, pixels)


every = ("vertex", "edge", "cylinder", "face")


@pytest.mark.parametrize(
    ("mouse", "kinds", "kind", "point"),
    [
        ((4, 4), every, "vertex", (0, 0, 3)),
        ((30, 4), every, "edge", (0.3125, 0, 3)),
        ((53, 4), every, "edge", (0.5, 0, 3)),
        ((50, 80), every, "face", (0.5, 1, 3)),
        ((50, 80), ("vertex",), "vertex", (0, 0, 3)),
        ((30, 80), ("edge",), "edge", (0, 0.8125, 3)),
        ((4, 4), ("face",), "face", (0.5, 1, 3)),
    ],
)
def test_the_mouse_means_the_nearest_place(mouse, kinds, kind, point):
    mesh = facets(*box())
    found = snapping.places(mesh, snapping.Neighbours(mesh), 5)
    chosen = snapping.choose(found, seen_from_above, mouse, 10.0, kinds)
    assert chosen.kind == kind
    assert np.allclose(chosen.point, point, atol=0.03)
    if kind == "edge":
        assert abs(chosen.axis[0 if point[1] == 0 else 1]) == pytest.approx(1.0)


def test_on_something_round_the_axis_is_meant_and_its_seams_are_no_edges():
    mesh = facets(*tube(32))
    found = snapping.places(mesh, snapping.Neighbours(mesh), 0)
    chosen = snapping.choose(found, seen_from_above, (98, 10), 10.0, ("cylinder", "face"))
    assert chosen.kind == "cylinder" and np.allclose(chosen.point, (0, 0, 1), atol=1e-4)
    edges = [place for place in found if place.kind == "edge"]
    assert len(edges) == 2 and all(abs(edge.axis[2]) < 1e-6 for edge in edges)


def test_where_nothing_of_the_kind_is_there_nothing_is_chosen():
    mesh = facets(*box())
    found = snapping.places(mesh, snapping.Neighbours(mesh), 5)
    assert snapping.choose(found, seen_from_above, (50, 50), 10.0, ("cylinder",)) is None
    unseen = facets(np.array(box()[0]) - (0, 0, 9), box()[1])
    found = snapping.places(unseen, snapping.Neighbours(unseen), 5)
    chosen = snapping.choose(found, seen_from_above, (50, 50), 10.0, ("vertex", "edge"))
    assert chosen is None
