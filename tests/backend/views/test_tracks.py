"""Tracks: what is followed, that all views agree on it, and what is in front of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.views.engine import Wish, prepare, render
from backend.views.scene import Body, Part, Scene
from backend.views.tracks import follow
from protocol.errors import TugError
from protocol.views import Rig
from tests.backend.views.things import ball, box_mesh, camera, moving, straight, turns

small = box_mesh((-0.1, -0.1, -0.1), (0.1, 0.1, 0.1))


def seen(scene, *cameras, **fields):
    """What given cameras see, or the default rig."""
    usual = {"cameras": cameras, "rig": None if cameras else Rig(), "unclear": "keep"}
    return list(render(prepare(scene, Wish(**(usual | fields)))))


def triangulated(views, frame, track):
    """The point that is nearest to the rays of all views (linear least squares)."""
    rows = []
    for view in views:
        (fx, fy), (cx, cy) = view.camera.focal, view.camera.centre
        matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]]) @ view.camera.view[:3]
        x, y = view.tracks[frame, track].astype(float)
        rows += [x * matrix[2] - matrix[0], y * matrix[2] - matrix[1]]
    system = np.array(rows)
    return np.linalg.lstsq(system[:, :3], -system[:, 3], rcond=None)[0]


def test_all_views_agree_on_one_point():
    scene = moving(turns(6, 2.0, (1.0, 2.0, 0.5)))
    views = seen(scene, tracks=5, layers=())
    ways = follow(scene, 5, 0).ways
    assert len(views) == 8
    for frame in range(scene.frames):
        for track in range(ways.shape[1]):
            point = triangulated(views, frame, track)
            assert np.abs(point - ways[frame, track]).max() < 1e-3
            for view in views:
                pixel, depth = view.camera.project(point)
                assert np.linalg.norm(pixel - view.tracks[frame, track]) < 0.5
                assert depth == pytest.approx(float(view.depths[frame, track]), abs=1e-3)


def test_bodies_come_first_and_parts_follow_with_their_points():
    parts = (Part("left", ball(0.5, (-2, 0, 0))), Part("right", ball(0.5, (2, 0, 0))))
    scene = Scene((Body("scenery", (Part("x", ball()),), False), Body("pair", parts)), 3)
    tracks = follow(scene, 2, 0)
    assert tracks.names == (
        ("pair", "", 0),
        ("pair", "left", 0),
        ("pair", "left", 1),
        ("pair", "right", 0),
        ("pair", "right", 1),
    )
    assert tracks.body.tolist() == [1] * 5
    assert tracks.part.tolist() == [-1, 1, 1, 2, 2]
    assert tracks.ways[0, 0] == pytest.approx((0, 0, 0), abs=1e-6)
    assert tracks.ways[2, 1] == pytest.approx((-2, 0, 0), abs=1e-6)


def test_points_are_on_the_surface_and_spread_over_it():
    scene = moving(straight(2, (0, 0, 0), (1, 0, 0)), ball(1.0))
    points = follow(scene, 13, 0).ways[0, 2:]
    radius = np.linalg.norm(points, axis=1)
    assert len(points) == 12 and radius.min() > 0.97 and radius.max() <= 1.0 + 1e-9
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) + 9.0 * np.eye(12)
    assert apart.min() > 0.7  # of 12 points on a ball, the most that is possible is 1.05


def test_points_ride_on_what_moves_and_on_what_bends():
    mesh = ball(1.0)
    grown = (mesh.vertices * np.array([1.0, 2.0, 3.0])[:, None, None]).astype(np.float32)
    bending = Scene((Body("b", (Part("p", mesh, shapes=grown),)),), 3)
    ways = follow(bending, 4, 0).ways
    assert np.allclose(ways[1, 2:], 2.0 * ways[0, 2:], atol=1e-5)
    motion = turns(4, 1.0, (1.0, 0, 0))
    ways = follow(moving(motion, mesh), 4, 0).ways
    step = motion[3] @ np.linalg.inv(motion[1])
    assert np.allclose(ways[3], ways[1] @ step[:3, :3].T + step[:3, 3])


def test_same_seed_same_points():
    scene = moving(straight(2, (0, 0, 0), (1, 0, 0)), ball(1.0))
    assert np.array_equal(follow(scene, 9, 3).ways, follow(scene, 9, 3).ways)
    assert not np.array_equal(follow(scene, 9, 3).ways, follow(scene, 9, 4).ways)


def test_what_is_behind_a_wall_is_not_visible():
    """A box passes behind a wall that hides the middle of its way."""
    wall = box_mesh((-1, -2, -2), (1, -1.9, 2))
    scene = moving(straight(21, (-3, 0, 0), (3, 0, 0)), small, wall)
    look = camera(0.0, 0.0, 9.0, width=128)
    (view,) = seen(scene, look, tracks=6)
    hidden = view.tracks[:, 0, 0]
    edges, _ = look.project([[-1, -2, 0], [1, -2, 0]])
    behind = (hidden > edges[0, 0] + 2) & (hidden < edges[1, 0] - 2)
    free = (hidden < edges[0, 0] - 4) | (hidden > edges[1, 0] + 4)
    inside = look.holds(view.tracks.astype(float), view.depths.astype(float))[:, 0]
    assert behind.sum() > 3 and (free & inside).sum() > 3
    assert not view.visible[behind].any()
    assert view.visible[free & inside, :2].all()


def test_the_far_side_of_a_ball_is_not_visible():
    scene = moving(straight(2, (0, 0, 0), (0.1, 0, 0)), ball(1.0, rings=24))
    near = camera(0.0, 0.0, 8.0)
    look = replace(near, focal=(280.0, 280.0), centre=(128.0, 128.0), width=256, height=256)
    (view,) = seen(scene, look, tracks=200)
    ways = follow(scene, 200, 0).ways[0, 2:]
    towards = look.pose[:3, 3] - ways
    facing = (towards * ways).sum(axis=1) / np.linalg.norm(towards, axis=1)
    clear = np.abs(facing) > 0.2  # not on the outline, where a pixel shows both
    assert clear.sum() > 100
    assert (view.visible[0, 2:][clear] == (facing > 0)[clear]).all()
    assert view.visible[0, :2].all(), "middles are inside and count as seen"


def test_what_leaves_the_picture_or_the_range_is_not_visible():
    scene = moving(straight(9, (0, 0, 0), (0, -12, 0)), small)
    (view,) = seen(scene, camera(0.0, 0.0, 6.0), tracks=3)
    assert view.visible[0].any() and not view.visible[-1].any()
    assert np.isnan(view.tracks[-1]).all() and (view.depths[-1] < 0).all()
    (aside,) = seen(moving(straight(3, (0, 0, 0), (90, 0, 0))), camera(0.0, 0.0, 6.0), tracks=3)
    assert aside.visible[0].any() and not aside.visible[-1].any()


def test_memory_that_is_used_again_shows_the_same():
    scene = moving(turns(3, 1.0), None, box_mesh((-9, 1, -1), (9, 2, 1)))
    prepared = prepare(scene, Wish(layers=("parts", "flow", "heat")))
    for kept, view in zip(render(prepared), render(prepared, keep=False), strict=True):
        for name, image in view.images.items():
            assert np.array_equal(image, kept.images[name]), name


def test_nothing_to_follow_is_refused():
    scenery = Body("a", (Part("b", ball()),), tracked=False)
    with pytest.raises(TugError, match="Nothing is tracked"):
        prepare(Scene((scenery,), 2), Wish())


def test_motion_that_is_no_number_is_refused():
    motion = straight(4, (0, 0, 0), (1, 0, 0))
    motion[2, 0, 3] = np.nan
    with pytest.raises(TugError, match="NaN or infinite"):
        prepare(moving(motion), Wish())
