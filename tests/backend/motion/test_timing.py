"""When movers are where, and waits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.motion.timing import Timing, Wait


@pytest.mark.parametrize(
    ("ease", "start", "end"),
    [("constant", 1, 1), ("both", 0, 0), ("in", 0, 2), ("out", 2, 0)],
)
def test_eases_begin_and_end_as_they_say(ease, start, end):
    timing = Timing(10, 110, ease)
    shares = timing.share(np.linspace(10, 110, 1001))
    speeds = np.diff(shares) * 1000
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert speeds[0] == pytest.approx(start, abs=0.01)
    assert speeds[-1] == pytest.approx(end, abs=0.01)


def test_given_shares_are_met_and_may_pause_and_go_back():
    given_shares = np.array([0.0, 0.5, 0.5, 0.5, 0.25, 1.0])
    timing = Timing(0, 50, shares=given_shares)
    np.testing.assert_allclose(timing.share(np.arange(0, 51, 10)), given_shares)
    still = timing.share(np.linspace(10, 30, 50))
    np.testing.assert_allclose(still, 0.5)


@given(begin=st.floats(2, 50), brake=st.floats(0, 20), hold=st.floats(0, 60), at=st.floats(0, 100))
@settings(deadline=None)
def test_a_wait_costs_what_it_says_and_never_goes_back(begin, brake, hold, at):
    wait = Wait(begin, brake, hold)
    frames = np.linspace(0, 250, 2501)
    there = wait.schedule(frames)
    assert (np.diff(there) >= -1e-9).all()
    assert (np.diff(there) <= 0.1 + 1e-9).all()
    assert there[-1] == pytest.approx(250 - wait.cost)
    assert wait.schedule(np.array([wait.frame_of(at)]))[0] == pytest.approx(at, abs=1e-6)


def test_waits_add_up():
    timing = Timing(0, 100).delayed(Wait(20, 4, 10)).delayed(Wait(60, 4, 6))
    assert timing.late == 24
    assert timing.arrival == pytest.approx(124)
    assert timing.share([124.0])[0] == pytest.approx(1.0)
