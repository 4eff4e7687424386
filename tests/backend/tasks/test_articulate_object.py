"""From the marked parts of a scene to the object, and its answer from a real backend."""

from __future__ import annotations

import numpy as np
import pytest

from backend.assembly import engine as assembly
from backend.tasks import tasks
from backend.tasks.articulate_object import build, check
from protocol.blobs import describe
from protocol.errors import TugError
from protocol.meshes import Geometry, Piece
from protocol.messages import Limits
from protocol.tasks import ArticulateObjectRequest, Drag, PartQuestion
from tests.backend.conftest import box

body = box((0, 0, 0), (1, 1, 1))
lower, upper = box((0.1, -0.1, 0.1), (0.9, 0.0, 0.4)), box((0.1, -0.1, 0.6), (0.9, 0.0, 0.9))
pull = Drag((0.5, -0.1, 0.25), (0.5, -0.4, 0.25))


class Asked:
    """A request about the three boxes as separate meshes, and the arrays it names."""

    def __init__(self, *parts: PartQuestion, **fields) -> None:
        self.arrays = [array for mesh in (body, lower, upper) for array in mesh]
        self.request = ArticulateObjectRequest(
            geometry=tuple(
                Geometry(vertices=describe(vertices), faces=describe(faces))
                for vertices, faces in (body, lower, upper)
            ),
            parts=parts,
            **fields,
        )

    def some(self, *faces: int):
        """A selection of faces, sent along."""
        self.arrays.append(np.array(faces, "<i4"))
        return describe(self.arrays[-1])

    def whole(self):
        content = {describe(array).digest: array for array in self.arrays}
        return build(self.request, lambda blob: content[blob.digest])


def part(name: str, *pieces: Piece, **fields) -> PartQuestion:
    return PartQuestion(name=name, pieces=pieces, **fields)


two = (part("lower", Piece(geometry=1), drags=(pull,)), part("upper", Piece(geometry=2)))


def test_parts_own_their_faces_and_the_body_the_rest() -> None:
    whole = Asked(*two, up=(0.0, 1.0, 0.0), seed=3).whole()
    assert whole.owner.tolist() == [-1] * 12 + [0] * 12 + [1] * 12
    assert [mark.name for mark in whole.marks] == ["lower", "upper"]
    assert whole.marks[0].drags.tolist() == [[list(pull.start), list(pull.end)]]
    assert (whole.up, whole.seed) == ((0.0, 1.0, 0.0), 3)
    assert whole.side([0]).vertices == pytest.approx(lower[0])


def test_a_part_may_be_of_several_pieces_and_of_some_faces_only() -> None:
    asked = Asked()
    pieces = (Piece(geometry=1), Piece(geometry=0, selection=asked.some(3, 4, 4)))
    asked = Asked(part("both", *pieces))
    asked.some(3, 4, 4)
    assert np.flatnonzero(asked.whole().owner == 0).tolist() == [3, 4, *range(12, 24)]


def test_parts_without_a_name_are_told_apart() -> None:
    whole = Asked(part("", Piece(geometry=1)), part("", Piece(geometry=2))).whole()
    assert [mark.name for mark in whole.marks] == ["part 1", "part 2"]


def sentence(asked: Asked) -> str:
    with pytest.raises(TugError) as caught:
        check(asked.request, Limits(faces=1000))
        assembly.assemble(asked.whole())
    assert caught.value.error.code == "bad_input"
    return caught.value.error.message


def test_bad_requests_get_their_sentence() -> None:
    assert "No part is marked" in sentence(Asked())
    assert "mesh 7 of 3" in sentence(Asked(part("door", Piece(geometry=7))))
    assert "'door'" in sentence(Asked(part("door", Piece(geometry=7))))
    assert "No faces belong to 'door'" in sentence(Asked(part("door")))
    shared = (part("door", Piece(geometry=1)), part("flap", Piece(geometry=1)))
    assert "'door' and 'flap' share faces" in sentence(Asked(*shared))
    every = tuple(part(f"{k}", Piece(geometry=k)) for k in range(3))
    assert "nothing is left to hold them" in sentence(Asked(*every))


def test_a_selection_of_faces_that_are_not_there() -> None:
    asked = Asked()
    chosen = asked.some(12)
    asked = Asked(part("door", Piece(geometry=1, selection=chosen)))
    asked.some(12)
    assert "triangles that it does not have" in sentence(asked)


def test_the_gateway_expects_the_stages_that_the_work_has() -> None:
    assert tuple(tasks["articulate_object"].stages) == assembly.stages


@pytest.fixture
def client(shared_real_backend, connect):
    return connect(shared_real_backend)


def test_a_backend_answers_for_all_parts(client) -> None:
    asked = Asked(*two)
    job = client.submit(asked.request, asked.arrays)
    assert client.wait(lambda: job.finished, 120), job.status
    assert job.status.state == "done", job.error
    first, second = job.result.parts
    assert (first.name, second.name) == ("lower", "upper")
    assert (first.parent, second.parent) == (-1, -1)
    assert (first.like, second.like) == ((1,), (0,))
    for answer in (first, second):
        assert answer.joints[0].type == "prismatic"
        assert answer.joints[0].axis == pytest.approx((0.0, -1.0, 0.0), abs=0.05)


def test_a_backend_refuses_in_words(client) -> None:
    asked = Asked(part("door", Piece(geometry=1)), part("flap", Piece(geometry=1)))
    job = client.submit(asked.request, asked.arrays)
    assert client.wait(lambda: job.finished, 120), job.status
    assert job.error.code == "bad_input" and "share faces" in job.error.message
