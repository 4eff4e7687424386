"""What a newcomer is told to do next."""

from __future__ import annotations

import importlib
import itertools
from typing import Any

import pytest

first_steps: Any = importlib.import_module("tug.core.first_steps")
Facts, order, present = first_steps.Facts, first_steps.order, first_steps.present

nothing = Facts(
    connected=False, has_object=False, has_drag=False, has_question=False, has_joint=False
)
taken = {
    "start": {"connected"},
    "object": {"connected", "has_object"},
    "pull": {"connected", "has_object", "has_drag"},
    "ask": {"connected", "has_object", "has_drag", "has_question"},
    "accept": {"connected", "has_object", "has_drag", "has_question", "has_joint"},
}


@pytest.mark.parametrize(("step", "then"), itertools.pairwise(order))
def test_taking_a_step_leads_to_the_next(step, then):
    assert present(_with(dict.fromkeys(taken[step], True))) == then


def _with(facts):
    return Facts(**{**vars(nothing), **facts})


def test_a_joint_can_be_opened_without_a_connection():
    assert present(_with({"has_joint": True})) == "open"


def test_a_lost_connection_comes_before_all_else():
    assert present(_with({"has_object": True, "has_drag": True, "has_question": True})) == "start"


def test_every_step_has_its_words():
    assert set(first_steps.texts) == set(order)
