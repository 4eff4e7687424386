"""A joint goes with its body: the part moves as it would have, seen from the body."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

blobs: Any = importlib.import_module("tug.protocol.blobs")
following: Any = importlib.import_module("tug.core.following")
errors: Any = importlib.import_module("tug.protocol.errors")
joint: Any = importlib.import_module("tug.protocol.joint")
meshes: Any = importlib.import_module("tug.protocol.meshes")

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


def a_mesh(text: str, at: Any = (0, 0, 0), moving: str = "none") -> Any:
    """A mesh that is told apart by a text, placed in world."""
    blob = blobs.describe(np.frombuffer(text.encode(), np.uint8).copy())
    place = np.eye(4)
    place[:3, 3] = at
    rows = tuple(map(tuple, place.tolist()))
    return meshes.Geometry(vertices=blob, faces=blob, matrix=rows, moving=moving)


def placed(mesh: Any, matrix: Any) -> Any:
    rows = tuple(map(tuple, (matrix @ np.array(mesh.matrix)).tolist()))
    return msgspec.structs.replace(mesh, matrix=rows)


def test_what_was_moved_as_one_was_moved_by_that():
    asked = [a_mesh("body"), a_mesh("twin", (1, 0, 0)), a_mesh("twin", (2, 0, 0)), a_mesh("door")]
    assert following.moved_by(asked, asked[::-1]) is None, "the order says nothing"
    by = np.eye(4)
    by[:2, :2], by[:3, 3] = ((0, -1), (1, 0)), (3, 4, 5)
    now = [placed(mesh, by) for mesh in asked]
    assert np.allclose(following.moved_by(asked, now[::-1]), by)


@pytest.mark.parametrize(
    "change", ["alone", "other", "fewer", "scaled", "mirrored", "flat", "part"]
)
def test_what_was_changed_or_moved_apart_is_refused(change):
    asked = [a_mesh("body"), a_mesh("door", (1, 0, 0), "all")]
    now = list(asked)
    match change:
        case "alone":
            now[1] = a_mesh("door", (1, 0.1, 0), "all")
        case "other":
            now[0] = a_mesh("bodies")
        case "fewer":
            del now[0]
        case "part":
            now[0] = a_mesh("body", moving="all")
        case _:
            factor = {"scaled": 2.0, "mirrored": -1.0, "flat": 0.0}[change]
            now = [placed(mesh, np.diag([factor, factor, factor, 1.0])) for mesh in asked]
    with pytest.raises(errors.TugError, match="changed since it was imagined; show it again"):
        following.moved_by(asked, now)
