"""What a backend lacks for learned models, in words."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

learned: Any = importlib.import_module("tug.core.learned")
messages: Any = importlib.import_module("tug.protocol.messages")


def able(models=(), null=False, tasks=learned.tasks):
    known = {task: ["dragapart"] for task in tasks}
    return messages.Capabilities(reply_to="1", tasks=known, models=list(models), null=null)


def test_nothing_is_lacking_before_anything_is_known():
    assert learned.lack(None, "drag_views", "dragapart") is None


def test_an_older_backend_is_to_be_updated():
    found = learned.lack(able(tasks=()), "drag_views", "dragapart")
    assert "too old" in found.reason and found.fix


@pytest.mark.parametrize(
    ("models", "asked", "there"),
    [
        (["dragapart"], "dragapart", True),
        (["dragapart:small"], "dragapart", True),
        (["dragapart:full"], "dragapart:full", True),
        (["dragapart:full"], "dragapart", False),
        (["dragapart"], "dragapart:full", False),
        ([], "dragapart", False),
    ],
)
def test_models_are_told_apart(models, asked, there):
    assert (learned.lack(able(models), "drag_views", asked) is None) == there


def test_the_full_model_is_pulled_by_a_command():
    assert learned.lack(able(), "drag_views", learned.full).fix == "tug models pull dragapart:full"


def test_the_null_backend_answers_without_models_and_baking_needs_none():
    assert learned.lack(able(null=True), "drag_views", learned.full) is None
    assert learned.lack(able(tasks=("bake_texture",)), "bake_texture") is None
