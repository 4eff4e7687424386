"""The rig frames all of a motion, as tightly as can be."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from backend.views.rig import cameras_of, stage_of, unique_names
from backend.views.scene import Body, Part, Scene
from protocol.views import Rig
from tests.backend.views.things import ball, box_mesh, moving, straight, turns


def everywhere(scene):
    """Every vertex of what is tracked at every frame."""
    return np.concatenate(
        [
            part.at(frame)
            for body in scene.bodies
            if body.tracked
            for part in body.parts
            for frame in range(scene.frames)
        ]
    )


def bending(count):
    """A ball that is stretched ever longer."""
    mesh = ball()
    grown = np.linspace(1.0, 3.0, count)[:, None, None] * mesh.vertices * [1.0, 0.2, 0.5]
    return Scene((Body("b", (Part("p", mesh, shapes=grown.astype(np.float32)),)),), count)


scenes = {
    "straight": moving(straight(9, (-2, 0, 0), (2, 1, 0.5)), None, box_mesh((-9, 3, 0), (9, 4, 5))),
    "turning": moving(turns(20, 5.0, (0.0, 3.0, 1.0)), ball(0.7, (1.0, 0.0, 0.0))),
    "bending": bending(5),
    "still": moving(straight(1, (5, 5, 5), (5, 5, 5))),
}


@pytest.mark.parametrize("name", scenes)
@pytest.mark.parametrize(("width", "height"), [(256, 256), (320, 180), (90, 160)])
def test_all_is_in_the_picture_and_fills_it(name, width, height):
    scene = scenes[name]
    rig = Rig(width=width, height=height, margin=0.08)
    points = everywhere(scene)
    for camera in cameras_of(rig, stage_of(scene)):
        pixels, depth = camera.project(points)
        free = 0.08 * np.array([width, height])
        low, high = pixels.min(axis=0) - free, np.array([width, height]) - free - pixels.max(axis=0)
        assert min(low.min(), high.min()) > -1e-6, camera.name
        touching = (np.abs(low) < 1e-6) & (np.abs(high) < 1e-6)
        assert touching.any(), f"{camera.name} could stand nearer"
        assert depth.min() > camera.near and depth.max() < camera.far


def test_no_place_that_is_nearer_frames_all():
    """Sideways steps do not help a camera that is moved in by a little."""
    scene = scenes["turning"]
    points = everywhere(scene)
    camera = cameras_of(Rig(margin=0.1), stage_of(scene))[5]
    nearer = camera.pose.copy()
    nearer[:3, 3] += 0.01 * camera.ahead
    for x in np.linspace(-0.1, 0.1, 21):
        for y in np.linspace(-0.1, 0.1, 21):
            pose = nearer.copy()
            pose[:3, 3] += x * nearer[:3, 0] + y * nearer[:3, 1]
            pixels, _ = replace(camera, pose=pose).project(points)
            assert pixels.min() < 25.6 or pixels.max() > 256 - 25.6


def test_eight_views_by_default():
    names = [camera.name for camera in cameras_of(Rig(), stage_of(scenes["straight"]))]
    assert names == [f"az{a:03d}_el{e:02d}" for e in (0, 30) for a in (0, 90, 180, 270)]


def test_a_wall_in_front_is_cut_away_and_one_behind_stays():
    front, back = box_mesh((-9, -4, -5), (9, -3.9, 5)), box_mesh((-9, 4, -5), (9, 4.1, 5))
    scene = moving(straight(5, (-1, 0, 0), (1, 0, 0)), None, front, back)
    cut = cameras_of(Rig(azimuths=(0.0,), elevations=(0.0,)), stage_of(scene))[0]
    whole = cameras_of(Rig(azimuths=(0.0,), elevations=(0.0,), cutaway=False), stage_of(scene))[0]
    distance = -cut.pose[1, 3]
    assert distance - 3.9 < cut.near < distance - 0.5
    assert whole.near < 0.01 * distance
    assert cut.far > distance + 4.1
    assert math.isclose(cut.pose[1, 3], whole.pose[1, 3])


def test_names_are_those_of_different_folders():
    names = unique_names(["Camera", "camera", "../a:b", "", "Camera"])
    assert names == ["Camera", "camera_2", "_a_b", "view", "Camera_3"]
