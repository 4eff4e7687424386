"""Loose pieces of meshes."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

loose: Any = importlib.import_module("tug.core.loose")

polygons = st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=5, unique=True), min_size=1)


def flooded(faces, vertex):
    """The slow way: take what touches what is taken, until nothing more does."""
    taken, known = set(), {vertex}
    while True:
        more = {i for i, face in enumerate(faces) if known & set(face)} - taken
        if not more:
            return taken
        taken |= more
        known |= {corner for i in more for corner in faces[i]}


@settings(max_examples=200, deadline=None)
@given(polygons, st.data())
def test_a_piece_is_all_that_can_be_reached_over_shared_corners(faces, data):
    vertex = data.draw(st.sampled_from(sorted({v for face in faces for v in face})))
    corners = np.array([v for face in faces for v in face], np.int32)
    sizes = np.array([len(face) for face in faces], np.int32)
    found = loose.piece_of(corners, sizes, vertex)
    assert set(np.flatnonzero(found).tolist()) == flooded(faces, vertex)


def test_a_mesh_without_faces_has_no_piece():
    assert not len(loose.piece_of(np.zeros(0, np.int32), np.zeros(0, np.int32), 0))
