"""Lengths as they are typed."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

lengths: Any = importlib.import_module("tug.core.lengths")


def typed(text):
    """What is there after each letter was pressed."""
    field = lengths.Typed()
    for letter in text:
        field.add(letter)
    return field


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("30cm", 0.3),
        ("30 cm", 0.3),
        ("1.5", 1.5),
        ("1,5m", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("12mm", 0.012),
        ("5'6\"", 1.6764),
        ("5ft 6in", 1.6764),
        ("1m20cm", 1.2),
        ("5in", 0.127),
    ],
)
def test_what_is_typed_is_a_length(text, metres):
    assert typed(text).metres() == pytest.approx(metres)
    assert typed(f"-{text}").metres() == pytest.approx(-metres)


def test_a_number_alone_is_in_the_scenes_unit():
    assert typed("30").metres(bare=0.01) == pytest.approx(0.3)
    assert typed("30m").metres(bare=0.01) == pytest.approx(30.0)


@pytest.mark.parametrize("text", ["", "-", ".", "-.", "30c", "5'6"])
def test_what_is_half_typed_is_no_length_yet(text):
    assert typed(text).metres() is None


def test_a_minus_turns_round_whenever_it_is_pressed():
    assert typed("3-0cm").text == "-30cm"
    assert typed("3-0cm-").text == "30cm"


@pytest.mark.parametrize("key", ["x", "y", "z", "n", "g"])
@pytest.mark.parametrize("text", ["", "3", "30cm"])
def test_letters_that_are_no_unit_stay_keys(key, text):
    field = typed(text)
    assert not field.add(key) and field.text == text


def test_an_n_belongs_to_inches():
    assert typed("5in").text == "5in"


def test_backspace_takes_the_last_letter():
    field = typed("30cm")
    for rest in ("30c", "30", "3", "", ""):
        field.back()
        assert field.text == rest


@given(st.text(alphabet="0123456789.-,mckftin'\" \nxyz", max_size=12))
def test_nothing_that_can_be_typed_breaks_it(text):
    field = typed(text)
    found = field.metres()
    assert found is None or isinstance(found, float)


@given(st.floats(1e-6, 1e6))
def test_round_steps_are_powers_of_ten_at_least_as_long(least):
    step = lengths.round_step(least)
    assert least <= step * (1 + 1e-6) and step < 10.5 * least
    assert f"{step:.6e}".startswith("1.000000e")


def test_round_steps_are_what_an_inch_rule_has():
    assert lengths.round_step(0.02, lengths.inches) == pytest.approx(0.0254)
    assert lengths.round_step(0.026, lengths.inches) == pytest.approx(0.3048)
    assert lengths.round_step(1e9, lengths.inches) == pytest.approx(1e9)
