"""What is proposed for known furniture, however it is turned, ordered and modelled."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.geometry.mesh import Mesh
from backend.segmentation.atoms import most_atoms
from backend.segmentation.propose import propose
from protocol.errors import TugError
from tests.backend.conftest import box
from tests.backend.segmentation.scenes import carved, dresser, merged, overlap


def best_overlaps(mesh, parts, **options):
    proposals = propose(mesh, **options).proposals
    return {
        name: max(overlap(faces, proposal.faces) for proposal in proposals)
        for name, faces in parts.items()
    }


def test_doors_and_drawers_are_proposed_whole():
    mesh, parts = dresser()
    assert best_overlaps(mesh, parts) == dict.fromkeys(parts, 1.0)


def test_the_first_proposals_are_different_parts():
    mesh, parts = dresser()
    first = propose(mesh).proposals[:4]
    assert all(any(overlap(faces, p.faces) == 1.0 for p in first) for faces in parts.values())


def test_proposals_are_sets_of_faces_ranked_and_named():
    mesh, _ = dresser()
    proposals = propose(mesh, most=20).proposals
    assert 0 < len(proposals) <= 20
    for proposal in proposals:
        assert len(np.unique(proposal.faces)) == len(proposal.faces) > 0
        assert proposal.faces.min() >= 0 and proposal.faces.max() < len(mesh.faces)
        assert 0.0 <= proposal.score <= 1.0
        assert proposal.fits == 0.5
        assert proposal.name
    sets = [set(proposal.faces.tolist()) for proposal in proposals]
    assert len({frozenset(faces) for faces in sets}) == len(sets)


@pytest.mark.parametrize("seed", range(3))
def test_turned_moved_and_scaled_it_is_the_same_object(seed):
    mesh, parts = dresser()
    rng = np.random.default_rng(seed)
    turn = Rotation.random(rng=rng)
    vertices = turn.apply(mesh.vertices) * 10.0 ** rng.uniform(-3, 3) + rng.normal(size=3)
    found = best_overlaps(Mesh(vertices, mesh.faces), parts, up=turn.apply([0, 0, 1]))
    assert found == dict.fromkeys(parts, 1.0)


def test_the_order_of_vertices_and_faces_does_not_matter():
    mesh, parts = dresser()
    rng = np.random.default_rng(0)
    order, place = rng.permutation(len(mesh.vertices)), rng.permutation(len(mesh.faces))
    renamed = np.argsort(order)[mesh.faces][place].astype(np.int32)
    moved = {name: np.argsort(place)[faces] for name, faces in parts.items()}
    found = best_overlaps(Mesh(mesh.vertices[order], renamed), moved)
    assert found == dict.fromkeys(parts, 1.0)


def test_soup_with_flipped_faces_is_the_same_object():
    mesh, parts = dresser()
    rng = np.random.default_rng(0)
    corners = mesh.corners + rng.normal(size=mesh.corners.shape) * 1e-8
    flipped = rng.random(len(corners)) < 0.5
    corners[flipped] = corners[flipped][:, ::-1]
    soup = Mesh(corners.reshape(-1, 3), np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3))
    assert best_overlaps(soup, parts) == dict.fromkeys(parts, 1.0)


def test_fronts_and_knobs_of_one_piece_are_proposed():
    mesh, front = carved()
    assert best_overlaps(mesh, {"front": front})["front"] > 0.75


@pytest.mark.parametrize(
    ("prompt", "part"),
    [
        ("open the door", "door"),
        ("swing the left door out", "door"),
        ("pull out the top drawer", "drawer 2"),
        ("open the lower drawer", "drawer 0"),
        ("open the middle drawer", "drawer 1"),
        ("pull out the second drawer from the top", "drawer 1"),
        ("slide out the third drawer", "drawer 0"),
        ("the first drawer from the bottom", "drawer 0"),
        ("the last drawer", "drawer 0"),
    ],
)
def test_words_find_their_part(prompt, part):
    mesh, parts = dresser()
    best = propose(mesh, prompt=prompt).proposals[0]
    assert overlap(best.faces, parts[part]) == 1.0


def test_words_find_their_part_where_y_is_up():
    """glTF: y up, the front towards z."""
    mesh, parts = dresser()
    x, y, z = mesh.vertices.T
    turned = Mesh(np.stack([x, z, -y], axis=1), mesh.faces)
    best = propose(turned, prompt="pull out the top drawer", up=(0, 1, 0)).proposals[0]
    assert overlap(best.faces, parts["drawer 2"]) == 1.0


def test_what_nothing_fits_is_said():
    mesh, _ = dresser()
    (note,) = propose(mesh, prompt="turn the knob clockwise").notes
    assert "knob" in note


def test_what_several_fit_is_said():
    mesh, _ = dresser()
    (note,) = propose(mesh, prompt="pull out a drawer").notes
    assert "parts fit" in note


def test_words_that_say_nothing_leave_the_order():
    mesh, _ = dresser()
    plain, foreign = propose(mesh), propose(mesh, prompt="öffne bitte")
    assert [p.score for p in plain.proposals] == [p.score for p in foreign.proposals]
    assert {p.fits for p in foreign.proposals} == {0.5}
    assert not foreign.notes


def test_a_point_is_held_by_ever_larger_regions():
    mesh, parts = dresser()
    answer = propose(mesh, seed_point=(0.3, -0.05, 0.5))  # the handle of the middle drawer
    face = parts["drawer 1"][-12:]
    areas = [len(proposal.faces) for proposal in answer.proposals]
    assert overlap(answer.proposals[0].faces, face) == 1.0
    assert all(len(np.intersect1d(p.faces, face)) for p in answer.proposals)
    assert any(overlap(p.faces, parts["drawer 1"]) == 1.0 for p in answer.proposals)
    assert areas[0] == min(areas)


def test_owners_are_kept_apart_and_proposed():
    """Two boxes that share a face are one piece, unless they are two objects."""
    mesh = merged(box((0, 0, 0), (1, 1, 1)), box((1, 0, 0), (2, 1, 1)))
    owner = np.repeat([0, 1], 12).astype(np.int32)
    both = best_overlaps(mesh, {"right": np.arange(12, 24)}, owner=owner)
    assert both["right"] == 1.0


@pytest.mark.parametrize(
    "mesh",
    [
        merged(box((0, 0, 0), (1, 1, 1))),
        Mesh(np.eye(3), np.array([[0, 1, 2]], np.int32)),
        Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [9, 9, 9]]), np.array([[0, 1, 2]] * 3)),
    ],
    ids=["one box", "one triangle", "one triangle thrice"],
)
def test_hardly_any_mesh_is_enough(mesh):
    proposals = propose(mesh, prompt="open the left door").proposals
    assert len(proposals) == 1
    assert len(proposals[0].faces) == len(mesh.faces)


def test_dust_goes_to_what_it_lies_on():
    """More loose triangles than there may be atoms: each face is still somewhere."""
    rng = np.random.default_rng(0)
    dust = rng.random((2 * most_atoms, 1, 3)) + 1e-3 * rng.normal(size=(2 * most_atoms, 3, 3))
    block = merged(box((0, 0, 0), (1, 1, 1)))
    vertices = np.concatenate([block.vertices, dust.reshape(-1, 3)])
    loose = np.arange(3 * len(dust)).reshape(-1, 3) + len(block.vertices)
    mesh = Mesh(vertices, np.concatenate([block.faces, loose]).astype(np.int32))
    answer = propose(mesh, most=64)
    assert 0 < len(answer.proposals) <= 64


@pytest.mark.parametrize(
    ("vertices", "faces", "words"),
    [
        (np.zeros((0, 3)), np.zeros((0, 3), np.int32), "empty"),
        (np.zeros((3, 3)), np.array([[0, 1, 2]], np.int32), "degenerate"),
        (np.full((3, 3), np.nan), np.array([[0, 1, 2]], np.int32), "NaN"),
        (np.eye(3), np.array([[0, 1, 7]], np.int32), "vertices it does not have"),
    ],
)
def test_bad_meshes_get_their_sentence(vertices, faces, words):
    with pytest.raises(TugError, match=words):
        propose(Mesh(vertices, faces))


def test_the_same_question_has_the_same_answer():
    mesh, _ = dresser()
    first, second = propose(mesh, seed=3), propose(mesh, seed=3)
    for a, b in zip(first.proposals, second.proposals, strict=True):
        assert a.score == b.score
        assert np.array_equal(a.faces, b.faces)
