"""Shapes as arrays: triangles, thinning, and joints that follow a moved body."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

geometry: Any = importlib.import_module("tug.core.geometry")
ghost: Any = importlib.import_module("tug.core.ghost")
following: Any = importlib.import_module("tug.core.following")
joints: Any = importlib.import_module("tug.protocol.joint")
meshes: Any = importlib.import_module("tug.protocol.meshes")
tasks: Any = importlib.import_module("tug.protocol.tasks")
blobs: Any = importlib.import_module("tug.protocol.blobs")
errors: Any = importlib.import_module("tug.protocol.errors")

numbers = st.floats(-3.0, 3.0)
points = st.tuples(numbers, numbers, numbers)
vectors = points.filter(lambda v: np.linalg.norm(v) > 0.1)


@st.composite
def some_joints(draw):
    axis = np.array(draw(vectors))
    return joints.Joint(
        type=draw(st.sampled_from(["revolute", "prismatic", "continuous"])),
        axis=tuple((axis / np.linalg.norm(axis)).tolist()),
        origin=draw(points),
        lower=-0.5,
        upper=1.5,
    )


@st.composite
def similarities(draw):
    """(4, 4) turns, moves, scales evenly and perhaps mirrors."""
    matrix = np.eye(4)
    mirror = np.diag([draw(st.sampled_from([1.0, -1.0])), 1.0, 1.0])
    turn = Rotation.from_rotvec(draw(points)).as_matrix()
    matrix[:3, :3] = draw(st.floats(0.2, 4.0)) * turn @ mirror
    matrix[:3, 3] = draw(points)
    return matrix


def rows(matrix):
    return tuple(map(tuple, matrix.tolist()))


unmoved = np.eye(4)


def mesh(name, matrix=unmoved, moving="none"):
    blob = blobs.describe(np.frombuffer(name.encode(), np.uint8))
    return meshes.Geometry(vertices=blob, faces=blob, matrix=rows(matrix), moving=moving)


@given(some_joints(), similarities(), st.floats(0.0, 1.0), points)
@settings(deadline=None, max_examples=60)
def test_a_carried_joint_moves_the_carried_part_alike(joint, by, opened, point):
    """Moving, then carrying, is carrying, then moving."""
    carried = following.carried(joint, by)
    low, high = (b.lower + opened * (b.upper - b.lower) for b in (joint, carried))
    rest = np.array([*point, 1.0])
    expected = by @ joints.motion(joint, low) @ rest
    assert joints.motion(carried, high) @ by @ rest == pytest.approx(expected, abs=1e-6)


def test_a_joint_follows_the_body_and_not_the_part():
    joint = joints.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1)
    shift = np.eye(4)
    shift[0, 3] = 2.0
    asked = [mesh("door", moving="all"), mesh("frame")]
    moved_body = [mesh("frame", shift), mesh("door", moving="all")]
    moved_part = [mesh("frame"), mesh("door", shift, moving="all")]
    assert following.follow(joint, asked, moved_body).origin == (2.0, 0.0, 0.0)
    assert following.follow(joint, asked, moved_part) == joint
    assert following.follow(joint, asked, [mesh("other", shift)]) == joint


def test_a_stretched_body_is_refused():
    joint = joints.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1)
    with pytest.raises(errors.TugError, match="stretched"):
        following.follow(joint, [mesh("frame")], [mesh("frame", np.diag([1, 2, 1, 1.0]))])


@pytest.mark.parametrize("size", [4, 60])
def test_a_thinned_shape_keeps_its_outline_within_the_budget(size):
    ticks = np.linspace(0.0, 1.0, size)
    vertices = np.stack([*np.meshgrid(ticks, ticks), np.zeros((size, size))], axis=-1).reshape(
        -1, 3
    )
    corner = np.arange(size * size).reshape(size, size)[:-1, :-1].reshape(-1, 1)
    quads = corner + np.array([0, 1, size + 1, size])
    faces = quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3).astype(np.int32)
    found, triangles = ghost.thinned(vertices, faces, 500)
    assert min(len(faces), 100) <= len(triangles) <= 500
    assert np.abs(found[triangles].min(axis=(0, 1)) - vertices.min(axis=0)).max() < 0.1
    assert np.abs(found[triangles].max(axis=(0, 1)) - vertices.max(axis=0)).max() < 0.1


def test_a_shape_within_the_budget_is_left_alone():
    vertices, faces = np.eye(3), np.array([[0, 1, 2]], np.int32)
    assert ghost.thinned(vertices, faces, 1)[1] is faces
