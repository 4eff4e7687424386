"""Movers on their ways: orientation, ground, wheels, steps, collisions and waits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.datasets import rooms
from backend.motion.stage import Piece
from backend.motion.timing import Timing
from backend.motion.way import Way
from protocol.animation import Step
from tests.backend.motion.movers import (
    ahead,
    block,
    body,
    cart,
    circle,
    line,
    moved,
    pivots,
    wheel_radius,
    with_steps,
)


def only(answer):
    return answer.tracks[0]


def degrees(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(axis=1)))


# Orientation


def test_follow_looks_along_the_way_to_a_tenth_of_a_degree():
    mover = body(circle(), Timing(1, 121, "both"))
    track = only(moved(mover, pieces=()))
    share = (np.arange(121) / 120) ** 2 * (3 - 2 * np.arange(121) / 120)
    a = 2 * np.pi * share
    true = np.stack([-np.sin(a), np.cos(a), 0 * a], axis=1)
    assert degrees(ahead(mover, track), true).max() < 0.1
    np.testing.assert_allclose(
        pivots(mover, track)[30, :2], 3 * np.array([np.cos(a), np.sin(a)])[:, 30], atol=1e-4
    )


def test_keep_does_not_turn_and_look_at_does():
    kept = only(moved(body(circle(), orientation="keep"), pieces=()))
    np.testing.assert_allclose(kept.poses[:, :3, :3], np.eye(3)[None].repeat(100, 0), atol=1e-12)
    mover = body(circle(), orientation="look_at", target=np.array([1.0, 0.5, 2.0]))
    track = only(moved(mover, pieces=()))
    assert degrees(ahead(mover, track), mover.target - pivots(mover, track)).max() < 1e-6


def test_upright_stays_upright_on_a_climb():
    way = Way(np.linspace(0, 1, 50)[:, None] * [3.0, 0.0, 4.0])
    track = only(moved(body(way, orientation="upright"), pieces=()))
    np.testing.assert_allclose(track.poses[:, 2, 2], 1.0)


def test_a_vertical_loop_is_driven_upside_down_and_a_spiral_upright():
    t = np.linspace(0, 1, 400)
    loop = Way(np.stack([4 * t - 2 * np.sin(9.42 * t), 0.4 * t, 2 - 2 * np.cos(9.42 * t)], axis=1))
    up = only(moved(body(loop), pieces=())).poses[:, 2, 2]
    assert up.min() < -0.9
    assert up[0] > 0.9
    w = 12 * t
    spiral = Way(np.stack([2 * np.cos(w), 2 * np.sin(w), 3 * t], axis=1))
    poses = only(moved(body(spiral), pieces=())).poses
    assert np.abs(poses[:, 2, 0]).max() < 0.01  # its side stays level


def test_up_never_jumps_on_wild_ways():
    rng = np.random.default_rng(4)
    from scipy.interpolate import CubicSpline

    for _ in range(5):
        points = CubicSpline(np.arange(8), rng.normal(size=(8, 3)) * 3)(np.linspace(0, 7, 500))
        mover = body(Way(points), Timing(1, 400))
        track = only(moved(mover, pieces=()))
        nose, poses = ahead(mover, track), track.poses[:, :3, :3]
        turns = np.einsum("nji,njk->nik", poses[:-1], poses[1:])
        cosine = np.clip((np.trace(turns, axis1=1, axis2=2) - 1) / 2, -1, 1)
        assert (np.degrees(np.arccos(cosine)) - degrees(nose[:-1], nose[1:])).max() < 30


def test_bank_leans_into_the_bend_as_a_coordinated_turn():
    way = circle(3.0)
    mover = body(way, Timing(1, 121), orientation="bank")
    track = only(moved(mover, pieces=(), fps=24.0))
    speed = way.length / (120 / 24.0)
    lean = math.atan(speed**2 / 3.0 / 9.81)
    up = track.poses[60, :3, 2]
    inward = -pivots(mover, track)[60] / 3.0
    assert up @ inward == pytest.approx(math.sin(lean), rel=0.01)


def test_a_cusp_turns_within_a_few_frames_and_goes_to_its_tip():
    t = np.linspace(-1, 1, 201)
    mover = body(Way(np.stack([2 * t**2, t**3, 0 * t], axis=1)), Timing(1, 101))
    track = only(moved(mover, pieces=()))
    noses = ahead(mover, track)
    steps = degrees(noses[:-1], noses[1:])
    assert steps.max() < 60
    assert (steps > 10).sum() <= 10
    np.testing.assert_allclose(track.poses[:, 2, 2], 1.0, atol=1e-9)
    assert np.abs(pivots(mover, track)[50]).max() < 0.02


def test_tilt_is_added():
    way = Way(line().points, tilt=np.full(40, 0.3))
    track = only(moved(body(way), pieces=()))
    np.testing.assert_allclose(track.poses[:, 2, 2], math.cos(0.3), atol=1e-9)


# Ground


@pytest.mark.parametrize("make", [cart, body])
def test_uneven_ground_is_touched(make):
    ground = Piece("ground", rooms.ground(501))
    mover = make(circle(), Timing(1, 200), on_ground=True)
    answer = moved(mover, pieces=(ground,))
    track = only(answer)
    assert track.gap <= 0.005
    assert np.ptp(pivots(mover, track)[:, 2]) > 0.1
    assert not answer.notes or "slide" in answer.notes[0]


def test_a_slope_is_climbed_at_its_angle():
    slope = block((-10, -10, -0.2), (10, 10, 0))
    turn = np.radians(10)
    matrix = np.array(
        [[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]]
    )
    tilted = type(slope)(slope.vertices @ matrix.T, slope.faces)
    mover = body(line(), on_ground=True)
    track = only(moved(mover, pieces=(Piece("slope", tilted),)))
    np.testing.assert_allclose(track.poses[:, 2, 2], np.cos(turn), atol=1e-4)
    x, _, z = pivots(mover, track).T
    np.testing.assert_allclose(z, x * np.tan(turn), atol=0.002)


def test_the_floor_is_chosen_below_a_table_and_the_table_by_a_way_on_it():
    table = Piece("table", block((-1, -1, 1.0), (1, 1, 1.05)))
    mover = body(line(), on_ground=True)
    floor_only = only(moved(mover, pieces=(block_floor(), table)))
    assert np.abs(pivots(mover, floor_only)[:, 2]).max() < 1e-3
    short = Way(np.linspace(-0.5, 0.5, 20)[:, None] * [1.0, 0, 0] + [0, 0, 1.1])
    above = body(short, on_ground=True)
    on_table = only(moved(above, pieces=(block_floor(), table)))
    np.testing.assert_allclose(pivots(above, on_table)[:, 2], 1.05, atol=1e-3)


def block_floor() -> Piece:
    return Piece("floor", block((-20, -20, -0.1), (20, 20, 0)))


def test_a_ledge_is_smoothed_and_told():
    ledge = Piece("ledge", block((0, -3, -0.1), (9, 3, 0.08)))
    mover = body(line(), on_ground=True)
    answer = moved(mover, pieces=(block_floor(), ledge))
    assert any("step" in note for note in answer.notes)
    z = pivots(mover, only(answer))[:, 2]
    assert z[0] == pytest.approx(0.0, abs=2e-3)
    assert z[-1] == pytest.approx(0.08, abs=2e-3)
    assert np.abs(np.diff(z)).max() < 0.03


def test_no_ground_is_told():
    mover = body(line(), on_ground=True)
    answer = moved(mover, pieces=(Piece("small", block((-1, -1, -0.1), (1, 1, 0))),))
    assert any("no ground" in note for note in answer.notes)


# Wheels


def rolled(mover, track, name):
    index = [part.name for part in mover.parts].index(name)
    return track.joints[:, index]


def test_wheels_roll_without_slip_either_way_their_axis_points():
    mover = cart(line(), Timing(1, 61, "both"))
    track = only(moved(mover))
    turn = 6.0 / wheel_radius
    # forward is -y and the left wheel's axis +x: rolling ahead is a positive turn about +x
    assert rolled(mover, track, "left")[-1] == pytest.approx(turn, rel=1e-3)
    assert rolled(mover, track, "right")[-1] == pytest.approx(-turn, rel=1e-3)
    assert track.slip < 0.001


def test_the_outer_wheel_rolls_farther_in_a_bend():
    mover = cart(circle(3.0), Timing(1, 241))
    track = only(moved(mover))
    left, right = (abs(rolled(mover, track, n)[-1]) * wheel_radius for n in ("left", "right"))
    assert sorted([left, right]) == pytest.approx([2 * np.pi * 2.7, 2 * np.pi * 3.3], rel=2e-3)
    assert track.slip < 0.01


def test_going_back_rolls_back():
    shares = np.array([0.0, 0.5, 1.0, 0.5, 0.0])
    mover = cart(line(), Timing(1, 121, shares=shares))
    track = only(moved(mover))
    spin = rolled(mover, track, "left")
    assert spin.max() > 50
    assert spin[-1] == pytest.approx(0.0, abs=0.05)


def test_a_castor_trails_behind_its_pivot():
    mover = cart(circle(3.0), Timing(1, 241))
    track = only(moved(mover))
    swivel = rolled(mover, track, "castor")
    # its pivot is 0.6 ahead of the axle: it points along the pivot's own way
    settled = swivel[60:]
    assert abs(settled[-1]) == pytest.approx(math.atan2(0.6, 3.0), abs=0.03)
    assert np.abs(np.diff(settled)).max() < 0.01


def test_a_castor_swings_round_when_it_is_pushed_back():
    mover = cart(line(), Timing(1, 121, shares=np.array([0.5, 1.0, 0.0])))
    swivel = rolled(mover, only(moved(mover)), "castor")
    assert abs(swivel[-1] - swivel[0]) == pytest.approx(np.pi, abs=0.05)


def test_a_pivot_off_the_axle_is_told():
    mover = cart(circle(2.0), pivot=np.array([0.0, -0.6, 0.0]))
    answer = moved(mover)
    assert any("slide sideways" in note for note in answer.notes)
    assert only(answer).slip > 0.05


def test_without_roll_nothing_turns():
    assert not only(moved(cart(line(), roll=False))).joints.any()


# Steps


def test_steps_open_in_their_time_from_where_they_are_and_stop_at_limits():
    mover = with_steps(
        cart(line(), Timing(1, 100)),
        Step(link=5, start=20, end=40, value=1.0),
        Step(link=5, start=60, end=80, value=9.0),
    )
    answer = moved(mover)
    door = rolled(mover, only(answer), "door")
    assert (door[:20] == 0).all()
    assert door[39] == pytest.approx(1.0)
    assert door[29] == pytest.approx(0.5, abs=0.02)
    assert door[-1] == pytest.approx(1.5)
    assert any("limits" in note for note in answer.notes)


def test_a_step_after_the_end_makes_the_motion_longer():
    mover = with_steps(cart(line(), Timing(1, 50)), Step(link=5, start=60, end=70, value=1.0))
    track = only(moved(mover))
    assert len(track.poses) == 70
    np.testing.assert_allclose(track.poses[50], track.poses[-1], atol=1e-6)


# Collisions


crate = Piece("crate", block((-0.3, -0.2, 0), (0.3, 0.5, 0.6)))


def test_what_it_comes_into_is_reported_with_frames():
    track = only(moved(cart(line(), Timing(1, 121)), pieces=(block_floor(), crate)))
    (meeting,) = track.collisions
    assert meeting.other == "crate"
    # its nose is 0.8 ahead of the pivot and its tail 0.2 behind
    assert meeting.first == pytest.approx(1 + 120 * (3 - 0.3 - 0.8) / 6, abs=1.5)
    assert meeting.last == pytest.approx(1 + 120 * (3 + 0.3 + 0.2) / 6, abs=1.5)


def test_the_ground_is_no_collision():
    ground = Piece("ground", rooms.ground(502))
    assert not only(moved(cart(circle()), pieces=(ground,))).collisions


def test_an_open_wall_is_a_collision():
    wall = block((0.0, -2, 0), (0.1, 2, 2))
    sheet = type(wall)(wall.vertices, wall.faces[:2])
    track = only(moved(body(line(), Timing(1, 121)), pieces=(Piece("wall", sheet),)))
    assert [m.other for m in track.collisions] == ["wall"]


def test_avoid_goes_round_smoothly_and_comes_back():
    mover = cart(line(8.0), Timing(1, 161))
    answer = moved(mover, pieces=(block_floor(), crate), collisions="avoid")
    track = only(answer)
    assert not track.collisions
    places = pivots(mover, track)
    assert np.abs(places[:, 1]).max() > 0.4
    np.testing.assert_allclose(places[[0, -1], 1], 0.0, atol=1e-6)
    noses = ahead(mover, track)
    assert degrees(noses[:-1], noses[1:]).max() < 8


def test_avoid_leaves_a_free_way_alone():
    plain, avoiding = (only(moved(cart(circle()), collisions=kind)) for kind in ("ignore", "avoid"))
    np.testing.assert_array_equal(plain.poses, avoiding.poses)


def test_what_cannot_be_avoided_is_told_and_reported():
    wall = Piece("wall", block((-0.1, -30, 0), (0.1, 30, 2)))
    answer = moved(cart(line()), pieces=(block_floor(), wall), collisions="avoid")
    assert only(answer).collisions
    assert any("no way round" in note for note in answer.notes)


def test_the_later_of_two_waits():
    one = cart(line(8.0), Timing(1, 121), name="one")
    other = Way(line(8.0).points[:, [1, 0, 2]])
    two = cart(other, Timing(11, 131), name="two")
    seen = moved(one, two)
    assert seen.tracks[0].collisions[0].other == "two"
    answer = moved(one, two, collisions="avoid")
    first, second = answer.tracks
    assert (first.late, second.late > 0) == (0, True)
    assert not first.collisions
    assert not second.collisions
    steps = np.linalg.norm(np.diff(pivots(two, second), axis=0), axis=1)
    assert np.abs(np.diff(steps[:-1])).max() < 0.02  # it slows down and starts gently
    np.testing.assert_allclose(pivots(two, second)[-1], [0, 4, 0], atol=1e-3)


def test_two_that_cannot_wait_are_told():
    one = body(line(), name="one")
    two = body(Way(line().points[::-1]), name="two")
    answer = moved(one, two, collisions="avoid")
    assert any("neither can wait" in note for note in answer.notes)
    assert answer.tracks[0].collisions


# Keys


def test_there_are_ten_times_fewer_keys_than_frames():
    mover = cart(circle(), Timing(1, 241, "both"))
    track = only(moved(mover))
    count = sum(len(curve.keys) for curve in track.curves)
    assert len(track.poses) * len(track.curves) / count > 10
    assert track.strays <= 0.001


def test_keys_are_those_of_the_frame_below_the_parent():
    frame, parent = np.eye(4), np.eye(4)
    frame[:3, 3], frame[:3, :3] = [0.2, 0.3, 0.4], 2.0 * np.eye(3)
    parent[:3, :3] = [[0, -3, 0], [3, 0, 0], [0, 0, 3]]
    mover = body(line(), frame=frame, parent=parent)
    track = only(moved(mover, pieces=()))
    keys = {(c.path, c.index): c.keys for c in track.curves}
    world = track.poses[0] @ frame
    local = np.linalg.inv(parent) @ world
    first = [keys["location", k][0, 1] for k in range(3)]
    np.testing.assert_allclose(first, local[:3, 3], atol=1e-3)


def test_a_very_fast_way_and_a_fraction_of_a_frame_work():
    for timing in (Timing(1, 3), Timing(1.3, 1.7), Timing(0.5, 6.25)):
        track = only(moved(cart(circle(), timing)))
        assert np.isfinite(track.poses).all()
        assert track.first == math.floor(timing.start)
        assert track.strays <= 0.001
    answer = moved(cart(line(60.0), Timing(1, 5)))
    assert any("few frames" in note for note in answer.notes)


def test_stopping_is_heard_in_every_stage():
    class Stop(Exception):
        pass

    from backend.motion.engine import Plan, animate

    heard = []

    def tell(stage, step, total):
        heard.append(stage)

    plan = Plan((cart(line()),), (block_floor(), crate), collisions="avoid")
    animate(plan, tell)
    assert set(heard) >= {"way", "avoid", "wheels", "collisions", "keys"}
    for at in range(0, len(heard), max(1, len(heard) // 12)):
        left = [at]

        def stop(stage, step, total, left=left):
            left[0] -= 1
            if left[0] < 0:
                raise Stop

        with pytest.raises(Stop):
            animate(plan, stop)
