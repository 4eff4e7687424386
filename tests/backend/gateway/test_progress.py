from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gateway.progress import Progress

stages = ["prepare", "evidence", "range"]
walks = st.lists(
    st.tuples(
        st.sampled_from([*stages, "unexpected"]),
        st.integers(0, 10),
        st.integers(0, 10),
        st.floats(0.0, 100.0),
    ),
    max_size=20,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(walks, st.booleans(), st.dictionaries(st.sampled_from(stages), st.floats(0.0, 1e3)))
def test_fraction_never_falls_and_never_reaches_one(walk, measured, usual):
    clock = Clock()
    progress = Progress(usual, measured=measured, clock=clock)
    last = 0.0
    for stage, step, total, seconds in walk:
        progress.enter(stage, step, total)
        clock.now += seconds
        assert last <= progress.fraction < 1.0
        assert progress.seconds_left >= 0.0 if measured else progress.seconds_left == -1.0
        last = progress.fraction


def test_a_job_as_usual_counts_down_evenly():
    clock = Clock()
    progress = Progress({"prepare": 2.0, "evidence": 8.0}, measured=True, clock=clock)
    seen = []
    for second in range(10):
        progress.enter("prepare" if second < 2 else "evidence", max(0, second - 2), 8)
        clock.now = second + 0.0
        seen.append(progress.seconds_left)
    assert seen[2:] == pytest.approx([10.0 - second for second in range(2, 10)])


def test_a_job_twice_as_slow_takes_twice_as_long():
    clock = Clock()
    progress = Progress({"prepare": 5.0, "evidence": 5.0}, measured=True, clock=clock)
    progress.enter("prepare", 0, 0)
    clock.now = 10.0
    progress.enter("evidence", 0, 0)
    assert progress.fraction == pytest.approx(0.5)
    assert progress.seconds_left == pytest.approx(10.0)


def test_stages_are_timed_even_when_they_come_again():
    clock = Clock()
    progress = Progress({}, measured=False, clock=clock)
    for stage, seconds in (("a", 1.0), ("b", 2.0), ("a", 4.0)):
        progress.enter(stage, 0, 0)
        clock.now += seconds
    assert progress.finish() == {"a": 5.0, "b": 2.0}


def test_stages_that_are_not_expected_count_when_they_come():
    usual = {"prepare": 2.0, "imagine": 4.0, "range": 2.0}
    plain = Progress(usual, measured=True, without=("imagine",), clock=Clock())
    plain.enter("prepare", 0, 0)
    assert plain.seconds_left == pytest.approx(4.0)
    plain.enter("range", 0, 0)
    assert plain.fraction == pytest.approx(0.5)
    asked = Progress(usual, measured=True, without=("imagine",), clock=Clock())
    for stage in usual:
        asked.enter(stage, 0, 0)
    assert asked.fraction == pytest.approx(0.75)
