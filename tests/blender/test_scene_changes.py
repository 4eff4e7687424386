"""How a joint is replaced, removed, undone, copied and saved."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug.core import opening
from bl_ext.user_default.tug.scene import joints, parts
from bl_ext.user_default.tug.scene.identity import find, identify

from tests.blender.scene_things import (
    assert_same,
    cuboid,
    door_in_frame,
    empty_file,
    hinge,
    moved,
    push_undo,
    redo,
    slider,
    state_of_file,
    undo,
    world_vertices,
)


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def duplicate(objects):
    """Return the copy of each, made by Blender's own operator."""
    bpy.ops.object.select_all(action="DESELECT")
    for obj in objects:
        obj.select_set(True)
    bpy.context.view_layer.objects.active = objects[0]
    bpy.ops.object.duplicate()
    named = {obj.name.removesuffix(".001"): obj for obj in bpy.context.selected_objects}
    return {obj: named[obj.name] for obj in objects}


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_a_new_joint_starts_from_the_pose_shown(kind):
    door, _, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    members = range(8) if kind == "object" else [8, 9, 10, 11]
    first = joints.apply(door, part, hinge)
    joints.set_open(first.control, first.bone, 0.7)
    shown = world_vertices(door)
    second = joints.apply(door, part, slider)
    assert_same(world_vertices(door), shown)
    joints.set_open(second.control, second.bone, 1.0)
    expected = shown.copy()
    expected[list(members)] = moved(slider, 1.0, shown[list(members)])
    assert_same(world_vertices(door), expected)
    controls = [obj for obj in bpy.data.objects if obj.tug.joints]
    assert controls == [second.control] and len(second.control.tug.joints) == 1


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_closing_brings_a_keyed_part_back_to_rest(kind):
    door, _, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    joints.apply(door, part, slider, keys=[(1, opening.rest(slider)), (10, 1.0)])
    rest = world_vertices(door)
    bpy.context.scene.frame_set(10)
    assert np.abs(world_vertices(door) - rest).max() > 0.5
    joints.close(door, part)
    assert_same(world_vertices(door), rest)


def test_removing_restores_the_former_parent():
    door, _, part = door_in_frame()
    before = state_of_file()
    joints.apply(door, part, hinge)
    applied = joints.apply(door, part, slider, keys=[(1, 0.0), (20, 1.0)])
    joints.set_open(applied.control, "", 0.8)
    joints.remove(applied.control)
    assert state_of_file() == before


def test_removing_leaves_a_loose_part_where_its_body_took_it():
    body, drawer = cuboid("body"), cuboid("drawer")
    applied = joints.apply(drawer, parts.add_part(drawer), slider)
    body.location.x = 5.0
    bpy.context.view_layer.update()
    shown = world_vertices(drawer)
    joints.remove(applied.control)
    assert drawer.parent is None
    assert_same(world_vertices(drawer), shown)
    assert shown[:, 0].min() == pytest.approx(5.0)


def test_what_was_hung_on_the_control_stays():
    door, frame, part = door_in_frame()
    applied = joints.apply(door, part, hinge)
    sign = cuboid("sign")
    sign.parent = applied.control
    bpy.context.view_layer.update()
    shown = world_vertices(sign)
    applied = joints.apply(door, part, hinge)
    assert sign.parent == applied.control
    assert_same(world_vertices(sign), shown)
    joints.remove(applied.control)
    assert sign.parent == frame
    assert_same(world_vertices(sign), shown)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_one_undo_takes_it_all_back(kind):
    door, _, _ = door_in_frame()
    parts.add_part(door, kind, "Door", faces=[5])
    uid = identify(door)
    push_undo("before")
    before = state_of_file()
    joints.apply(door, door.tug.parts[1], hinge, keys=[(1, 0.0), (10, 1.0)])
    push_undo("accept")
    after = state_of_file()
    undo()
    assert state_of_file() == before
    redo()
    assert state_of_file() == after
    door = find(uid)
    found = joints.find(door, door.tug.parts[1])
    assert joints.joint_of(found.control, found.bone) == hinge


def test_a_control_that_was_deleted_is_forgotten():
    door, _, part = door_in_frame()
    bpy.data.objects.remove(joints.apply(door, part, hinge).control)
    assert joints.find(door, part) is None
    rest = world_vertices(door)
    applied = joints.apply(door, part, hinge, body=[bpy.data.objects["frame"]])
    assert_same(world_vertices(door), rest)
    assert joints.find(door, part) == applied


def test_a_duplicate_leaves_the_originals_joint_alone():
    door, _, part = door_in_frame()
    applied = joints.apply(door, part, hinge)
    copy = door.copy()
    bpy.context.scene.collection.objects.link(copy)
    bpy.context.view_layer.update()
    assert joints.find(copy, copy.tug.parts[0]) is None
    joints.apply(copy, copy.tug.parts[0], slider)
    assert joints.find(door, part) == applied and door.parent == applied.control


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_a_duplicate_with_its_control_has_a_joint_of_its_own(kind):
    door, frame, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    first = joints.apply(door, part, hinge)
    copies = duplicate([frame, door, first.control])
    copy = copies[door]
    rest, shown = world_vertices(copy), world_vertices(door)
    found = joints.find(copy, copy.tug.parts[-1])
    assert found.control == copies[first.control]
    second = joints.apply(copy, copy.tug.parts[-1], slider)
    assert joints.find(door, door.tug.parts[-1]).control == first.control
    joints.set_open(second.control, second.bone, 1.0)
    assert_same(world_vertices(door), shown)
    changed = np.abs(world_vertices(copy) - rest).max(axis=1) > 1e-3
    assert changed.sum() == (8 if kind == "object" else 4)
    joints.remove(second.control, second.bone)
    assert joints.find(copy, copy.tug.parts[-1]) is None
    assert joints.find(door, door.tug.parts[-1]).control == first.control


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_joints_survive_saving(kind, tmp_path):
    door, _, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    applied = joints.apply(door, part, hinge)
    joints.set_open(applied.control, applied.bone, 0.6)
    shown, uid = world_vertices(door), identify(door)
    path = str(tmp_path / "file.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path, use_scripts=False)
    door = find(uid)
    assert_same(world_vertices(door), shown)
    found = joints.find(door, door.tug.parts[-1])
    joints.set_open(found.control, found.bone, 0.0)
    joints.set_open(found.control, found.bone, 0.6)
    assert_same(world_vertices(door), shown)


def test_library_overrides_get_joints_that_survive_saving(tmp_path):
    asset = bpy.data.collections.new("asset")
    for obj in door_in_frame()[:2]:
        bpy.context.scene.collection.objects.unlink(obj)
        asset.objects.link(obj)
    bpy.context.scene.collection.children.link(asset)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    empty_file()
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, into):
        into.collections = ["asset"]
    bpy.context.scene.collection.children.link(into.collections[0])
    into.collections[0].override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
    door = next(o for o in bpy.data.objects if o.name == "door" and o.override_library)
    bpy.context.view_layer.update()
    rest = world_vertices(door)
    applied = joints.apply(door, door.tug.parts[0], hinge)
    joints.set_open(applied.control, "", 0.5)
    uid = identify(door)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    door = find(uid)
    assert_same(world_vertices(door), moved(hinge, 0.75, rest))
    assert joints.find(door, door.tug.parts[0]).control == door.parent
