"""Accepting another alternative, after playing with the first and moving the furniture."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug import asking
from bl_ext.user_default.tug.protocol.joint import Joint, motion
from bl_ext.user_default.tug.scene import joints, parts
from bl_ext.user_default.tug.scene.geometry import gather

from tests.blender.scene_things import cuboid, empty_file, world_vertices

hinge = Joint(type="revolute", axis=(0, 0, 1), origin=(1, 0, 0), lower=0.0, upper=1.5)
slider = Joint(type="prismatic", axis=(0, 1, 0), origin=(0, 0, 0), lower=0.0, upper=1.0)


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def accept(part, joint, asked):
    return asking.put_into_scene(part.id_data, part, joint, job_id="job", keyed=True, asked=asked)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_an_alternative_starts_from_the_pose_that_was_sent(kind):
    body, door = cuboid("body", 2.0), cuboid("door")
    door.parent = body
    part = parts.add_part(door, kind, "Door", faces=[5])
    asked = gather(door, part).geometry
    first = accept(part, hinge, asked)
    rest = world_vertices(door)
    joints.set_open(first.control, first.bone, 0.8)
    second = accept(part, slider, asked)
    assert np.allclose(world_vertices(door), rest, atol=1e-5)
    joints.set_open(second.control, second.bone, 1.0)
    opened = np.abs(world_vertices(door) - rest).max(axis=1) > 0.5
    assert opened.sum() == (8 if kind == "object" else 4)
    assert np.allclose(world_vertices(door)[opened], rest[opened] + (0, 1, 0), atol=1e-5)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_a_joint_lands_where_the_object_has_been_moved_to(kind):
    body, door = cuboid("body", 2.0), cuboid("door")
    door.parent = body
    part = parts.add_part(door, kind, "Door", faces=[5])
    asked = gather(door, part).geometry
    body.location, body.rotation_euler = (5, 1, 0), (0.3, 0.4, 0.5)
    bpy.context.view_layer.update()
    applied = accept(part, hinge, asked)
    rest = world_vertices(door)
    joints.set_open(applied.control, applied.bone, 1.0)
    to_world = np.array(body.matrix_world, np.float64)
    by = to_world @ motion(hinge, 1.5) @ np.linalg.inv(to_world)
    expected = rest @ by[:3, :3].T + by[:3, 3]
    opened = np.abs(world_vertices(door) - rest).max(axis=1) > 1e-3
    assert opened.any()
    assert np.allclose(world_vertices(door)[opened], expected[opened], atol=1e-4)
