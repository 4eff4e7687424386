from __future__ import annotations

import numpy as np
import pytest
import trimesh

from backend.articulation.kinematics import carry, move
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Motions, Surface, far, stacked


def cube(size: float = 0.5) -> Mesh:
    box = trimesh.creation.box(extents=[size] * 3)
    return Mesh(np.asarray(box.vertices, dtype=float), np.asarray(box.faces, dtype=np.int32))


def slides(*axes: tuple[float, float, float]) -> Motions:
    count = len(axes)
    return Motions(np.zeros(count, dtype=bool), np.array(axes), np.zeros((count, 3)))


def hinge(axis: tuple[float, float, float], origin: tuple[float, float, float]) -> Motions:
    return Motions(np.array([True]), np.array([axis]), np.array([origin]))


def test_closest_points_outside_a_cube_are_its_clamped_coordinates() -> None:
    points = np.random.default_rng(0).uniform(-1.0, 1.0, (50, 3))
    points = points[np.abs(points).max(axis=1) > 0.25]
    distance, nearest, face = Surface(cube()).closest(points)
    clamped = np.clip(points, -0.25, 0.25)
    assert nearest == pytest.approx(clamped, abs=1e-5)
    assert distance == pytest.approx(np.linalg.norm(points - clamped, axis=1), abs=1e-5)
    assert (face >= 0).all()


def test_nothing_closer_than_the_limit() -> None:
    distance, _, face = Surface(cube()).closest(np.array([[0.9, 0.0, 0.0]]), limit=0.1)
    assert (distance[0], face[0]) == (pytest.approx(0.1), -1)


@pytest.mark.parametrize("flip", [False, True])
def test_inside_does_not_depend_on_normals(flip: bool) -> None:
    mesh = cube()
    faces = mesh.faces[:, ::-1].copy() if flip else mesh.faces
    odd = Surface(Mesh(mesh.vertices, faces)).odd_crossings(
        np.array([[0.0, 0.1, 0.0], [0.9, 0.0, 0.0]])
    )
    assert odd == pytest.approx([1.0, 0.0])


def test_slide_meets_the_wall_where_it_stands() -> None:
    motions = slides((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0))
    start = np.array([[-0.6, 0.01, 0.02]])
    contact = Surface(cube()).sweep(start, motions, np.ones(2), 20, 0.002)
    assert contact[0, 0] == pytest.approx(0.35, abs=1e-4)
    assert contact[1, 0] == pytest.approx(far)


def test_backward_sweep_is_the_motion_reversed() -> None:
    start = np.array([[-0.6, 0.01, 0.02]])
    contact = Surface(cube()).sweep(start, slides((-1.0, 0.0, 0.0)), np.array([-1.0]), 20, 0.002)
    assert contact[0, 0] == pytest.approx(0.35, abs=1e-4)


def test_turn_meets_the_wall_at_its_angle() -> None:
    start = np.array([[0.2, -0.5, 0.013]])  # comes round to y = -0.25 about x = 0.2 - 0.5
    motion = hinge((0.0, 0.0, 1.0), (-0.3, -0.5, 0.0))
    contact = Surface(cube()).sweep(start, motion, np.array([np.pi / 2]), 60, 0.002)
    assert contact[0, 0] == pytest.approx(np.arcsin(0.25 / 0.5), abs=0.01)


def test_grazing_less_than_the_tolerance_is_no_contact() -> None:
    start = np.array([[0.2, 0.0, 0.013]])
    motions = slides((1.0, 0.0, 0.0))
    surface = Surface(cube())
    assert surface.sweep(start, motions, np.array([0.06]), 10, 0.02)[0, 0] == pytest.approx(far)
    assert surface.sweep(start, motions, np.array([0.08]), 10, 0.02)[0, 0] < 0.06


def test_sweeping_many_motions_is_sweeping_each() -> None:
    generator = np.random.default_rng(1)
    points = generator.uniform(-0.6, 0.6, (40, 3))
    axes = generator.normal(size=(7, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    motions = Motions(np.arange(7) % 2 == 0, axes, generator.uniform(-0.5, 0.5, (7, 3)))
    reach = generator.uniform(0.2, 1.5, 7)
    surface = Surface(cube())
    together = surface.sweep(points, motions, reach, 16, 0.003)
    apart = [surface.sweep(points, motions.take([h]), reach[[h]], 16, 0.003) for h in range(7)]
    assert np.array_equal(together, np.concatenate(apart))


def test_carry_inverts_move() -> None:
    generator = np.random.default_rng(2)
    for seed in range(20):
        axis = generator.normal(size=3)
        motion = hinge((0.0, 0.0, 1.0), (0.1, 0.2, 0.3)) if seed % 2 else slides((1.0, 0.0, 0.0))
        motion = Motions(motion.hinge, (axis / np.linalg.norm(axis))[None], motion.origin)
        value = generator.uniform(-2.5, 2.5, 1)
        start = generator.uniform(-1.0, 1.0, (1, 3))
        end = move(motion, value, start)[0]
        found, off = carry(motion, np.stack([start, end], axis=1))
        assert found[0] == pytest.approx(value, abs=1e-9)
        assert off[0] == pytest.approx([0.0], abs=1e-9)


def test_stacked_keeps_the_order() -> None:
    both = stacked([slides((1.0, 0.0, 0.0)), hinge((0.0, 1.0, 0.0), (0.0, 0.0, 2.0))])
    assert both.hinge.tolist() == [False, True]
    assert both.origin[1].tolist() == [0.0, 0.0, 2.0]
