from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from backend.geometry.boxes import dominant_directions, enclosing, fit_box
from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh, Samples, areas_and_normals, sample, subset
from backend.geometry.shapes import fit_circle, fit_line, fit_plane, straight_slips, turning_slips


def as_mesh(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, dtype=float), np.asarray(shape.faces, dtype=np.int32))


def samples_of(mesh: Mesh, count: int = 800) -> Samples:
    areas, normals = areas_and_normals(mesh)
    generator = np.random.default_rng(0)
    samples = sample(mesh, areas, normals, count, generator)
    return samples.take(generator.permutation(count))


@pytest.mark.parametrize("seed", range(5))
def test_box_of_a_turned_box_is_the_box(seed: int) -> None:
    rotation = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    mesh = as_mesh(trimesh.creation.box(extents=[0.2, 0.6, 1.0]))
    turned = Mesh(mesh.vertices @ rotation.T + 3.0, mesh.faces)
    box = fit_box(samples_of(turned), turned.vertices)
    assert np.sort(box.half) == pytest.approx([0.1, 0.3, 0.5], abs=1e-6)
    assert box.centre == pytest.approx([3.0, 3.0, 3.0], abs=1e-6)
    assert np.linalg.det(box.axes) == pytest.approx(1.0)


def test_box_distance_is_zero_inside_only() -> None:
    box = enclosing(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]), np.eye(3))
    inside, beside = box.distance(np.array([[0.5, 0.5, 0.9], [0.5, 0.5, 3.0]]))
    assert (inside, beside) == (0.0, pytest.approx(2.0))


def test_dominant_directions_ignore_the_sign_of_normals() -> None:
    samples = samples_of(as_mesh(trimesh.creation.box(extents=[1.0, 2.0, 3.0])))
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (len(samples), 1))
    found = dominant_directions(samples.normals * signs, samples.area, 4)
    assert np.abs(found) == pytest.approx(np.eye(3), abs=1e-6)


def test_fits_recover_line_plane_and_circle() -> None:
    angle = np.linspace(0.0, 5.0, 40)
    rotation = Rotation.random(rng=np.random.default_rng(1)).as_matrix()
    centre = np.array([1.0, -2.0, 0.5])
    ring = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1) * 0.7
    circle = fit_circle(np.asarray(ring @ rotation.T + centre, dtype=float))
    assert circle.radius == pytest.approx(0.7)
    assert circle.origin == pytest.approx(centre)
    assert abs(circle.direction @ rotation[:, 2]) == pytest.approx(1.0)
    assert abs(fit_plane(ring @ rotation.T).direction @ rotation[:, 2]) == pytest.approx(1.0)
    line = fit_line(angle[:, None] * rotation[:, 0] + centre)
    assert abs(line.direction @ rotation[:, 0]) == pytest.approx(1.0)


def test_round_shapes_turn_in_themselves_and_boxes_do_not() -> None:
    rod = samples_of(as_mesh(trimesh.creation.cylinder(0.2, 1.0, sections=48)))
    slips = turning_slips(rod.points + 5.0, rod.normals, rod.area, error=0.15)
    assert len(slips) == 1
    assert abs(slips[0].axis[2]) == pytest.approx(1.0, abs=1e-3)
    assert slips[0].origin[:2] == pytest.approx([5.0, 5.0], abs=5e-3)
    bar = samples_of(as_mesh(trimesh.creation.box(extents=[0.1, 0.1, 2.0])))
    assert not turning_slips(bar.points, bar.normals, bar.area, error=0.15)


def test_a_channel_slides_along_itself_only() -> None:
    bar = as_mesh(trimesh.creation.box(extents=[0.3, 0.2, 2.0]))
    open_ended = subset(bar, np.abs(areas_and_normals(bar)[1][:, 2]) < 0.5)
    samples = samples_of(open_ended)
    slips = straight_slips(samples.normals, samples.area, error=0.1)
    assert len(slips) == 1 and abs(slips[0].axis[2]) == pytest.approx(1.0)


def test_components_join_doubled_vertices_and_part_what_is_apart() -> None:
    first = trimesh.creation.box(extents=[1.0, 1.0, 1.0])
    second = first.copy()
    second.apply_translation([3.0, 0.0, 0.0])
    vertices, faces = trimesh.util.append_faces(
        [first.vertices, second.vertices], [first.faces, second.faces]
    )
    mesh = Mesh(np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.int32))
    soup = Mesh(mesh.corners.reshape(-1, 3), np.arange(72, dtype=np.int32).reshape(-1, 3))
    assert face_components(soup).tolist() == [0] * 12 + [1] * 12


def test_samples_cover_by_area() -> None:
    mesh = as_mesh(trimesh.creation.box(extents=[1.0, 1.0, 3.0]))
    samples = samples_of(mesh, 1400)
    ends = np.abs(samples.normals[:, 2]) > 0.5
    assert ends.mean() == pytest.approx(2.0 / 14.0, abs=0.01)
    assert samples.area.sum() == pytest.approx(14.0)
