from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.datasets import categories, generate
from backend.datasets.object import Link
from backend.datasets.words import place_words, varied
from protocol.joint import motion


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([], []),
        ([(0.0, 0.5)], [""]),
        ([(0.0, 0.2), (0.0, 0.8)], ["bottom", "top"]),
        ([(0.4, 0.5), (-0.4, 0.5)], ["right", "left"]),
        ([(0.0, 0.3), (0.0, 0.6), (0.0, 0.9)], ["bottom", "middle", "top"]),
        ([(-1, 0.5), (1, 0.2), (1, 0.8)], ["left", "bottom right", "top right"]),
        ([(0, 0.1), (0, 0.2), (0, 0.3), (0, 0.4)], ["fourth", "third", "second", "first"]),
        ([(0.0, 0.5), (0.004, 0.9)], ["bottom", "top"]),
    ],
)
def test_places_get_the_words_people_use(
    places: list[tuple[float, float]], words: list[str]
) -> None:
    assert place_words(places) == words


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=2, max_size=8))
def test_no_two_places_share_their_words(cells: set[tuple[int, int]]) -> None:
    words = place_words([(0.4 * column, 0.2 * row) for column, row in cells])
    assert len(set(words)) == len(words) and all(words)


@given(st.sampled_from(categories), st.integers(0, 99), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_other_words_ask_for_the_same_part_and_a_motion_that_is_true(
    category: str, seed: int, words: int
) -> None:
    item = generate(category, seed)
    for link in item.links:
        if link.joint is None or link.drag is None:
            continue
        prompt = varied(np.random.default_rng(words), link.prompt, link.joint, link.drag)
        assert places(prompt) == places(link.prompt), (prompt, link.prompt)
        for direction in set(told(prompt)) - set(told(link.prompt)):
            assert goes(link, direction), (prompt, link.prompt)


def test_words_vary() -> None:
    link = next(link for link in generate("cabinet", 55).links if "drawer" in link.name)
    assert link.joint is not None and link.drag is not None
    found = {
        varied(np.random.default_rng(seed), link.prompt, link.joint, link.drag)
        for seed in range(60)
    }
    assert len(found) > 8 and any("lower" in prompt for prompt in found)


def places(prompt: str) -> list[str]:
    same = prompt.replace("upper", "top").replace("lower the", "").replace("lower", "bottom")
    aside = r"(?<!to the )\b(left|right|top|bottom|middle|first|second|third)\b"
    return sorted(re.findall(aside, same))


def told(prompt: str) -> list[str]:
    ways = r"\b(clockwise|counter-clockwise|outwards|towards me|to the left|to the right|upwards)\b"
    return re.findall(ways, prompt)


def goes(link: Link, direction: str) -> bool:
    assert link.joint is not None and link.drag is not None
    step = link.drag[1] - link.drag[0]
    if "clockwise" in direction:
        seen_from = np.array([0.0, -1.0, 0.0] if abs(link.joint.axis[1]) > 0.5 else [0.0, 0.0, 1.0])
        quarter = motion(link.joint, np.pi / 2)[:3, :3]
        across = np.cross(seen_from, [1.0, 0.3, 0.2])
        turned = float(np.cross(across, quarter @ across) @ seen_from)
        return (turned > 0) == direction.startswith("counter")
    axis, sign = {
        "outwards": (1, -1), "towards me": (1, -1), "to the left": (0, -1), "to the right": (0, 1),
        "upwards": (2, 1),
    }[direction]  # fmt: skip
    return bool(sign * step[axis] > 0.5 * np.linalg.norm(step))
