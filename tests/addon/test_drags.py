"""The drag that a part's shape suggests."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

drags: Any = importlib.import_module("tug.core.drags")

quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
cube = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])


def test_an_open_patch_is_pulled_along_its_normal():
    square = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], float)
    start, end = drags.outward_drag(square, np.array([(0, 2, 1), (0, 3, 2)]), np.zeros((0, 3)))
    assert start[2] == 0.0 and 0.0 < start[0] < 1.0 and 0.0 < start[1] < 1.0
    assert np.allclose(np.subtract(end, start), (0, 0, -0.5 * np.sqrt(2)))


def test_a_closed_part_is_pulled_away_from_the_body_from_its_far_side():
    body = cube * 4.0 + (0.0, 2.5, 0.1)
    start, end = drags.outward_drag(cube, faces, body)
    assert start[1] == pytest.approx(-0.5)
    assert np.allclose(np.subtract(end, start), (0, -0.5 * np.sqrt(3), 0))


def test_a_lonely_closed_part_still_gets_a_drag():
    start, end = drags.outward_drag(cube, faces, np.zeros((0, 3)))
    assert np.isfinite([start, end]).all() and start != end
