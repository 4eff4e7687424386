"""From the pieces of a scene to the engine's problem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.articulation import engine
from backend.geometry.mesh import areas_and_normals
from backend.tasks import tasks
from backend.tasks.articulate import build
from backend.tasks.geometry import placed
from protocol.blobs import describe
from protocol.errors import TugError
from protocol.meshes import Geometry
from protocol.tasks import ArticulateRequest
from tests.backend.conftest import box

matrices = arrays(np.float64, (4, 4), elements=st.floats(-3.0, 3.0))


def as_rows(matrix):
    return tuple(tuple(float(value) for value in row) for row in matrix)


def problem_of(*pieces):
    """Pieces are (vertices, faces, fields of Geometry)."""
    content, geometry = {}, []
    for vertices, faces, fields in pieces:
        fields = dict(fields)
        for array in (vertices, faces, fields.get("selection")):
            if array is not None:
                content[describe(array).digest] = array
        if "selection" in fields:
            fields["selection"] = describe(fields["selection"])
        geometry.append(Geometry(vertices=describe(vertices), faces=describe(faces), **fields))
    return build(ArticulateRequest(geometry=tuple(geometry)), lambda blob: content[blob.digest])


@given(matrices)
def test_any_affine_matrix_keeps_normals_outside(matrix):
    """Mirrored or sheared: a closed mesh placed in the world has its positive volume."""
    matrix[3] = (0, 0, 0, 1)
    assume(abs(np.linalg.det(matrix[:3, :3])) > 1e-3)
    mesh = placed(*box((-1, -1, -1), (1, 1, 1)), matrix, name="box")
    areas, normals = areas_and_normals(mesh)
    volume = (mesh.corners.mean(axis=1) * normals).sum(axis=1) @ areas / 3.0
    outward = np.sign(_volume_of_box())
    assert np.sign(volume) == outward
    assert abs(volume) == pytest.approx(8.0 * abs(np.linalg.det(matrix[:3, :3])), rel=1e-6)


def _volume_of_box():
    mesh = placed(*box((-1, -1, -1), (1, 1, 1)), np.eye(4), name="box")
    a, b, c = (mesh.corners[:, k] for k in range(3))
    return np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0


@given(matrices)
def test_vertices_go_where_the_matrix_says(matrix):
    matrix[3] = (0, 0, 0, 1)
    vertices, faces = box((0, 0, 0), (1, 2, 3))
    world = placed(vertices, faces, as_rows(matrix), name="box").vertices
    expected = (matrix @ np.c_[vertices, np.ones(8)].T).T[:, :3]
    assert world == pytest.approx(expected, abs=1e-6)


def test_large_offsets_keep_their_precision():
    matrix = np.eye(4)
    matrix[:3, 3] = 1e6
    mesh = placed(*box((0, 0, 0), (0.001, 0.001, 0.001)), matrix, name="box")
    assert np.ptp(mesh.vertices, axis=0) == pytest.approx([0.001] * 3, rel=1e-4)


def test_pieces_are_merged_by_what_moves():
    small, large = box((0, 0, 0), (1, 1, 1)), box((2, 0, 0), (3, 1, 1))
    problem = problem_of(
        (*small, {"moving": "all"}),
        (*large, {}),
        (*small, {"moving": "selection", "selection": np.array([0, 5], "<i4")}),
    )
    assert len(problem.part.faces) == 12 + 2
    assert len(problem.body.faces) == 12 + 10
    assert problem.part.faces.max() < len(problem.part.vertices)
    corners = problem.part.corners[12:]
    assert corners == pytest.approx(small[0][small[1][[0, 5]]])


def test_selecting_a_face_twice_is_selecting_it():
    chosen = np.array([3, 3, 3], "<i4")
    problem = problem_of((*box((0, 0, 0), (1, 1, 1)), {"moving": "selection", "selection": chosen}))
    assert len(problem.part.faces) == 1
    assert len(problem.body.faces) == 11


@pytest.mark.parametrize("index", [-1, 12, 2**31 - 1])
def test_faces_that_are_not_there_are_refused(index):
    vertices, faces = box((0, 0, 0), (1, 1, 1))
    chosen = np.array([index], "<i4")
    with pytest.raises(TugError, match="triangles that it does not have"):
        problem_of((vertices, faces, {"moving": "selection", "selection": chosen}))
    broken = faces.copy()
    broken[0, 0] = index
    with pytest.raises(TugError, match="vertices it does not have"):
        problem_of((vertices, broken, {}))


def test_the_gateway_expects_the_stages_that_the_engine_has():
    assert tuple(tasks["articulate"].stages) == engine.stages
