"""An object with joints as a model, and a model as objects, without a backend in between."""

from __future__ import annotations

import bpy
import msgspec
import numpy as np
import pytest
from bl_ext.user_default.tug.protocol.blobs import describe
from bl_ext.user_default.tug.protocol.errors import TugError
from bl_ext.user_default.tug.protocol.tasks import ImportModelResult
from bl_ext.user_default.tug.scene import joints, keyframes
from bl_ext.user_default.tug.scene.building import build
from bl_ext.user_default.tug.scene.model import gather_model
from mathutils import Matrix

from tests.blender.model_things import cabinet, door_joint, in_order, link_points, open_all, poses
from tests.blender.scene_things import cuboid, empty_file, moved, world_vertices


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def test_links_hang_on_each_other_as_the_objects_do():
    frame = cabinet()
    model = gather_model(bpy.data.objects["handle"])
    names = [link.name for link in model.links]
    tree = {link.name: names[link.parent] for link in model.links if link.parent >= 0}
    assert names[0] == frame.name and model.links[0].joint is None
    assert tree == {"door": "frame", "handle": "door", "drawer": "frame", "lid": "frame"}
    sizes = {name: len(points) for name, points in link_points(model).items()}
    assert sizes == {"frame": 8 + 8, "door": 8, "handle": 8, "drawer": 8, "lid": 4}


@pytest.mark.parametrize("opened", [0.0, 0.37, 1.0])
def test_the_model_moves_as_the_scene_does(opened):
    cabinet()
    model = gather_model(bpy.data.objects["frame"])
    expected, rest = poses(model.links, opened), link_points(model)
    open_all(opened)
    for name in ("door", "handle", "drawer"):
        turned = rest[name] @ expected[name][:3, :3].T + expected[name][:3, 3]
        shown = world_vertices(bpy.data.objects[name])
        assert np.abs(in_order(shown) - in_order(turned)).max() < 1e-5


def test_joints_are_exported_at_rest_whatever_pose_and_frame_they_are_in():
    cabinet()
    before = gather_model(bpy.data.objects["frame"])
    control = bpy.data.objects["door"].parent
    keyframes.key(control, '["tug_open"]', [(1, 0.2), (21, 1.0)])
    bpy.context.scene.frame_set(21)
    open_all(0.9)
    shown = world_vertices(bpy.data.objects["handle"])
    after = gather_model(bpy.data.objects["frame"])
    assert after.links == before.links
    for name, points in link_points(before).items():
        assert np.allclose(link_points(after)[name], points, atol=1e-5)
    assert control["tug_open"] == pytest.approx(0.9)
    assert np.allclose(world_vertices(bpy.data.objects["handle"]), shown, atol=1e-6)


def test_joints_go_with_a_model_that_was_moved():
    frame = cabinet()
    before = gather_model(frame).links
    step = Matrix.Rotation(1.0, 4, "X") @ Matrix.Translation((3, 2, 1)) @ Matrix.Scale(2.0, 4)
    frame.matrix_world = step @ frame.matrix_world
    bpy.context.view_layer.update()
    by = np.array(step)
    expected = poses(before, 1.0)
    for name, pose in poses(gather_model(frame).links, 1.0).items():
        assert np.allclose(pose, by @ expected[name] @ np.linalg.inv(by), atol=1e-4), name


def test_without_a_joint_there_is_nothing_to_export():
    with pytest.raises(TugError, match="have no joint"):
        gather_model(cuboid("box"))


def imported(model):
    """Build what `gather_model` read, in an empty file, as if it came from a backend."""
    arrays = {describe(array).digest: array for array in model.arrays}
    result = ImportModelResult(name="model", geometry=model.geometry, links=model.links)
    empty_file()
    return build(result, lambda blob: arrays[blob.digest])


def test_a_model_is_built_as_it_was_read():
    cabinet()
    model = gather_model(bpy.data.objects["frame"])
    roots, notes = imported(model)
    assert [root.name for root in roots] == ["frame"] and not notes
    again = gather_model(roots[0])
    assert {link.name for link in again.links} == {link.name for link in model.links}
    for opened in (0.0, 0.3, 1.0):
        first, second = poses(model.links, opened), poses(again.links, opened)
        for name, pose in first.items():
            assert np.allclose(second[name], pose, atol=1e-5), name
    for name, points in link_points(model).items():
        assert np.allclose(link_points(again)[name], points, atol=1e-5), name
    rest = world_vertices(bpy.data.objects["door"])
    joints.set_open(bpy.data.objects["door"].parent, "", 1.0)
    shown = world_vertices(bpy.data.objects["door"])
    assert np.allclose(shown, moved(door_joint, door_joint.upper, rest), atol=1e-5)


def test_a_link_that_moves_against_the_world_gets_a_base_and_one_that_cannot_move_hangs_plainly():
    cabinet()
    model = gather_model(bpy.data.objects["frame"])
    door, stuck = (link for link in model.links if link.name in ("door", "drawer"))
    never = msgspec.structs.replace(stuck.joint, lower=0.0, upper=0.0)
    links = (
        msgspec.structs.replace(door, parent=-1),
        msgspec.structs.replace(stuck, parent=0, joint=never),
    )
    roots, notes = imported(model._replace(links=links))
    assert [root.name for root in roots] == ["model"]
    assert bpy.data.objects["drawer"].parent == bpy.data.objects["door"]
    assert len(notes) == 1
    assert notes[0].startswith("'drawer' hangs plainly on 'door': The joint's range is empty")
