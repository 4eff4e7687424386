"""Dragged views: what is refused, what the model is shown, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest

from backend.models import dragapart
from backend.tasks import drag_views
from backend.views import cameras
from backend.views.cameras import Pinhole
from backend.workers.context import Cancelled, Context
from protocol.dragging import Drag, DragViewsRequest, DragViewsResult
from protocol.errors import TugError
from protocol.meshes import Geometry
from protocol.messages import Limits
from tests.backend.articulation import shapes
from tests.backend.memory import Memory


@dataclass
class Pulling:
    """In place of the network: paints a red square where each drag ends."""

    size: int = 32
    finest: int = 32
    revision: str = "fake"
    asked: list = field(default_factory=list)

    def drag(
        self, pictures, drags, *, seed=0, steps=None, guidance=None, size=32, progress: Any = None
    ):
        self.asked.append((pictures, drags, seed, steps, guidance))
        after = pictures.copy()
        for k, rows in enumerate(drags):
            progress.stage("imagine", k, len(pictures))
            for x, y in np.clip((rows[:, 2:] * size).astype(int), 0, size - 1):
                after[k, y, x] = (255, 0, 0)
        return after


@pytest.fixture
def model(monkeypatch):
    fake = Pulling()
    monkeypatch.setattr(dragapart, "load", lambda preset="small": fake)
    return fake


def front(size=64, distance=3.0):
    """A camera before a cabinet's front."""
    pose = np.eye(4)
    pose[:3, :3] = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
    pose[:3, 3] = (0.0, -distance, 0.4)
    focal, middle = (1.5 * size, 1.5 * size), (size / 2, size / 2)
    return Pinhole("front", pose, focal, middle, size, size)


def request_of(memory, *, drags=None, **options):
    made = shapes.door()
    pieces = [
        Geometry(
            vertices=memory.store(mesh.vertices.astype("<f4")),
            faces=memory.store(mesh.faces.astype("<i4")),
        )
        for mesh in (made.part, made.body)
    ]
    pull = (drag(made.start, made.end),)
    return DragViewsRequest(
        geometry=tuple(pieces), drags=pull if drags is None else drags, **options
    )


def run(request: DragViewsRequest, memory: Memory) -> DragViewsResult:
    return drag_views.run(request, cast(Context, memory))


def drag(start, end) -> Drag:
    return Drag(start=cast(Any, tuple(map(float, start))), end=cast(Any, tuple(map(float, end))))


def test_placed_cameras_show_the_drag_from_several_sides(model):
    memory = Memory()
    result = run(request_of(memory, views=3, seed=5, look="colours"), memory)
    assert len(result.views) == 3 and result.revision == "fake" and result.seed == 5
    assert len({view.camera.name for view in result.views}) == 3
    pull = np.array([[shapes.door().start, shapes.door().end]])
    for view in result.views:
        spots, _ = cameras.read(view.camera).project(pull)
        assert spots.reshape(4) / 32 == pytest.approx(view.drags[0], abs=1e-6)
        before, after = memory.array(view.before), memory.array(view.after)
        assert before.shape == after.shape == (32, 32, 3)
        assert (before != 255).any(), "the object is in the picture"
        assert (before != after).any(axis=2).sum() == 1
    assert set(memory.stages) == {"load", "render", "imagine"} == set(result.seconds)


def test_given_cameras_and_the_samplers_settings_are_kept(model):
    memory = Memory()
    given = cameras.written(front())
    asked = request_of(memory, cameras=(given,), steps=7, guidance=2.5, seed=1)
    (view,) = run(asked, memory).views
    assert view.camera.pose == given.pose and view.camera.width == 32
    assert model.asked[0][2:] == (1, 7, 2.5)


def test_given_pictures_are_what_the_model_sees(model):
    memory = Memory()
    seen = np.full((64, 64, 3), 255, np.uint8)
    seen[20:40, 20:40] = (10, 200, 30)
    asked = request_of(memory, cameras=(cameras.written(front()),), pictures=(memory.store(seen),))
    result = run(asked, memory)
    assert np.array_equal(memory.array(result.views[0].before), seen[::2, ::2])
    assert result.notes == ()
    dark = memory.store(seen // 3)
    grey = request_of(memory, cameras=(cameras.written(front()),), pictures=(dark,))
    assert any("on white" in note for note in run(grey, memory).notes)


def test_notes_tell_what_the_model_cannot_see(model):
    memory = Memory()
    turned = front()
    behind = np.diag([-1.0, -1.0, 1.0, 1.0]) @ turned.pose
    back = Pinhole("back", behind, turned.focal, turned.centre, 64, 64)
    notes = run(request_of(memory, cameras=(cameras.written(back),)), memory).notes
    assert any("cannot be seen" in note for note in notes)
    far = (drag(shapes.door().start, (30.0, 0.0, 0.0)),)
    asked = request_of(memory, cameras=(cameras.written(front()),), drags=far)
    assert any("leaves the picture" in note for note in run(asked, memory).notes)


def test_an_absent_model_is_told_in_words(monkeypatch):
    from backend.models import registry

    monkeypatch.setattr(registry, "lacking_packages", lambda: ["torch"])
    memory = Memory()
    with pytest.raises(TugError, match="torch") as error:
        run(request_of(memory), memory)
    assert error.value.error.code == "missing_model" and error.value.error.fix


def test_cancel_while_it_imagines(model):
    memory = Memory()
    run(request_of(memory, views=2), memory)
    calls = 10**9 - memory.calls
    again = Memory(calls - 1)
    with pytest.raises(Cancelled):
        run(request_of(again, views=2), again)
    assert again.stages[-1] == "imagine"


wide = cameras.written(Pinhole("wide", np.eye(4), (50.0, 50.0), (40.0, 20.0), 80, 40))
ahead = cameras.written(front())
beside = cameras.written(front(distance=-3.0))
short = drag((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
lost = drag((0.0, 0.0, 0.0), (float("nan"), 0.0, 0.0))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"drags": ()}, "Nothing is pulled"),
        ({"drags": (short,)}, "no length"),
        ({"drags": (lost,)}, "NaN or infinite"),
        ({"drags": (drag((0, 0, 0), (1, 1, 1)),) * 11}, "takes 10"),
        ({"cameras": (wide,)}, "square"),
        ({"cameras": (beside,)}, "behind the camera 'front'"),
        ({"cameras": (ahead,) * 65}, "at most 64"),
        ({"engine": "dragapart:huge"}, "no engine 'dragapart:huge'"),
    ],
)
def test_refused_before_anything_is_computed(options, words):
    with pytest.raises(TugError, match=words):
        drag_views.check(request_of(Memory(), **options), Limits())


@pytest.mark.parametrize(
    ("shape", "dtype", "count", "words"),
    [
        ((64, 64, 3), "u1", 2, "2 pictures and 1 cameras"),
        ((64, 32, 3), "u1", 1, "square"),
        ((64, 64, 4), "u1", 1, "pictures are"),
        ((64, 64, 3), "<f4", 1, "pictures are"),
        ((0, 0, 3), "u1", 1, "square"),
    ],
)
def test_wrong_pictures_are_refused(shape, dtype, count, words):
    memory = Memory()
    pictures = (memory.store(np.zeros(shape, dtype)),) * count
    asked = request_of(memory, cameras=(ahead,), pictures=pictures)
    with pytest.raises(TugError, match=words):
        drag_views.check(asked, Limits())


def test_the_small_network_imagines_pictures(monkeypatch):
    """With random weights: only that everything fits together, and that a seed decides."""
    pytest.importorskip("torch")
    from backend.models.dragapart.codec import PixelCodec
    from backend.models.dragapart.config import preset
    from backend.models.dragapart.model import DragAPart
    from backend.models.dragapart.network import network

    config = preset("small")
    real = DragAPart(network(config), PixelCodec(config), revision="random")
    monkeypatch.setattr(dragapart, "load", lambda preset="small": real)
    memory = Memory()
    asked = request_of(memory, views=2, steps=1)
    one, other = (run(asked, memory) for _ in range(2))
    assert memory.array(one.views[0].after).shape == (real.finest, real.finest, 3)
    assert [view.after for view in one.views] == [view.after for view in other.views]
