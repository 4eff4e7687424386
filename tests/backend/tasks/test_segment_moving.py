"""Moving faces as a task, with a small network of random weights: shapes, not answers."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np
import pytest

from backend.tasks import segment_moving
from backend.workers.context import Cancelled
from protocol.dragging import Drag, SegmentMovingRequest, SegmentMovingResult
from protocol.errors import TugError
from protocol.meshes import Geometry
from protocol.messages import Limits
from tests.backend.conftest import box
from tests.backend.memory import Memory

body, drawer = box((0, 0, 0), (1, 1, 1)), box((0.1, -0.1, 0.3), (0.9, -0.01, 0.6))
pull = Drag((0.5, -0.1, 0.45), (0.5, -0.5, 0.45))


def asked(desk: Memory, **fields: Any) -> SegmentMovingRequest:
    geometry = tuple(
        Geometry(vertices=desk.store(vertices), faces=desk.store(faces))
        for vertices, faces in (body, drawer)
    )
    usual: dict[str, Any] = {"geometry": geometry, "drags": (pull,), "views": 2, "clusters": 2}
    return SegmentMovingRequest(**(usual | fields))


@pytest.fixture
def random_model(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The small network as it is before any training, but that nothing in it is zero."""
    torch = pytest.importorskip("torch")
    from backend.models import dragapart
    from backend.models.dragapart.codec import PixelCodec
    from backend.models.dragapart.config import preset
    from backend.models.dragapart.model import DragAPart
    from backend.models.dragapart.network import network

    torch.manual_seed(0)
    found = network(preset("small"))
    for value in found.parameters():
        if not value.any():
            torch.nn.init.normal_(value, std=0.02)
    model = DragAPart(found, PixelCodec(found.config), revision="random")
    monkeypatch.setattr(dragapart, "load", lambda name: model)
    return model


def segmented(desk: Memory, request: SegmentMovingRequest) -> SegmentMovingResult:
    segment_moving.check(request, Limits())
    return segment_moving.run(request, cast(Any, desk))


def test_every_face_and_view_is_answered(random_model: Any):
    desk = Memory()
    result = segmented(desk, asked(desk))
    likely = [desk.array(blob) for blob in result.likely]
    assert [own.shape for own in likely] == [(12,), (12,)]
    assert all(((own >= 0.0) & (own <= 1.0)).all() for own in likely)
    size = random_model.size
    for view in result.views:
        before, after = desk.array(view.before), desk.array(view.after)
        assert before.shape == after.shape == (size, size, 3) and before.dtype == np.uint8
        white = (before == 255).all(axis=-1)
        assert (after[white] == 255).mean() > 0.95 and (after != before).any()
        assert len(view.drags) == 1 and view.camera.width == size
    assert len(result.views) == 2 and result.revision == "random"
    for piece in result.pieces:
        faces = range(12) if piece.selection is None else desk.array(piece.selection).tolist()
        assert set(faces) == set(np.flatnonzero(likely[piece.geometry] > 0.5).tolist())


def test_a_cancel_stops_it(random_model: Any):
    desk = Memory()
    request = asked(desk)
    desk.calls = 4
    with pytest.raises(Cancelled):
        segmented(desk, request)


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"drags": ()}, "draw a drag"),
        ({"drags": (Drag(pull.start, pull.start),)}, "no length"),
        ({"drags": (Drag(pull.start, (0.0, float("inf"), 0.0)),)}, "NaN or infinite"),
        ({"drags": (pull,) * 11}, "takes 10"),
        ({"engine": "other"}, "no engine"),
    ],
)
def test_drags_that_say_nothing_are_refused(fields: dict[str, Any], said: str):
    with pytest.raises(TugError, match=said):
        segment_moving.check(asked(Memory(), **fields), Limits())


def test_a_drag_off_the_surface_is_refused(random_model: Any):
    desk = Memory()
    off = Drag((0.5, -0.9, 0.45), (0.5, -1.5, 0.45))
    with pytest.raises(TugError, match="start it on the part"):
        segmented(desk, msgspec.structs.replace(asked(desk), drags=(off,)))
