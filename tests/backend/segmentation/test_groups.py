"""Atoms part the faces; groups are made of atoms; creases cut where a surface bends inwards."""

from __future__ import annotations

import numpy as np
import pytest

from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh, areas_and_normals
from backend.segmentation.atoms import find_atoms
from backend.segmentation.contacts import find_contacts
from backend.segmentation.creases import creased
from backend.segmentation.frame import place
from backend.segmentation.groups import find_groups
from backend.segmentation.ranking import best, overlap
from tests.backend.conftest import box
from tests.backend.segmentation.scenes import carved, dresser, merged


def placed(mesh):
    return place(mesh, (0.0, 0.0, 1.0), np.random.default_rng(0)).mesh


def cut(mesh):
    return creased(mesh, *areas_and_normals(mesh), face_components(mesh))


@pytest.mark.parametrize("scene", [dresser, carved])
def test_atoms_part_the_faces_and_groups_are_distinct_sets_of_them(scene):
    mesh = placed(scene()[0])
    atoms = find_atoms(mesh, np.random.default_rng(0))
    assert np.array_equal(np.unique(atoms.of_face), np.arange(len(atoms)))
    assert atoms.area.sum() == pytest.approx(areas_and_normals(mesh)[0].sum())
    contacts = find_contacts(atoms, np.eye(3))
    groups = find_groups(atoms, contacts)
    assert len({row.tobytes() for row in groups}) == len(groups)
    assert (groups[: len(atoms)] == np.eye(len(atoms), dtype=bool)).all()
    assert groups.any(axis=1).all()


def test_areas_in_contact_and_across_gaps():
    """A slab on a plate, and another just above it."""
    mesh = merged(
        box((0, 0, 0), (1, 1, 0.1)), box((0, 0, 0.1), (1, 1, 0.2)), box((0, 0, 0.21), (1, 1, 0.3))
    )
    mesh = Mesh(mesh.vertices + np.repeat([[0.0], [1e-5], [0.0]], 8, axis=0), mesh.faces)
    mesh = placed(mesh)
    atoms = find_atoms(mesh, np.random.default_rng(0))
    contacts = find_contacts(atoms, np.eye(3))
    side = areas_and_normals(mesh)[0].max() * 2.0
    assert contacts.touch[0, 1] == pytest.approx(side, rel=0.1)
    assert contacts.gap[1, 2] == pytest.approx(side, rel=0.1)
    assert contacts.touch[1, 2] == contacts.touch[0, 2] == 0.0
    barred = contacts.barred / atoms.area[None, :, None]
    upwards = int(
        (contacts.ways @ (mesh.corners[24:].mean((0, 1)) - mesh.corners.mean((0, 1)))).argmax()
    )
    assert barred[upwards, 1, 2] > 0.2
    assert barred[upwards, 2].sum() == 0.0


def test_a_block_is_cut_at_its_grooves_however_its_faces_are_turned():
    mesh = placed(carved()[0])
    regions = cut(mesh)
    assert len(np.unique(face_components(mesh))) == 1
    assert regions.max() > 4
    rng = np.random.default_rng(0)
    flipped = rng.random(len(mesh.faces)) < 0.3
    faces = np.where(flipped[:, None], mesh.faces[:, ::-1], mesh.faces)
    again = cut(Mesh(mesh.vertices, np.ascontiguousarray(faces)))
    pairs = np.unique(np.stack([regions, again]), axis=1)
    assert pairs.shape[1] == regions.max() + 1 == again.max() + 1


def test_what_only_bulges_is_not_cut():
    for mesh in (merged(box((0, 0, 0), (1, 2, 3))), dresser()[0]):
        mesh = placed(mesh)
        assert np.array_equal(cut(mesh), face_components(mesh))


def test_near_duplicates_are_merged_into_the_better_one():
    groups = np.array([[1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 1]], bool)
    area = np.array([1.0, 1.0, 1.0, 0.05])
    assert best(groups, area, np.array([0.0, 1.0, -1.0]), 8) == [1, 2]
    assert best(groups, area, np.array([1.0, 0.0, -1.0]), 1) == [0]
    assert overlap(groups * area, 0).tolist() == pytest.approx([1.0, 3.0 / 3.05, 0.0])
