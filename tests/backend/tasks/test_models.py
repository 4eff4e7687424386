"""Models out and in as jobs."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from backend.tasks import export_model, import_model
from backend.workers.context import Cancelled, Context
from protocol.errors import TugError
from protocol.joint import Joint
from protocol.meshes import Geometry, ModelFile, ModelLink, Piece
from protocol.messages import Limits
from protocol.tasks import ExportModelRequest, ImportModelRequest
from tests.backend.conftest import box
from tests.backend.memory import Memory

hinge = Joint(type="revolute", axis=(0, 0, -1), origin=(1, -1, 0), lower=-0.2, upper=1.5)
mirrored = ((-1.0, 0, 0, 1), (0, 0, 1.0, 0), (0, 1.0, 0, 0), (0, 0, 0, 1))


def as_context(memory: Memory) -> Context:
    return cast(Context, memory)


def request_of(memory: Memory, kind: Any = "urdf", **fields: Any) -> ExportModelRequest:
    """A body, and two triangles of its front in a mirrored and turned frame that swing."""
    vertices, faces = box((0, 0, 0), (1, 1, 1))
    whole = Geometry(
        vertices=memory.store(vertices), faces=memory.store(faces), matrix=mirrored, name="hull"
    )
    front, rest = np.arange(4, dtype="<i4"), np.arange(4, 12, dtype="<i4")
    links = (
        ModelLink(name="body", pieces=(Piece(geometry=0, selection=memory.store(rest)),)),
        ModelLink(
            name="door",
            pieces=(Piece(geometry=0, selection=memory.store(front)),),
            parent=0,
            joint=hinge,
        ),
    )
    usual: dict[str, Any] = {"geometry": (whole,), "links": links, "format": kind, "name": "box"}
    return ExportModelRequest(**(usual | fields))


@pytest.mark.parametrize("kind", ["urdf", "mjcf"])
def test_what_goes_out_comes_in_again(kind: Any) -> None:
    memory = Memory()
    request = request_of(memory, kind)
    export_model.check(request, Limits())
    out = export_model.run(request, as_context(memory))
    again = ImportModelRequest(files=out.files, format=kind)
    import_model.check(again, Limits())
    result = import_model.run(again, as_context(memory))
    assert [link.name for link in result.links] == ["body", "door"]
    joint = result.links[1].joint
    assert joint
    assert joint.axis == pytest.approx(hinge.axis)
    assert joint.origin == pytest.approx(hinge.origin)
    assert (joint.lower, joint.upper) == pytest.approx((-0.2, 1.5))
    assert [len(memory.array(mesh.faces)) for mesh in result.geometry] == [8, 4]
    assert set(memory.stages) == {"prepare", "write", "read", "store"}
    whole = np.concatenate([world(memory, mesh) for mesh in result.geometry])
    np.testing.assert_allclose(whole.min(axis=0), (0, 0, 0), atol=1e-6)
    np.testing.assert_allclose(whole.max(axis=0), (1, 1, 1), atol=1e-6)
    assert volume(whole) == pytest.approx(volume_of_box())


def world(memory: Memory, mesh: Geometry) -> np.ndarray:
    """The corners of the triangles (F, 3, 3)."""
    vertices = memory.array(mesh.vertices) + np.array(mesh.matrix)[:3, 3]
    return vertices[memory.array(mesh.faces)].reshape(-1, 3)


def volume(corners: np.ndarray) -> float:
    a, b, c = corners.reshape(-1, 3, 3).transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def volume_of_box() -> float:
    vertices, faces = box((0, 0, 0), (1, 1, 1))
    return volume(vertices[faces].reshape(-1, 3))


@pytest.mark.parametrize("kind", ["usd", "glb"])
def test_one_file_goes_out(kind: Any) -> None:
    memory = Memory()
    out = export_model.run(request_of(memory, kind), as_context(memory))
    assert [file.path for file in out.files] == [f"box.{kind}"]


def test_up_becomes_z() -> None:
    memory = Memory()
    request = request_of(memory, up=(0.0, -1.0, 0.0))
    out = export_model.run(request, as_context(memory))
    again = ImportModelRequest(files=out.files, format="urdf")
    joint = import_model.run(again, as_context(memory)).links[1].joint
    assert joint
    assert joint.origin[2] == pytest.approx(1.0)  # was y = -1


def test_what_no_link_claims_is_told() -> None:
    memory = Memory()
    request = request_of(memory)
    links = (request.links[0], ModelLink(name="door", pieces=(), parent=0, joint=hinge))
    out = export_model.run(request_of(memory, links=links), as_context(memory))
    assert "4 triangles belong to no link and were left out." in out.notes


@pytest.mark.parametrize(
    ("links", "sentence"),
    [
        ((), "no link"),
        ((ModelLink(name="a", pieces=(), parent=0),), "does not come before it"),
        ((ModelLink(name="a", pieces=(Piece(geometry=3),)),), "mesh 3 of 1"),
    ],
)
def test_links_out_of_order_are_refused(links, sentence: str) -> None:
    with pytest.raises(TugError, match=sentence):
        export_model.check(request_of(Memory(), links=links), Limits())


def test_a_bad_axis_is_refused() -> None:
    memory = Memory()
    bad = Joint(type="prismatic", axis=(0, 0, 0), origin=(0, 0, 0), lower=0, upper=1)
    links = (ModelLink(name="a", pieces=()), ModelLink(name="b", pieces=(), parent=0, joint=bad))
    with pytest.raises(TugError, match="not of length 1"):
        export_model.run(request_of(memory, links=links), as_context(memory))


@pytest.mark.parametrize("calls", range(0, 6, 2))
def test_an_export_can_be_cancelled(calls: int) -> None:
    memory = Memory()
    request = request_of(memory)
    memory.calls = calls
    with pytest.raises(Cancelled):
        export_model.run(request, as_context(memory))


def test_files_that_are_none_are_refused() -> None:
    memory = Memory()
    text = memory.store(np.zeros(3, np.uint8))
    for files, sentence in (
        ((), "no file"),
        ((ModelFile(path="../a.urdf", content=text),), "leads out"),
        ((ModelFile(path="a.urdf", content=memory.store(np.zeros(3))),), "should be"),
    ):
        with pytest.raises(TugError, match=sentence):
            import_model.check(ImportModelRequest(files=files, format="urdf"), Limits())


def test_files_travel_through_the_backend(shared_real_backend: Any, connect: Any) -> None:
    client = connect(shared_real_backend)
    memory = Memory()
    request = request_of(memory, "mjcf")
    job = client.submit(request, list(memory.arrays.values()))
    assert client.wait(lambda: job.finished, 120), job.status
    assert job.status.state == "done", job.error
    files = job.result.files
    assert [file.path for file in files[:1]] == ["box.xml"]
    downloads = [client.fetch(file.content) for file in files]
    assert client.wait(lambda: all(download.finished for download in downloads), 60)
    content = [download.array for download in downloads]
    again = client.submit(ImportModelRequest(files=files, format="mjcf"), content)
    assert client.wait(lambda: again.finished, 120), again.status
    assert [link.name for link in again.result.links] == ["body", "door"]
