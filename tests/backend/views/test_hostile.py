"""Scenes as they should not be: they are drawn, or refused in words, and never kill the job."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from backend.geometry.mesh import Mesh
from backend.views.engine import Wish, prepare, render
from backend.views.scene import Body, Part, Scene
from protocol.errors import TugError
from protocol.views import Rig
from tests.backend.views.things import ball, box_mesh, camera, moving, straight

every = ("depth", "normals", "instances", "parts", "flow", "entities", "heat")
tiny = Rig(width=8, height=8, azimuths=(0.0, 2.0))


def mesh(points, faces) -> Mesh:
    return Mesh(np.array(points, float), np.array(faces, np.int32))


meshes = {
    "a single triangle": mesh([[0, 0, 0], [1, 0, 0], [0, 0, 1]], [[0, 1, 2]]),
    "no area": mesh([[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1, 2], [0, 0, 0]]),
    "a single point": mesh([[1, 2, 3]] * 3, [[0, 1, 2]]),
    "loose vertices far away": mesh(
        [[0, 0, 0], [1, 0, 0], [0, 0, 1], [9e9, 9e9, 9e9]], [[0, 1, 2]]
    ),
    "huge": Mesh(ball().vertices * 1e6, ball().faces),
    "minute": Mesh(ball().vertices * 1e-6, ball().faces),
    "flat": mesh([[0, 0, 0], [3, 0, 0], [3, 3, 0], [0, 3, 0]], [[0, 1, 2], [0, 2, 3]]),
}


@pytest.mark.parametrize("name", meshes)
@pytest.mark.parametrize("count", [1, 3])
def test_odd_meshes_are_drawn(name, count):
    size = float(np.ptp(meshes[name].vertices[np.unique(meshes[name].faces)], axis=0).max()) or 1.0
    scene = moving(straight(count, (0, 0, 0), (size, 0.2 * size, 0)), meshes[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        views = list(render(prepare(scene, Wish(rig=tiny, layers=every, tracks=3))))
    assert len(views) >= 4
    for view in views:
        assert np.isfinite(view.tracks).all()
        assert view.images["depth"].shape == (count, 8, 8)
        if name not in ("no area", "a single point", "flat", "a single triangle"):
            assert (view.images["parts"] == 1).any()


def test_a_camera_within_a_moving_thing_sees_its_inside():
    scene = moving(straight(4, (0, 0, 0), (0, 0.5, 0)), ball(3.0))
    look = camera(0.3, 0.2, 1.0)
    (view,) = render(prepare(scene, Wish(cameras=(look,), rig=None, layers=every, unclear="keep")))
    assert (view.images["parts"] == 1).all()
    assert (view.images["normals"][..., 2] > 0).any()


def test_what_goes_through_the_camera_is_cut_by_the_near_plane():
    """A box that flies past and through: no pixel is nearer than near, none is left over."""
    scene = moving(straight(24, (0, 8, 0), (0, -16, 0)), box_mesh((-1, -1, -1), (1, 1, 1)))
    look = replace(camera(0.0, 0.0, 6.0), near=0.5)
    (view,) = render(prepare(scene, Wish(cameras=(look,), rig=None, layers=every, unclear="keep")))
    depth = view.images["depth"]
    assert depth.min() >= 0.5 and np.isinf(depth[-1]).all()
    assert not view.visible[-1].any() and view.visible[0].any()
    assert np.isfinite(view.images["flow"][:6]).all()


def test_scaling_and_mirroring_motion_works():
    motion = straight(3, (0, 0, 0), (1, 0, 0))
    motion[1, :3, :3] *= 2.0
    motion[2, 0, 0] = -1.0
    views = list(render(prepare(moving(motion), Wish(rig=tiny))))
    areas = [(view.images["parts"] == 1).sum(axis=(1, 2)) for view in views]
    assert all(area[1] > area[0] for area in areas)


@pytest.mark.parametrize("margin", [0.0, 0.45])
@pytest.mark.parametrize("field", [1.0, 160.0])
def test_extreme_lenses_frame_everything(margin, field):
    rig = Rig(field=math.radians(field), margin=margin, width=64, height=32)
    scene = moving(straight(5, (-1, 0, 0), (1, 0, 0.3)))
    for view in render(prepare(scene, Wish(rig=rig, layers=()))):
        points = np.concatenate([part.at(k) for _, part in scene.parts for k in range(5)])
        pixels, depth = view.camera.project(points)
        assert (depth > view.camera.near).all()
        assert pixels.min() > -1e-6 and (pixels < [64 + 1e-6, 32 + 1e-6]).all()


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (Part("p", Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))), "no faces"),
        (Part("p", Mesh(np.full((3, 3), np.nan), np.array([[0, 1, 2]], np.int32))), "NaN"),
        (Part("p", ball(), straight(5, (0, 0, 0), (1, 0, 0))), "5 frames"),
        (Part("p", ball(), shapes=np.zeros((3, 4, 3), np.float32)), "4 vertices"),
        (Part("p", ball(), shapes=np.full((3, 325, 3), np.inf, np.float32)), "infinite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(part, sentence):
    with pytest.raises(TugError, match=sentence) as caught:
        prepare(Scene((Body("b", (part,)),), 3), Wish())
    assert caught.value.error.code == "bad_input"
