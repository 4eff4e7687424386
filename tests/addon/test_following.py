"""A joint goes with its body: the part moves as it would have, seen from the body."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

following: Any = importlib.import_module("tug.core.following")
errors: Any = importlib.import_module("tug.protocol.errors")
joint: Any = importlib.import_module("tug.protocol.joint")

numbers = st.floats(-2.0, 2.0, allow_nan=False)
points = st.tuples(numbers, numbers, numbers)
kinds = ("revolute", "prismatic", "continuous", "screw", "cylindrical")


@st.composite
def places(draw):
    """(4, 4) similarity transforms, mirrored ones among them."""
    turn, _ = np.linalg.qr(np.random.default_rng(draw(st.integers(0, 999))).normal(size=(3, 3)))
    place = np.eye(4)
    place[:3, :3] = draw(st.floats(0.3, 3.0)) * turn
    place[:3, 3] = draw(points)
    return place


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(kinds), points, st.floats(-0.9, 0.9), st.floats(-0.3, 0.3), places())
def test_the_joint_carried_along_moves_the_part_as_before(kind, origin, opened, slide, place):
    there = joint.Joint(
        type=kind, axis=(0.6, 0, 0.8), origin=origin, lower=-1, upper=1, pitch=0.7, slide=(-0.2, 1)
    )
    here = following.carried(there, place)
    scale = np.cbrt(abs(np.linalg.det(place)))
    mirrored = np.linalg.det(place) < 0
    assert (here.upper, here.slide[1] - here.slide[0]) == pytest.approx(
        (scale if kind == "prismatic" else 1.0, 1.2 * scale)
    )
    value = opened * here.upper
    slid = slide * scale * (-1.0 if mirrored and kind != "prismatic" else 1.0)
    expected = place @ joint.motion(there, opened, slide) @ np.linalg.inv(place)
    assert np.allclose(joint.motion(here, value, slid), expected, atol=1e-9)


def test_a_stretched_body_is_refused():
    hinge = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1)
    with pytest.raises(errors.TugError, match="stretched"):
        following.carried(hinge, np.diag([1.0, 1.0, 2.0, 1.0]))
