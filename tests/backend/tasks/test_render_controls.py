"""Controls of views as a job."""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import Any, cast

import msgspec
import numpy as np
import pytest

from backend.tasks import render_controls
from backend.workers.context import Cancelled, Context
from protocol.blobs import Blob
from protocol.errors import TugError
from protocol.meshes import Geometry, Piece
from protocol.messages import Limits
from protocol.views import Camera, RenderControlsRequest, Rig, ViewedBody, ViewedPart
from tests.backend.conftest import box
from tests.backend.memory import Memory
from tests.backend.views.things import camera, straight, turns

count = 6


class Watched(Memory):
    """A memory that keeps the pictures it was shown, and how far the job said it was."""

    def __init__(self, calls: int = 10**9) -> None:
        super().__init__(calls)
        self.shown: list[np.ndarray] = []
        self.steps: list[tuple[int, int]] = []

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        super().stage(name, step, total)
        if total:
            self.steps.append((step, total))
        self.check()

    def store(self, array: np.ndarray) -> Blob:
        return super().store(array.copy())  # as a disk does: the job uses its memory again

    def preview(self, image: np.ndarray) -> None:
        self.shown.append(image)


def request_of(memory: Memory, **fields: Any) -> RenderControlsRequest:
    """A cart with a drawer that drives over a floor, seen in small pictures."""
    meshes = {
        "cart": box((-0.5, -0.5, 0), (0.5, 0.5, 1)),
        "drawer": box((-0.3, -0.6, 0.3), (0.3, -0.4, 0.6)),
        "floor": box((-5, -5, -0.1), (5, 5, -0.01)),
    }
    geometry = tuple(
        Geometry(vertices=memory.store(vertices), faces=memory.store(faces), name=name)
        for name, (vertices, faces) in meshes.items()
    )
    drive = memory.store(straight(count, (-1, 0, 0), (1, 0.5, 0)))
    pull = memory.store(straight(count, (-1, 0, 0), (1, 0.2, 0)))
    parts = (
        ViewedPart(name="cart", pieces=(Piece(geometry=0),), motion=drive),
        ViewedPart(name="drawer", pieces=(Piece(geometry=1),), motion=pull),
    )
    floor = ViewedPart(name="floor", pieces=(Piece(geometry=2),))
    usual: dict[str, Any] = {
        "geometry": geometry,
        "bodies": (
            ViewedBody(name="cart", parts=parts),
            ViewedBody(name="floor", parts=(floor,), tracked=False),
        ),
        "frames": count,
        "rig": Rig(azimuths=(0.0, 1.0), elevations=(0.3,), width=40, height=32),
    }
    return RenderControlsRequest(**(usual | fields))


def answer(memory: Memory, request: RenderControlsRequest):
    render_controls.check(request, Limits())
    return render_controls.run(request, cast(Context, memory))


def test_layers_are_as_the_protocol_says():
    memory = Watched()
    every = ("depth", "normals", "instances", "parts", "flow", "entities", "heat")
    result = answer(memory, request_of(memory, layers=every, tracks=3))
    assert [name[:2] for name in result.tracked[:2]] == [("cart", ""), ("cart", "cart")]
    assert len(result.tracked) == 7 and len(result.views) == 2
    for view in result.views:
        arrays = {name: memory.array(blob) for name, blob in view.layers.items()}
        kinds = {name: (array.dtype.str, array.shape[3:]) for name, array in arrays.items()}
        assert kinds == {
            "depth": ("<f4", ()),
            "normals": ("|i1", (3,)),
            "instances": ("<u2", ()),
            "parts": ("<u2", ()),
            "flow": ("<f2", (2,)),
            "entities": ("<u2", (2,)),
            "heat": ("|u1", (2,)),
        }
        assert {array.shape[:3] for array in arrays.values()} == {(count, 32, 40)}
        assert set(np.unique(arrays["parts"])) == {0, 1, 2, 3} or view.camera.name != "az000_el17.2"
        assert memory.array(view.tracks).shape == (count, 7, 2)
        assert memory.array(view.visible)[:, 0].all()
        assert view.archive is None and view.clips[0].first == 1
    assert set(result.seconds) == {"prepare", "render"}


def test_progress_grows_to_its_total_and_pictures_are_shown():
    memory = Watched()
    answer(memory, request_of(memory))
    done, totals = zip(*memory.steps, strict=True)
    assert list(done) == sorted(done) and len(set(totals)) == 1 and done[-1] == totals[0]
    assert memory.stages[0] == "prepare" and memory.stages[-1] == "render"
    assert len(memory.shown) == 2
    assert all(image.shape == (32, 40, 3) and image.dtype == np.uint8 for image in memory.shown)


def test_bundles_come_instead_of_layers():
    memory = Watched()
    result = answer(memory, request_of(memory, bundle=True))
    assert result.manifest is not None
    tree = json.loads(memory.array(result.manifest).tobytes())
    assert [view["name"] for view in tree["views"]] == [v.camera.name for v in result.views]
    for view in result.views:
        assert not view.layers and view.archive is not None
        archive = zipfile.ZipFile(io.BytesIO(memory.array(view.archive).tobytes()))
        assert json.loads(archive.read("manifest.json"))["views"][0]["name"] == view.camera.name
        assert f"layers/{count:04d}.exr" in archive.namelist()


def test_given_cameras_come_first():
    memory = Watched()
    own = Camera(
        name="Camera",
        pose=tuple(map(tuple, camera(0.4, 0.3).pose.tolist())),  # type: ignore[arg-type]
        focal=(40.0, 40.0),
        centre=(20.0, 16.0),
        width=40,
        height=32,
    )
    result = answer(memory, request_of(memory, cameras=(own,)))
    assert [view.camera.name for view in result.views] == [
        "Camera",
        "az000_el17.2",
        "az057.3_el17.2",
    ]
    assert np.allclose(result.views[0].camera.pose, own.pose, atol=1e-9)


def test_what_bends_and_selections_of_a_mesh():
    memory = Watched()
    usual = request_of(memory)
    vertices = memory.array(usual.geometry[0].vertices)
    grown = vertices * np.linspace(1, 2, count, dtype=np.float32)[:, None, None]
    half = memory.store(np.arange(6, dtype="<i4"))
    spin = memory.store(turns(count, 1.0))
    bodies = (
        ViewedBody(
            name="b",
            parts=(
                ViewedPart(name="g", pieces=(Piece(geometry=0),), shapes=memory.store(grown)),
                ViewedPart(
                    name="h",
                    pieces=(Piece(geometry=1, selection=half), Piece(geometry=2)),
                    motion=spin,
                ),
            ),
        ),
    )
    result = answer(memory, request_of(memory, bodies=bodies))
    depths = memory.array(result.views[0].layers["parts"])
    assert (depths[-1] == 1).sum() > (depths[0] == 1).sum()


def with_part(memory: Memory, **fields: Any) -> RenderControlsRequest:
    usual: dict[str, Any] = {"name": "p", "pieces": (Piece(geometry=0),)}
    body = ViewedBody(name="b", parts=(ViewedPart(**(usual | fields)),))
    return request_of(memory, bodies=(body,))


def shifts(frames: int = count) -> np.ndarray:
    return straight(frames, (0, 0, 0), (1, 0, 0))


cases = {
    "nothing tracked": (lambda m: request_of(m, bodies=()), "Nothing is tracked"),
    "wrong T": (lambda m: with_part(m, motion=m.store(shifts(4))), "has 4 frames"),
    "wrong type": (
        lambda m: with_part(m, motion=m.store(shifts().astype("<f4"))),
        "should be <f8",
    ),
    "both": (
        lambda m: with_part(
            m, motion=m.store(shifts()), shapes=m.store(np.zeros((count, 8, 3), "<f4"))
        ),
        "one of the two",
    ),
    "shapes of another mesh": (
        lambda m: with_part(m, shapes=m.store(np.zeros((count, 9, 3), "<f4"))),
        "should be <f4",
    ),
    "shapes of two meshes": (
        lambda m: with_part(
            m,
            pieces=(Piece(geometry=0), Piece(geometry=1)),
            shapes=m.store(np.zeros((count, 8, 3), "<f4")),
        ),
        "one whole mesh",
    ),
    "no mesh": (lambda m: with_part(m, pieces=()), "has no mesh"),
    "another mesh": (lambda m: with_part(m, pieces=(Piece(geometry=7),)), "mesh 7 of 3"),
    "no camera": (lambda m: request_of(m, rig=None), "There is no camera"),
    "no angles": (lambda m: request_of(m, rig=Rig(azimuths=())), "There is no camera"),
    "speed": (lambda m: request_of(m, fastest=0.0), "more than 0 pixels"),
    "clear": (lambda m: request_of(m, clear=2.0), "between 0 and 90"),
    "rig": (lambda m: request_of(m, rig=Rig(margin=0.5)), "margin lies between"),
    "elevation": (lambda m: request_of(m, rig=Rig(elevations=(2.0,))), "-90 and 90"),
}


@pytest.mark.parametrize("name", cases)
def test_what_makes_no_sense_is_refused_in_words(name):
    make, sentence = cases[name]
    with pytest.raises(TugError, match=sentence) as caught:
        render_controls.check(make(Memory()), Limits())
    assert caught.value.error.code == "bad_input"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_motion_that_is_no_number_is_refused(value):
    memory = Memory()
    motion = shifts().copy()
    motion[3, 1, 3] = value
    with pytest.raises(TugError, match="NaN or infinite"):
        answer(memory, with_part(memory, motion=memory.store(motion)))


@pytest.mark.parametrize(
    ("rig", "frames", "layers", "sentence"),
    [
        (
            Rig(width=8192, height=8192),
            64,
            ("depth",),
            "layer depth of one view would have 16.0 GiB",
        ),
        (
            Rig(width=1024, height=1024),
            250,
            ("depth", "normals", "parts", "flow", "heat", "entities"),
            "layers of one view",
        ),
        (Rig(width=512, height=512, azimuths=tuple(range(99))), 250, ("depth",), "All views"),
        (Rig(azimuths=tuple(range(200))), 2, (), "400 views"),
    ],
)
def test_too_much_is_refused_with_what_to_lower(rig, frames, layers, sentence):
    memory = Memory()
    still = (ViewedBody(name="b", parts=(ViewedPart(name="p", pieces=(Piece(geometry=0),)),)),)
    request = request_of(memory, rig=rig, frames=frames, layers=layers, bodies=still)
    with pytest.raises(TugError, match=sentence) as caught:
        render_controls.check(request, Limits())
    assert caught.value.error.code == "too_large"
    assert "lower" in str(caught.value) or "ask less" in str(caught.value)


def test_it_can_be_cancelled_anywhere():
    memory = Memory()
    request = request_of(memory, layers=("depth", "heat"), bundle=True)
    counting = Watched()
    counting.arrays = memory.arrays
    render_controls.run(request, cast(Context, counting))
    calls = 10**9 - counting.calls
    assert calls > 20
    for allowed in range(0, calls, 7):
        stopped = Watched(allowed)
        stopped.arrays = memory.arrays
        with pytest.raises(Cancelled):
            render_controls.run(request, cast(Context, stopped))


def test_it_travels_through_the_backend(shared_real_backend: Any, connect: Any):
    client = connect(shared_real_backend)
    memory = Memory()
    request = request_of(memory)
    job = client.submit(request, list(memory.arrays.values()))
    assert client.wait(lambda: job.finished, 120), job.status
    assert job.status.state == "done", job.error
    view = job.result.views[0]
    download = client.fetch(view.layers["parts"])
    assert client.wait(lambda: download.finished, 60)
    assert set(np.unique(download.array)) >= {0, 1}
    bad = msgspec.structs.replace(request, bodies=())
    refused = client.submit(bad, list(memory.arrays.values()))
    assert client.wait(lambda: refused.finished, 60)
    assert refused.error.code == "bad_input"


def test_a_job_at_work_is_cancelled_and_the_next_one_runs(shared_real_backend: Any, connect: Any):
    client = connect(shared_real_backend)
    memory = Memory()
    long = 240
    drive = memory.store(straight(long, (-1, 0, 0), (1, 0.5, 0)))
    part = ViewedPart(name="cart", pieces=(Piece(geometry=0),), motion=drive)
    big = request_of(
        memory,
        frames=long,
        bodies=(ViewedBody(name="cart", parts=(part,)),),
        rig=Rig(width=512, height=512),
        layers=("depth", "flow"),
    )
    job = client.submit(big, list(memory.arrays.values()))
    assert client.wait(lambda: job.status.stage == "render", 120), job.status
    job.cancel()
    assert client.wait(lambda: job.finished, 30)
    assert job.status.state == "cancelled"
    following = client.submit(request_of(memory), list(memory.arrays.values()))
    assert client.wait(lambda: following.finished, 120)
    assert following.status.state == "done"


def test_same_request_same_result():
    memory = Watched()
    first = answer(memory, request_of(memory, tracks=5, seed=3))
    again = answer(memory, request_of(memory, tracks=5, seed=3))
    assert [(v.tracks, v.layers, v.camera) for v in first.views] == [
        (v.tracks, v.layers, v.camera) for v in again.views
    ]
