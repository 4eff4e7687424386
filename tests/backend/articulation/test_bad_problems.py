from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.articulation.engine import articulate
from backend.articulation.problem import Problem
from backend.geometry import mesh as meshes
from backend.geometry.mesh import Mesh
from protocol.errors import TugError
from tests.backend.articulation import shapes

nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32))


def refusal(problem: Problem) -> tuple[str, str]:
    with pytest.raises(TugError) as caught:
        articulate(problem)
    error = caught.value.error
    assert error.message.endswith(".") and error.message.count(". ") == 0
    return error.code, error.message


def without_faces(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, mesh.faces[:0])


def test_empty_mesh() -> None:
    code, message = refusal(replace(shapes.door().problem(), part=nothing, body=nothing))
    assert code == "bad_input" and "empty" in message


def test_no_part_faces() -> None:
    made = shapes.door()
    code, message = refusal(replace(made.problem(), part=without_faces(made.part)))
    assert code == "bad_input" and "No faces belong to the part" in message


def test_everything_is_the_part() -> None:
    made = shapes.door()
    code, message = refusal(replace(made.problem(), body=without_faces(made.body)))
    assert code == "bad_input" and "All faces belong to the part" in message


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["part", "body"])
def test_coordinates_that_are_no_numbers(bad: float, side: str) -> None:
    problem = shapes.door().problem()
    mesh = getattr(problem, side)
    vertices = mesh.vertices.copy()
    vertices[3, 1] = bad
    code, message = refusal(replace(problem, **{side: Mesh(vertices, mesh.faces)}))
    assert code == "bad_input" and "NaN or infinite" in message and side in message


def test_drag_without_length() -> None:
    made = shapes.door()
    code, message = refusal(made.problem(end=made.start))
    assert code == "bad_input" and "no length" in message


def test_drag_that_is_no_number() -> None:
    code, message = refusal(shapes.door().problem(end=[np.nan, 0.0, 0.0]))
    assert code == "bad_input" and "drag" in message


def test_drag_off_the_part() -> None:
    made = shapes.door()
    problem = replace(made.problem(), drags=np.array([[[0.3, -0.5, 0.4], [0.3, -0.9, 0.4]]]))
    code, message = refusal(problem)
    assert code == "bad_input" and "away from the part" in message


def test_degenerate_triangles_only() -> None:
    made = shapes.door()
    flat = Mesh(made.part.vertices, np.zeros((4, 3), dtype=np.int32))
    code, message = refusal(replace(made.problem(), part=flat))
    assert code == "bad_input" and "degenerate" in message


def test_everything_in_one_point() -> None:
    made = shapes.door()
    point = Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]], dtype=np.int32))
    code, _ = refusal(replace(made.problem(), part=point, body=point, drags=np.zeros((0, 2, 3))))
    assert code == "bad_input"


def test_indices_out_of_range() -> None:
    made = shapes.door()
    faces = made.part.faces.copy()
    faces[0, 0] = 10_000
    code, message = refusal(replace(made.problem(), part=Mesh(made.part.vertices, faces)))
    assert code == "bad_input" and "vertices it does not have" in message


def test_too_many_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meshes, "max_faces", 5)
    code, message = refusal(shapes.door().problem())
    assert code == "too_large" and "limit is 5" in message


def test_no_joint_type_allowed() -> None:
    code, _ = refusal(shapes.door().problem(joint_types=()))
    assert code == "bad_input"
