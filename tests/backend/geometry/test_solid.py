from __future__ import annotations

import numpy as np
import pytest
import trimesh

from backend.geometry.mesh import Mesh
from backend.geometry.solid import Solid, crossed
from backend.geometry.surface import Surface

still = np.eye(4)[None]


def cube(size: float = 0.5, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Mesh:
    box = trimesh.creation.box(extents=[size] * 3)
    vertices = np.asarray(box.vertices, dtype=float) + at
    return Mesh(vertices, np.asarray(box.faces, dtype=np.int32))


def both(first: Mesh, second: Mesh) -> Mesh:
    faces = np.concatenate([first.faces, second.faces + len(first.vertices)])
    return Mesh(np.concatenate([first.vertices, second.vertices]), faces.astype(np.int32))


def shifted(*steps: float) -> np.ndarray:
    poses = np.tile(np.eye(4), (len(steps), 1, 1))
    poses[:, 0, 3] = steps
    return poses


def test_depth_is_the_distance_to_the_wall_and_none_outside() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.2, 0.01, 0.02], [0.3, 0.0, 0.0]])
    assert Solid(cube()).depth(points, still)[0] == pytest.approx([0.25, 0.05, 0.0], abs=1e-6)


def test_depth_in_overlapping_shells_is_to_the_shell_it_is_deepest_in() -> None:
    """The second cube's wall runs through the first cube's middle and does not count there."""
    overlapping = Solid(both(cube(), cube(at=(0.25, 0.0, 0.0))))
    assert overlapping.depth(np.array([[0.01, 0.0, 0.0]]), still)[0, 0] == pytest.approx(0.24)


def test_depth_follows_the_poses() -> None:
    depth = Solid(cube()).depth(np.array([[-0.4, 0.01, 0.02]]), shifted(0.0, 0.2, 0.4, 0.8))
    assert depth[:, 0] == pytest.approx([0.0, 0.05, 0.23, 0.0], abs=1e-6)


def test_deeper_says_what_depth_would_compare() -> None:
    generator = np.random.default_rng(1)
    solid = Solid(both(cube(), cube(at=(0.25, 0.0, 0.0))))
    points = generator.uniform(-0.3, 0.5, (400, 3))
    limits = generator.uniform(0.001, 0.2, 400).astype(np.float32)
    poses = shifted(0.0, 0.1, -0.2)
    deeper = solid.deeper(points, poses, limits)
    assert (deeper == (solid.depth(points, poses) > limits)).all()
    assert deeper.sum() > 50


def test_flipped_and_torn_shells_hold_as_much() -> None:
    mesh = cube()
    torn = Mesh(mesh.corners.reshape(-1, 3)[:, :], np.arange(36, dtype=np.int32).reshape(-1, 3))
    flipped = Mesh(mesh.vertices, mesh.faces[:, ::-1].copy())
    points = np.random.default_rng(0).uniform(-0.4, 0.4, (60, 3))
    expected = Solid(mesh).depth(points, still)
    for spoilt in (torn, flipped):
        assert np.allclose(Solid(spoilt).depth(points, still), expected, atol=1e-6)


def test_shells_with_holes_are_sheets_and_closed_ones_are_none() -> None:
    lidless = Mesh(cube().vertices, cube().faces[:-2])
    assert Solid(cube()).sheets is None
    assert Solid(lidless).sheets is not None


def test_shells_away_from_the_box_are_left_out() -> None:
    near = (np.array([1.0, 1.0, 1.0]), np.array([2.0, 2.0, 2.0]))
    assert Solid(cube(), near).depth(np.zeros((1, 3)), still)[0, 0] == 0.0


def test_only_points_that_go_through_a_wall_have_crossed() -> None:
    points = np.array([[-0.4, 0.0, 0.0], [-0.4, 0.4, 0.0]])
    assert crossed(Surface(cube()), points, shifted(0.0, 0.3, 0.8)).tolist() == [True, False]
    assert not crossed(Surface(cube()), points, shifted(0.0, 0.1)).any()
