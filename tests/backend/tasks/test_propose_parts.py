"""Part proposals as a task: what goes in, what comes out, what is refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from backend.segmentation import propose
from backend.tasks import propose_parts, tasks
from backend.workers.context import Cancelled
from protocol.blobs import describe
from protocol.errors import TugError
from protocol.meshes import Geometry, identity
from protocol.messages import Limits
from protocol.tasks import ProposePartsRequest
from tests.backend.conftest import box
from tests.backend.memory import Memory

body, drawer = box((0, 0, 0), (1, 1, 1)), box((0.1, -0.1, 0.3), (0.9, -0.01, 0.6))
other = box((0.1, -0.1, 0.66), (0.9, -0.01, 0.92))


def merged(*boxes):
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in boxes)])
    faces = [faces + start for (_, faces), start in zip(boxes, starts, strict=False)]
    return np.concatenate([v for v, _ in boxes]), np.concatenate(faces).astype("<i4")


def proposed(meshes, desk=None, **fields):
    desk = desk or Memory()
    geometry = tuple(
        Geometry(vertices=desk.store(vertices), faces=desk.store(faces))
        for vertices, faces in meshes
    )
    request = ProposePartsRequest(geometry=geometry, **fields)
    propose_parts.check(request, Limits())
    return propose_parts.run(request, cast(Any, desk)), desk


def test_a_part_of_a_single_mesh_comes_back_as_its_faces():
    result, desk = proposed([merged(body, drawer, other)], prompt="pull out the upper drawer")
    (piece,) = result.proposals[0].pieces
    assert piece.geometry == 0 and piece.selection
    assert desk.array(piece.selection).tolist() == list(range(24, 36))
    assert result.proposals[0].fits == max(proposal.fits for proposal in result.proposals)


def test_whole_meshes_are_named_without_their_faces():
    result, _ = proposed([body, drawer, other])
    pieces = [piece for proposal in result.proposals for piece in proposal.pieces]
    assert all(piece.selection is None for piece in pieces)
    assert {piece.geometry for piece in pieces} == {0, 1, 2}


def test_a_matrix_places_a_mesh():
    """The upper drawer is made the lower one."""
    desk = Memory()
    rows = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, -0.64), identity[3])
    stored = [Geometry(vertices=desk.store(v), faces=desk.store(f)) for v, f in (body, drawer)]
    moved = Geometry(
        vertices=desk.store(other[0]),
        faces=desk.store(other[1]),
        matrix=rows,
    )
    request = ProposePartsRequest(geometry=(*stored, moved), prompt="pull out the lower drawer")
    best = propose_parts.run(request, cast(Any, desk)).proposals[0]
    assert [piece.geometry for piece in best.pieces] == [2]


def test_a_seed_point_brings_what_holds_it_smallest_first():
    result, _ = proposed([body, drawer, other], seed_point=(0.5, -0.1, 0.45))
    held = [{piece.geometry for piece in proposal.pieces} for proposal in result.proposals]
    assert held[0] == {1}
    assert all(1 in geometry for geometry in held)
    assert [len(geometry) for geometry in held] == sorted(len(geometry) for geometry in held)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seed_point": (float("nan"), 0.0, 0.0)}, "NaN"),
        ({"seed_point": (50.0, 0.0, 0.0)}, "away from the mesh"),
    ],
)
def test_bad_seed_points_get_their_sentence(fields, words):
    with pytest.raises(TugError, match=words):
        proposed([body, drawer], **fields)


@pytest.mark.parametrize(
    ("mesh", "words"),
    [
        ((body[0][:0], body[1][:0]), "empty"),
        ((np.zeros_like(body[0]), body[1]), "degenerate"),
        ((np.where(body[0] > 0.5, np.nan, body[0]).astype("<f4"), body[1]), "NaN"),
        ((body[0], body[1] + 5), "vertices it does not have"),
        ((body[0], body[0]), "faces of the mesh"),
    ],
    ids=["empty", "flat", "NaN", "index", "kind"],
)
def test_bad_meshes_get_their_sentence(mesh, words):
    with pytest.raises(TugError, match=words):
        proposed([mesh])


def test_no_mesh_is_refused():
    with pytest.raises(TugError, match="no mesh"):
        proposed([])


def test_a_cancel_is_noticed_at_every_stage():
    _, desk = proposed([body, drawer])
    assert tuple(desk.stages) == propose.stages == tuple(tasks["propose_parts"].stages)
    for patience in range(len(propose.stages)):
        with pytest.raises(Cancelled):
            proposed([body, drawer], Memory(patience))


def test_proposals_are_had_from_a_real_backend(shared_real_backend, connect):
    client = connect(shared_real_backend)
    vertices, faces = merged(body, drawer, other)
    request = ProposePartsRequest(
        geometry=(Geometry(vertices=describe(vertices), faces=describe(faces)),), most=3
    )
    job = client.submit(request, [vertices, faces])
    assert client.wait(lambda: job.finished, 120), job.status
    assert job.status.state == "done", job.error
    assert 1 <= len(job.result.proposals) <= 3
    selection = job.result.proposals[0].pieces[0].selection
    assert selection is not None
    download = client.fetch(selection)
    assert client.wait(lambda: download.finished, 60)
    assert download.array is not None
    assert set(download.array.tolist()) < set(range(36))
