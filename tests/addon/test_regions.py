"""Which faces belong together, and how they are sorted for drawing."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest

patches: Any = importlib.import_module("tug.core.patches")
core: Any = importlib.import_module("tug.core.regions")
Outlines, marked, runs = patches.Outlines, patches.marked, patches.runs
by_value, connected, joined = core.by_value, core.connected, core.joined
Faces, pieces, regions, sides = core.Faces, core.pieces, core.regions, core.sides
no_marks = np.zeros(0, bool)


def faces_of(vertices, polygons) -> Any:
    """Return polygons (lists of vertices) as arrays, edges counted as they occur."""
    positions = np.array(vertices, np.float32)
    corners, edges, known, starts, normals = [], [], {}, [0], []
    for polygon in polygons:
        for here, after in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            edges.append(known.setdefault(frozenset((here, after)), len(known)))
        corners += polygon
        starts.append(len(corners))
        a, b, c = positions[polygon[:3]]
        normal = np.cross(b - a, c - a)
        normals.append(normal / np.linalg.norm(normal))
    arrays = (np.array(values, np.int32) for values in (corners, edges, starts))
    return Faces(positions, *arrays, np.array(normals, np.float32))


def cube(offset=0.0):
    corners = [(x + offset, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return corners, [list(quad) for quad in quads]


def two_cubes() -> Any:
    (one, quads), (other, _) = cube(), cube(2.0)
    return faces_of(one + other, quads + [[corner + 8 for corner in quad] for quad in quads])


def pipe(count, caps=False) -> Any:
    """Return the sides of a prism of `count` corners, each a quad, with caps."""
    turns = [2 * math.pi * i / count for i in range(count)]
    rings = [(math.cos(a), math.sin(a), z) for z in (0.0, 1.0) for a in turns]
    quads = [[i, (i + 1) % count, count + (i + 1) % count, count + i] for i in range(count)]
    ends = [list(range(count))[::-1], list(range(count, 2 * count))] if caps else []
    return faces_of(rings, quads + ends)


def test_components_are_numbered_from_the_first():
    labels = connected(6, np.array([5, 1], np.int32), np.array([3, 5], np.int32))
    assert labels.tolist() == [0, 1, 2, 1, 3, 1]


@pytest.mark.parametrize("seed", range(5))
def test_components_are_those_of_a_plain_search(seed):
    random = np.random.default_rng(seed)
    count = 200
    first, second = random.integers(0, count, (2, 150)).astype(np.int32)
    labels = connected(count, first, second)
    expected = list(range(count))
    for _ in range(count):
        for a, b in zip(first, second, strict=True):
            expected[a] = expected[b] = min(expected[a], expected[b])
    assert (labels == np.unique(expected, return_inverse=True)[1]).all()


def test_a_long_chain_is_one_component():
    chain = np.random.default_rng(0).permutation(20_000).astype(np.int32)
    assert connected(20_000, chain[1:], chain[:-1]).max() == 0


def test_pieces_are_connected_by_vertices_and_cubes_have_six_regions():
    faces = two_cubes()
    assert pieces(faces).tolist() == [0] * 6 + [1] * 6
    assert regions(faces, no_marks).tolist() == list(range(12))


def test_pieces_that_touch_in_a_vertex_are_one_but_two_regions():
    bow = faces_of(
        [(0, 0, 0), (1, 0, 0), (1, 1, 0), (-1, 0, 0), (-1, -1, 0)], [[0, 1, 2], [0, 3, 4]]
    )
    assert pieces(bow).tolist() == [0, 0]
    assert regions(bow, no_marks).tolist() == [0, 1]


def test_regions_end_at_edges_over_30_degrees():
    assert regions(pipe(12, caps=True), no_marks).tolist() == [0] * 12 + [1, 2]
    assert regions(pipe(11), no_marks).tolist() == list(range(11))


def test_regions_end_at_edges_marked_sharp():
    faces = pipe(16)
    counts, _, _ = sides(faces.edges)
    upright = np.flatnonzero(counts == 2)
    sharp = np.zeros(len(counts), bool)
    sharp[upright[[1, 8]]] = True  # the first quad brings its second upright edge first
    assert np.bincount(regions(faces, sharp)).tolist() == [8, 8]
    assert regions(faces, no_marks).max() == 0


def test_regions_end_where_three_faces_meet():
    fin = [(0, 0, 0), (0, 1, 0), (1, 0, 0.1), (-1, 0, 0.1), (0, 0, -1)]
    assert regions(faces_of(fin, [[0, 2, 1], [0, 1, 3], [0, 1, 4]]), no_marks).tolist() == [0, 1, 2]


def test_split_vertices_are_welded_by_place():
    whole = two_cubes()
    order = np.arange(len(whole.corners), dtype=np.int32)
    split = whole._replace(positions=whole.positions[whole.corners], corners=order, edges=order)
    assert pieces(split).max() == 11
    assert pieces(joined(split)).tolist() == pieces(whole).tolist()
    assert joined(whole) is whole
    smooth = pipe(16)
    order = np.arange(len(smooth.corners), dtype=np.int32)
    split = smooth._replace(positions=smooth.positions[smooth.corners], corners=order, edges=order)
    assert regions(joined(split), no_marks).max() == 0


def test_vertices_that_are_not_finite_make_no_fuss():
    faces = two_cubes()
    faces.positions[0] = np.nan
    faces.normals[[0, 2, 4]] = np.nan
    assert pieces(faces).max() == 1 and regions(faces, no_marks).max() == 11


def test_values_are_labels_and_no_faces_have_none():
    assert by_value(np.array([7, -3, 7], np.int32)).tolist() == [1, 0, 1]
    nothing = faces_of(np.zeros((0, 3)), [])
    assert len(connected(0, nothing.corners, nothing.corners)) == 0


@pytest.mark.parametrize("spread", [1, 1000])
def test_runs_are_sorted_by_label_and_leave_out_those_without(spread):
    labels = np.array([2, -1, 0, 2, 0], np.int32) * spread
    ran = runs(np.where(labels < 0, -1, labels))
    assert [ran.of(label * spread).tolist() for label in (0, 1, 2)] == [[2, 4], [], [0, 3]]


def test_a_region_is_outlined_by_its_border_and_a_closed_piece_by_its_creases():
    faces = two_cubes()
    side = Outlines(faces, regions(faces, no_marks)).of(7)
    assert {frozenset(edge) for edge in side.tolist()} == {
        frozenset(edge) for edge in ((12, 14), (14, 15), (15, 13), (13, 12))
    }
    piece = Outlines(faces, pieces(faces)).of(1)
    assert len(piece) == 12 and piece.min() == 8
    assert len(Outlines(pipe(16), np.zeros(16, np.int32)).of(0)) == 32
    assert len(Outlines(faces, np.full(12, -1, np.int32)).of(0)) == 0


def test_marked_faces_have_triangles_and_an_outline():
    faces = faces_of(*cube())
    polygons = np.repeat(np.arange(6), 2)
    triangles = np.arange(36, dtype=np.int32).reshape(12, 3)
    drawn = marked(faces, triangles, polygons, np.arange(6) == 2)
    assert (drawn.triangles == triangles[4:6]).all() and len(drawn.outline) == 4
