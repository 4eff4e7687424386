"""Placing as a task: what goes in, what comes out, what is refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from backend.tasks import place, tasks
from backend.workers.context import Cancelled, Context
from protocol.blobs import Blob
from protocol.errors import TugError
from protocol.joint import Joint
from protocol.meshes import Geometry, ModelLink, Piece
from protocol.messages import Limits
from protocol.placement import PlaceItem, PlaceRequest, Wish
from tests.backend.conftest import box
from tests.backend.memory import Memory

hinge = Joint(type="revolute", axis=(0, 0, -1), origin=(0, -0.5, 0), lower=0.0, upper=1.5)


def request_of(desk: Memory, **fields: Any) -> PlaceRequest:
    """A floor, a table on it, and a box with a lid of two of its faces."""
    geometry = tuple(
        Geometry(vertices=desk.store(v), faces=desk.store(f), name=name)
        for name, (v, f) in (
            ("Floor", box((-4, -4, -0.1), (4, 4, 0))),
            ("Table", box((-1, -1, 0.0), (1, 1, 0.7))),
            ("Box", box((0, 0, 0), (0.3, 0.3, 0.4))),
        )
    )
    links = (
        ModelLink(name="body", pieces=(Piece(geometry=2, selection=numbers(desk, range(4, 12))),)),
        ModelLink(
            name="lid",
            pieces=(Piece(geometry=2, selection=numbers(desk, range(4))),),
            parent=0,
            joint=hinge,
        ),
    )
    item = PlaceItem(name="Crate", links=links, wish=Wish(spot=(0.2, 0.1, 0.7)))
    usual: dict[str, Any] = {
        "geometry": geometry,
        "scene": (Piece(geometry=0), Piece(geometry=1)),
        "items": (item,),
    }
    return PlaceRequest(**(usual | fields))


def numbers(desk: Memory, values: range) -> Blob:
    return desk.store(np.array(values, "<i4"))


def done(request: PlaceRequest, desk: Memory):
    place.check(request, Limits())
    return place.run(request, cast(Context, desk))


def test_a_crate_is_put_on_the_table():
    desk = Memory()
    result = done(request_of(desk), desk)
    placement = result.placements[0]
    assert placement.name == "Crate"
    assert placement.support == "'Table', level"
    assert placement.penetration <= 1e-4
    assert placement.gap <= 1e-4
    pose = np.array(placement.pose)
    assert pose[:3, 3] == pytest.approx([0.05, -0.05, 0.7], abs=1e-5)
    points, distances = desk.array(placement.points), desk.array(placement.distances)
    assert points.dtype == distances.dtype == np.float32
    assert points.shape == (len(distances), 3)
    assert desk.array(placement.contacts).shape[1] == 3
    assert set(desk.stages) == set(tasks["place"].stages)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"items": ()}, "nothing to place"),
        ({"scene": ()}, "no scene"),
        ({"scene": (Piece(geometry=9),)}, "mesh 9 of 3"),
        ({"up": (0.0, 0.0, 0.0)}, "no length"),
        ({"items": (PlaceItem(name="Air", links=()),)}, "no parts"),
        (
            {"items": (PlaceItem(name="A", links=(ModelLink(name="a", pieces=(), parent=0),)),)},
            "does not come before",
        ),
        (
            {"items": (PlaceItem(name="A", links=(ModelLink(name="a", pieces=()),)),)},
            "no faces",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(fields, sentence):
    desk = Memory()
    with pytest.raises(TugError, match=sentence):
        done(request_of(desk, **fields), desk)


@pytest.mark.parametrize("patience", [0, 2, 5, 8, 11])
def test_it_is_cancelled_midway(patience):
    desk = Memory()
    request = request_of(desk)
    desk.calls = patience
    with pytest.raises(Cancelled):
        place.run(request, cast(Context, desk))


def test_placing_goes_through_a_backend(shared_real_backend: Any, connect: Any):
    client, desk = connect(shared_real_backend), Memory()
    job = client.submit(request_of(desk), list(desk.arrays.values()))
    assert client.wait(lambda: job.finished, 120), job.status
    assert job.status.state == "done", job.error
    assert job.result.placements[0].support == "'Table', level"
