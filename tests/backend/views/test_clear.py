"""The first failure of Drag4D: motion along the axis of a view."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backend.views.clear import angle_along, spread
from backend.views.engine import Wish, prepare, render
from backend.views.rig import angles
from backend.views.scene import Body, Part, Scene
from protocol.views import Rig
from tests.backend.views.things import ball, camera, moves, moving, straight, turns

least = math.radians(20.0)
along_y = straight(12, (0, -2, 0), (0, 2, 0))


def chosen(motion, **fields: Any):
    prepared = prepare(moving(motion), Wish(**{"clear": least, **fields}))
    return prepared.views, prepared.notes


def test_angles_of_straight_motion():
    for degrees in (0.0, 10.0, 45.0, 90.0):
        turn = math.radians(degrees)
        ways = straight(5, (0, 0, 0), (math.sin(turn), math.cos(turn), 0))[:, None, :3, 3]
        matrix = spread(ways)
        assert math.degrees(angle_along(matrix, np.array([0, 1.0, 0]))) == pytest.approx(degrees)
        assert math.degrees(angle_along(matrix, np.array([0, -1.0, 0]))) == pytest.approx(degrees)


def test_longer_steps_count_more():
    steps = np.array([[0, 0, 0], [9, 0, 0], [9, 1, 0]], float)[:, None]
    matrix = spread(steps)
    assert angle_along(matrix, np.array([1.0, 0, 0])) < angle_along(matrix, np.array([0, 1.0, 0]))


def test_what_does_not_move_is_clear():
    matrix = spread(np.ones((5, 2, 3)))
    assert angle_along(matrix, np.array([1.0, 0, 0])) == pytest.approx(math.pi / 2)


def test_a_view_along_the_motion_is_replaced_by_the_nearest_clear_one():
    views, notes = chosen(along_y)
    assert len(views) == 8
    replaced = {view.replaces: view for view in views if view.replaces}
    assert set(replaced) == {"az000_el00", "az180_el00"}
    for name, view in replaced.items():
        assert least <= view.along + 1e-9 < math.radians(25.0)
        assert view.camera.name != name and any(name in note for note in notes)
    assert [view.camera.name for view in views if not view.replaces] == [
        "az090_el00",
        "az270_el00",
        *(f"az{a:03d}_el30" for a in (0, 90, 180, 270)),
    ]


def test_it_is_kept_where_that_is_asked():
    views, notes = chosen(along_y, unclear="keep")
    assert views[0].camera.name == "az000_el00"
    assert views[0].along == pytest.approx(0.0, abs=1e-6) and not views[0].replaces
    assert "within 0 degrees" in notes[0]


def test_it_is_split_into_views_from_both_sides():
    views, _ = chosen(along_y, unclear="split")
    pair = [view for view in views if view.replaces == "az000_el00"]
    assert len(views) == 10 and len(pair) == 2
    left, right = (angles(view.camera.pose[:3, :3])[0] for view in pair)
    assert left == pytest.approx(-right) and abs(left) == pytest.approx(least, abs=0.04)
    assert all(view.along >= least - 1e-9 for view in pair)


def test_motion_straight_up_is_seen_from_the_side():
    rig = Rig(azimuths=(0.0,), elevations=(math.pi / 2,))
    views, _ = chosen(straight(5, (0, 0, 0), (0, 0, 3)), rig=rig)
    (view,) = views
    assert view.replaces == "az000_el90" and view.along >= least - 1e-9


def test_a_given_camera_is_replaced_by_one_of_the_same_lens():
    views, _ = chosen(along_y, cameras=(camera(0.0, 0.0),), rig=None)
    (view,) = views
    assert view.replaces == "camera" and view.along >= least - 1e-9
    assert view.camera.focal == camera().focal and view.camera.width == 64


def test_replaced_views_show_the_motion_and_frame_all_of_it():
    scene = moving(along_y)
    for view in render(prepare(scene, Wish(clear=least, layers=()))):
        way = view.tracks[:, 0]
        assert np.isfinite(way).all()
        assert np.linalg.norm(way[-1] - way[0]) > 20.0, view.camera.name
        assert way.min() > 0 and way.max() < 256


def test_motion_in_all_directions_hides_nowhere():
    turn = np.linspace(0, math.tau, 40)
    ring = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
    views, notes = chosen(moves(ring))
    assert not notes and not any(view.replaces for view in views)


def test_parts_count_as_well():
    """A body whose middle stays while its parts part."""
    left = Part("l", ball(0.2, (0, -1, 0)), straight(5, (0, 0, 0), (0, -2, 0)))
    right = Part("r", ball(0.2, (0, 1, 0)), straight(5, (0, 0, 0), (0, 2, 0)))
    views = prepare(Scene((Body("b", (left, right)),), 5), Wish()).views
    assert any(view.replaces == "az000_el00" for view in views)


def test_it_does_not_depend_on_how_many_points_are_followed():
    turning = turns(9, 3.0, (0.0, 3.0, 0.0))
    one, many = (chosen(turning, tracks=count)[0] for count in (1, 30))
    assert [view.along for view in one] == [view.along for view in many]
