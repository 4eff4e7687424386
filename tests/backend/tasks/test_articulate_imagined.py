"""Articulate with a learned model as evidence: asked, absent, or not wanted."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from backend.articulation import asking, imagined
from backend.models import dragapart, registry
from backend.tasks import articulate, tasks
from backend.workers.context import Context
from protocol.errors import TugError
from protocol.meshes import Geometry
from protocol.messages import Limits
from protocol.tasks import ArticulateRequest
from tests.backend.articulation import shapes
from tests.backend.memory import Memory
from tests.backend.tasks.test_drag_views import Pulling, drag


def request_of(memory, *, pulled=True, **options):
    made = shapes.drawer()
    pieces = tuple(
        Geometry(
            vertices=memory.store(mesh.vertices.astype("<f4")),
            faces=memory.store(mesh.faces.astype("<i4")),
            moving=cast(Any, moving),
        )
        for mesh, moving in ((made.part, "all"), (made.body, "none"))
    )
    drags = (drag(made.start, made.end),) if pulled else ()
    return ArticulateRequest(geometry=pieces, drags=drags, **options)


def answer(**options):
    memory = Memory()
    return articulate.run(request_of(memory, **options), cast(Context, memory)), memory


@pytest.fixture
def without_torch(monkeypatch):
    monkeypatch.setattr(registry, "lacking_packages", lambda: ["torch"])


def test_without_torch_the_answer_is_the_geometric_one(without_torch, monkeypatch):
    """Bit for bit, even where a model would be asked unbidden."""
    eager = {kind: asking.Worth(1.0, True, "test") for kind in asking.kinds}
    monkeypatch.setattr(asking, "worth", {"dragapart": eager})
    left, _ = answer()
    none, _ = answer(evidence=())
    assert left.joints == none.joints and left.notes == none.notes and left.views == ()


def test_an_absent_model_that_is_asked_for_is_told_in_words(without_torch):
    with pytest.raises(TugError, match="torch") as error:
        answer(evidence=("dragapart",))
    assert error.value.error.code == "missing_model" and error.value.error.fix


def test_what_it_imagined_comes_back_as_pictures(monkeypatch):
    monkeypatch.setattr(dragapart, "load", lambda preset="small": Pulling())
    monkeypatch.setattr(registry, "require", lambda card: None)
    monkeypatch.setattr(imagined, "views", 2)
    result, memory = answer(evidence=("dragapart",))
    assert len(result.views) == 2
    for view in result.views:
        pictures = [memory.array(blob) for blob in (view.before, view.after, view.found) if blob]
        assert len(pictures) == 3
        assert all(one.shape == (32, 32, 3) and one.dtype == np.uint8 for one in pictures)
        assert not np.array_equal(pictures[0], pictures[2]), "the joint moves something"
        assert 0.0 <= view.error <= 1.0
    assert any(one.name == "dragapart" for one in result.joints[0].evidence)
    assert {"imagine", "compare"} <= set(memory.stages) & set(result.seconds)


def test_nothing_is_imagined_of_a_part_that_nobody_pulls(monkeypatch):
    monkeypatch.setattr(registry, "require", lambda card: None)
    result, memory = answer(pulled=False, evidence=("dragapart",))
    assert result.joints == answer(pulled=False, evidence=())[0].joints
    assert "imagine" not in memory.stages
    assert any("draw a drag" in note for note in result.notes)


def test_models_that_there_are_not_are_refused_at_once():
    with pytest.raises(TugError, match="no engine 'atop'"):
        articulate.check(request_of(Memory(), evidence=("atop",)), Limits())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, False),
        ({"evidence": ()}, False),
        ({"evidence": ("dragapart",)}, True),
        ({"evidence": ("dragapart",), "pulled": False}, False),
    ],
)
def test_its_stages_are_expected_only_where_it_is_asked(options, expected):
    asked = request_of(Memory(), **options)
    assert ("imagine" not in tasks["articulate"].left_out(asked)) == expected
