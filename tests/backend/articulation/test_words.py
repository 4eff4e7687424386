"""What the grammar reads, and that it bears any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.articulation import vocabulary
from backend.articulation.words import Meaning, Order, joint_types, parse


def likeliest(prompt: str) -> str:
    types = parse(prompt).types
    return max(types, key=types.__getitem__)


@pytest.mark.parametrize(
    ("prompt", "nouns", "sides", "ways"),
    [
        ("open the upper left door outwards", ("door",), {"upper", "left"}, ("out",)),
        ("turn the left knob clockwise", ("knob",), {"left"}, ("clockwise",)),
        ("turn the dial counter-clockwise", ("knob",), set(), ("counterclockwise",)),
        ("slide the window to the right", ("window",), set(), ("right",)),
        ("lift the lid", ("lid",), set(), ("up",)),
        ("swing the blade out", ("blade",), set(), ("out",)),
        ("push the button", ("button",), set(), ("in",)),
        ("push in the left button", ("button",), {"left"}, ("in",)),
        ("push the button in the middle", ("button",), {"middle"}, ("in",)),
        ("pull down the upper sash", ("window",), {"upper"}, ("down",)),
        ("lower the upper sash", ("window",), {"upper"}, ("down",)),
        ("open the lower drawer", ("drawer",), {"lower"}, ("out",)),
        ("pull the bottom drawer out", ("drawer",), {"lower"}, ("out",)),
        ("lean the backrest back", ("backrest",), set(), ("back",)),
        ("recline the back", ("backrest",), set(), ("back",)),
        ("swing the door towards me", ("door",), set(), ("forward",)),
        ("open the red wooden door on the left side", ("door",), {"left"}, ()),
        ("the front left wheel", ("wheel",), {"front", "left"}, ()),
        ("slide left", (), set(), ("left",)),
        ("open the drawer under the oven", ("drawer",), {"lower"}, ("out",)),
        ("Open The TOP-LEFT Doors!", ("door",), {"upper", "left"}, ()),
    ],
)
def test_part_place_and_way(prompt, nouns, sides, ways):
    meaning = parse(prompt)
    assert (meaning.nouns, meaning.sides, meaning.ways) == (nouns, sides, ways)


@pytest.mark.parametrize(
    ("prompt", "joint_type"),
    [
        ("swing open the door", "revolute"),
        ("the door is hinged on the right", "revolute"),
        ("slide the door open", "prismatic"),
        ("pull out the tray", "prismatic"),
        ("spin the wheel", "continuous"),
        ("unscrew the cap", "screw"),
        ("twist and pull out the rod", "cylindrical"),
        ("the part does not move", "fixed"),
        ("do not slide the door, swing it", "revolute"),
    ],
)
def test_likeliest_type(prompt, joint_type):
    assert likeliest(prompt) == joint_type


@pytest.mark.parametrize(
    ("prompt", "order"),
    [
        ("pull out the second drawer from the top", Order(2, "upper")),
        ("third drawer from left", Order(3, "left")),
        ("open the 3rd drawer", Order(3)),
        ("the last drawer", Order(-1)),
        ("open the drawer", None),
    ],
)
def test_place_in_a_row(prompt, order):
    meaning = parse(prompt)
    assert meaning.order == order
    assert meaning.nouns == ("drawer",)
    assert not meaning.sides  # `from the top` is no place


@pytest.mark.parametrize(
    ("prompt", "hinge"),
    [
        ("the door is hinged on the left", "left"),
        ("open the left-hinged door", "left"),
        ("a flap with its hinges at the bottom", "lower"),
        ("open the right door, hinged along its top edge", "upper"),
        ("open the left door", None),
    ],
)
def test_hinge_side(prompt, hinge):
    assert parse(prompt).hinge == hinge


def test_the_last_of_a_compound_is_the_part_and_the_rest_owns_it():
    for prompt in ("open the oven door", "open the door of the oven", "open the oven's door"):
        meaning = parse(prompt)
        assert meaning.nouns == ("door",)
        assert meaning.owners == ("cabinet",)
    assert parse("pull the drawer handle").nouns == ("handle",)


def test_a_whole_object_stands_for_what_opens_of_it():
    assert parse("open the bin").nouns == ("lid",)
    assert parse("open the laptop").nouns == ("screen",)


def test_opening_and_closing_are_opposites():
    assert parse("open the door").intent == "open"
    assert parse("shut the door").intent == "close"
    assert parse("turn off the water").intent == "close"
    assert parse("swing the door").intent == ""


def test_ways_of_the_verb_give_way_to_said_ones():
    assert parse("pull the lever").ways == ("out",)
    assert not parse("pull the lever").explicit
    assert parse("pull the lever forward").ways == ("forward",)
    assert parse("pull the lever forward").explicit


def test_a_thing_has_its_usual_way_where_no_word_says():
    assert parse("move the button").ways == ("in",)
    assert parse("move the button").presses
    assert not parse("pull the button").presses
    assert parse("the drawer").ways == ("out",)
    assert parse("close the drawer").ways == ()


def test_a_toggle_button_turns_and_a_button_does_not():
    assert likeliest("move the toggle button") == "revolute"
    assert likeliest("move the button") == "prismatic"
    assert parse("flip the toggle button").called == "switch"
    assert parse("press the button").called == "button"
    assert parse("open it").called is None


@pytest.mark.parametrize(
    "prompt", ["", "  ", "öffne die linke Tür", "打开左边的门", "\x00\x01 0", "xyzzy 42 ;;; ''"]
)
def test_what_is_not_understood_says_nothing(prompt):
    meaning = parse(prompt)
    assert meaning == Meaning()
    assert meaning.turning == 0.5
    assert not meaning.names_part


words = st.sampled_from(
    sorted(
        {*vocabulary.verbs, *vocabulary.nouns, *vocabulary.places, *vocabulary.adverbs}
        | {*vocabulary.ordinals, *vocabulary.links, *vocabulary.joins, *vocabulary.negations}
    )
)


@given(st.one_of(st.text(max_size=80), st.lists(words, max_size=12).map(" ".join)))
def test_any_text_has_a_meaning(prompt):
    meaning = parse(prompt)
    assert tuple(meaning.types) == joint_types
    assert all(0.0 < share < 1.0 for share in meaning.types.values())
    assert 0.0 < meaning.turning < 1.0
    assert set(meaning.nouns) <= {n.part or n.name for n in vocabulary.nouns.values()} | {
        "backrest"
    }
    assert parse(prompt) == meaning


@given(st.lists(words, min_size=1, max_size=8))
def test_case_and_stops_at_the_end_do_not_matter(chosen):
    prompt = " ".join(chosen)
    assert parse(prompt.upper() + ".") == parse(prompt)


def test_things_of_a_group_are_known_things():
    assert set(vocabulary.groups) <= {noun.name for noun in vocabulary.nouns.values()}


def test_every_type_is_weighed_by_known_names():
    for weights in vocabulary.odds.values():
        assert set(weights) <= set(joint_types)
