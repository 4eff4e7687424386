from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.datasets.words import place_words


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
