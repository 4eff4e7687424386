"""Animations that the real backend computes, as Blender plays them."""

from __future__ import annotations

import sys

import bpy
import numpy as np
import pytest

from tests.blender.motion_things import arc, cart, module, seen, wagon

frames = (1, 73)
x = np.linspace(0.0, 1.0, 30)
bend = np.stack([-3.0 + 6.0 * x, -3.0 + 5.0 * x**2, np.full(30, 0.3)], axis=1)


@pytest.fixture
def real(api, shared_real_backend):
    api.connect(connection_file=shared_real_backend.connection_file)
    bpy.context.scene.frame_set(1)
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = False
    return api


def control_of(name):
    obj = bpy.data.objects[name]
    return module("scene.joints").find(obj, obj.tug.parts[0]).control


def strays(handle, obj, rest, index=0):
    """How far the origin and the axes of an object are off the exact motion, at each frame."""
    track = handle.tracks[index]
    return max(
        np.abs(seen(obj, track.first + i) - pose @ rest).max() for i, pose in enumerate(track.poses)
    )


@pytest.mark.parametrize("mode", ["XYZ", "YZX", "QUATERNION"])
@pytest.mark.parametrize("orientation", ["follow", "bank", "upright", "keep"])
def test_few_keys_play_the_motion(real, mode, orientation):
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.rotation_euler, parent.location, parent.scale = (0.5, -0.3, 1.0), (3, 1, 2), (2, 2, 2)
    mover = cart()
    mover.rotation_euler, mover.rotation_mode = (0.1, 0.0, 0.4), mode
    mover.parent = parent
    bpy.context.view_layer.update()
    rest = np.array(mover.matrix_world)
    size = np.linalg.norm(rest[:3, :3] @ np.ones(3))
    curve = real.trajectory(arc, mover, frames, tolerance=0.01)
    handle = real.animate(curve, orientation=orientation)
    handle.apply()
    # A Bezier curve of location and rotation each: 0.1 % of the size is promised.
    assert strays(handle, mover, rest) < 0.003 * size
    told = module("scene.animation").told(curve)
    assert told["strays"] <= 0.001 and told["keys"] <= 6 * 73 / 6
    path = module("scene.trajectories").path_of(curve)
    assert seen(mover, 37)[:3, 3] == pytest.approx(path.at(0.5), abs=0.01)


def test_a_cart_rolls_opens_its_door_and_says_what_it_runs_into(real):
    body = wagon()
    rest = np.array(body.matrix_world)
    curve = real.trajectory(bend, body, frames)
    bpy.context.scene.timeline_markers.new("Open", frame=20)
    real.add_joint_step(curve, "Door", "Open", seconds=1.0)
    handle = real.animate(curve, on_ground=True)
    handle.apply()
    assert strays(handle, body, rest) < 0.005
    (track,) = handle.tracks
    assert track.slip < 0.01 and track.gap < 0.005
    assert [hit.other for hit in handle.collisions] == ["Wall"], handle.collisions
    control = control_of("Door")
    for frame, opened in ((19, 0.0), (20, 0.0), (32, 0.5), (44, 1.0), (73, 1.0)):
        bpy.context.scene.frame_set(frame)
        assert control["tug_open"] == pytest.approx(opened, abs=0.02), frame
    turned = control_of("Wheel 1")
    length = module("scene.trajectories").path_of(curve).length
    assert abs(turned["tug_open"]) == pytest.approx(length / (2 * np.pi * 0.3), rel=0.08)
    assert turned["tug_open"] < 0.0  # ahead is +Y, about +X that is backwards


def test_an_edit_is_followed_by_itself(real):
    mover = cart()
    curve = real.trajectory(arc, mover, frames)
    real.animate(curve).apply()
    curve.data.splines[0].bezier_points[-1].co.z += 2.0
    curve.data.update_tag()
    bpy.context.view_layer.update()
    updating, runtime = module("updating"), module("runtime")
    updating._look_at_markers()
    updating._edited.update(dict.fromkeys(updating._edited, 0.0))
    runtime.tick()
    assert updating.under_way(curve)
    session = runtime.session()
    assert session.wait(lambda: not runtime.book.unfinished(), 60.0)
    end = module("scene.trajectories").path_of(curve).points[-1]
    assert end[2] > 2.0 and seen(mover, 73)[:3, 3] == pytest.approx(end, abs=0.01)
    runtime.tick()
    assert not runtime.book.unfinished() and not updating.is_outdated(curve)


@pytest.mark.parametrize("kind", ["camera", "empty", "armature", "light"])
def test_what_has_no_faces_moves_too(real, kind):
    data = {
        "camera": lambda: bpy.data.cameras.new("Camera"),
        "empty": lambda: None,
        "armature": lambda: bpy.data.armatures.new("Rig"),
        "light": lambda: bpy.data.lights.new("Light", "POINT"),
    }[kind]()
    mover = bpy.data.objects.new("Thing", data)
    bpy.context.scene.collection.objects.link(mover)
    curve = real.trajectory(arc, mover, frames)
    real.animate(curve, orientation="follow").apply()
    path = module("scene.trajectories").path_of(curve)
    assert seen(mover, 73)[:3, 3] == pytest.approx(path.points[-1], abs=0.02)
    assert seen(mover, 37)[:3, 3] == pytest.approx(path.at(0.5), abs=0.02)


def test_a_camera_looks_at_what_it_is_told(real):
    aim = cart("Aim")
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(camera)
    curve = real.trajectory(np.add(arc, (0, 0, 2)), camera, frames)
    real.animate(curve, orientation="look_at", look_at=aim, forward="neg_z").apply()
    for frame in (1, 20, 50, 73):
        place = seen(camera, frame)
        ahead = -place[:3, 2]
        there = -place[:3, 3] / np.linalg.norm(place[:3, 3])
        assert ahead @ there > 0.999, frame


def test_a_closed_way_comes_back(real):
    mover = cart()
    ring = [(2, 0, 0), (0, 2, 0), (-2, 0, 0), (0, -2, 0)]
    curve = real.trajectory(ring, mover, frames, closed=True)
    handle = real.animate(curve)
    handle.apply()
    assert handle._record.request.movers[0].way.closed
    assert seen(mover, 73) == pytest.approx(seen(mover, 1), abs=0.02)


def test_who_comes_later_gives_way(real):
    first, second = cart("First"), cart("Second")
    across = real.trajectory([(-6, 0, 0.5), (0, 0, 0.5), (6, 0, 0.5)], first, frames)
    along = real.trajectory([(0, -6.5, 0.5), (0, 0, 0.5), (0, 6.0, 0.5)], second, frames)
    handle = real.animate([across, along], collisions="avoid")
    handle.apply()
    assert not handle.collisions and max(track.late for track in handle.tracks) > 0.0
    for frame in range(1, 90):
        apart = np.abs(seen(first, frame)[:3, 3] - seen(second, frame)[:3, 3])
        assert apart.max() > 0.7, frame


def test_the_operators_do_it_too(real):
    mover = cart()
    curve = real.trajectory(arc, mover, frames)
    bpy.context.view_layer.objects.active = curve
    assert bpy.ops.tug.animate() == {"FINISHED"}
    assert bpy.ops.tug.accept_animation() == {"FINISHED"}
    assert module("scene.animation").state_of(curve) == "KEYS"
    curve.tug_trajectory.frame_end = 49
    assert bpy.ops.tug.update_animation() == {"FINISHED"}
    keys = module("scene.keyframes").read(mover, "location", 0)
    assert keys[-1].co[0] == pytest.approx(49.0)
    assert bpy.ops.tug.remove_animation() == {"FINISHED"}
    assert not mover.animation_data.action and "numpy" in sys.modules
