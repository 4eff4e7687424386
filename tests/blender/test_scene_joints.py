"""What a joint leaves in the scene, how it is replaced, and how it goes away."""

from __future__ import annotations

import math

import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug.core import opening
from bl_ext.user_default.tug.protocol.errors import TugError
from bl_ext.user_default.tug.protocol.joint import Joint, motion
from bl_ext.user_default.tug.scene import joints, keyframes, parts
from bl_ext.user_default.tug.scene.identity import find, identify
from mathutils import Matrix

from tests.blender.scene_things import (
    cuboid,
    empty_file,
    push_undo,
    redo,
    undo,
    world_vertices,
)

hinge = Joint(type="revolute", axis=(0, 0, 1), origin=(1, 0, 0), lower=0.0, upper=1.5)
slider = Joint(type="prismatic", axis=(0, 1, 0), origin=(0, 0, 0), lower=-0.5, upper=1.0)


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def door_in_frame():
    """Return a part, its parent and the part's settings; parent turned, mirrored, uneven."""
    frame, door = cuboid("frame", 2.0), cuboid("door")
    frame.scale, frame.rotation_euler = (2, -1, 0.5), (0.3, 0.4, 0.5)
    door.parent, door.location = frame, (1, 2, 3)
    bpy.context.view_layer.update()
    return door, frame, parts.add_part(door, "object", "Door")


def moved(joint, value, points):
    transform = motion(joint, value)
    return points @ transform[:3, :3].T + transform[:3, 3]


def assert_same(found, expected):
    assert np.abs(found - expected).max() <= 1e-5 * max(1.0, np.abs(expected).max())


def state_of_file():
    """Everything that a joint may touch, as comparable values."""
    return {
        "blocks": [sorted(block.name for block in blocks) for blocks in data_collections()],
        "objects": {obj.name: state_of(obj) for obj in bpy.data.objects},
    }


def data_collections():
    data = bpy.data
    return data.objects, data.meshes, data.armatures, data.actions


def state_of(obj):
    return (
        obj.parent.name if obj.parent else "",
        [round(x, 5) for row in obj.matrix_parent_inverse for x in row],
        [round(x, 5) for row in obj.matrix_world for x in row],
        [modifier.name for modifier in obj.modifiers],
        [group.name for group in obj.vertex_groups],
        len(obj.data.vertices) if obj.type == "MESH" else 0,
        [(record.part, record.bone) for record in obj.tug.joints],
        obj.mode,
    )


def duplicate(objects):
    """Return the copy of each, made by Blender's own operator."""
    bpy.ops.object.select_all(action="DESELECT")
    for obj in objects:
        obj.select_set(True)
    bpy.context.view_layer.objects.active = objects[0]
    bpy.ops.object.duplicate()
    named = {obj.name.removesuffix(".001"): obj for obj in bpy.context.selected_objects}
    return {obj: named[obj.name] for obj in objects}


def refusal(obj, part, joint=hinge, **kwargs):
    """Apply, expect one sentence, and expect that nothing was written."""
    before = state_of_file()
    with pytest.raises(TugError) as caught:
        joints.apply(obj, part, joint, **kwargs)
    assert caught.value.error.code == "bad_input"
    assert state_of_file() == before
    return caught.value.error.message


def test_an_empty_takes_the_place_of_the_object():
    door, frame, part = door_in_frame()
    rest = world_vertices(door)
    control = joints.apply(door, part, hinge).control
    assert control.name == "Tug Joint · Door"
    assert control.parent == frame and door.parent == control
    assert np.allclose(control.matrix_world.translation, hinge.origin, atol=1e-6)
    assert np.allclose(control.matrix_world.col[2][:3], hinge.axis, atol=1e-6)
    assert np.allclose(control.matrix_basis, Matrix(), atol=1e-7)
    assert_same(world_vertices(door), rest)


def test_channels_are_limited_and_locked():
    door, _, part = door_in_frame()
    control = joints.apply(door, part, hinge).control
    (limit,) = control.constraints
    assert limit.type == "LIMIT_ROTATION" and limit.owner_space == "LOCAL"
    assert (limit.min_z, limit.max_z) == pytest.approx((0.0, 1.5))
    assert list(control.lock_location) == [True] * 3 and list(control.lock_scale) == [True] * 3
    assert list(control.lock_rotation) == [True, True, False]


def test_a_bone_carries_a_slider():
    box = cuboid("box")
    applied = joints.apply(box, parts.add_part(box, "faces", "Lid", faces=[5]), slider)
    bone = applied.control.pose.bones[applied.bone]
    (limit,) = bone.constraints
    assert applied.path == 'pose.bones["Tug Joint · Lid"]["tug_open"]'
    assert limit.type == "LIMIT_LOCATION" and (limit.min_y, limit.max_y) == (-0.5, 1.0)
    assert list(bone.lock_location) == [True, False, True]
    assert bone["tug_open"] == pytest.approx(1 / 3)
    assert applied.control.parent == box
    assert "was cut" in applied.notes[0]


def test_hand_moves_beyond_the_limits_are_held():
    door, _, part = door_in_frame()
    rest = world_vertices(door)
    control = joints.apply(door, part, hinge).control
    control.driver_remove("rotation_euler", 2)
    control.rotation_euler[2] = 3.0
    bpy.context.view_layer.update()
    assert_same(world_vertices(door), moved(hinge, 1.5, rest))


def test_children_are_carried_together():
    frame, lid, knob = cuboid("frame"), cuboid("lid"), cuboid("knob")
    lid.parent = knob.parent = frame
    knob.location = (0.3, 0.2, 0.1)
    part = parts.add_part(frame, "children", "Top")
    bpy.context.view_layer.update()
    rest = world_vertices(frame), world_vertices(lid), world_vertices(knob)
    for joint in (slider, hinge):
        applied = joints.apply(frame, part, joint)
        joints.set_open(applied.control, "", 1.0)
        assert_same(world_vertices(frame), rest[0])
        assert_same(world_vertices(lid), moved(joint, joint.upper, rest[1]))
        assert_same(world_vertices(knob), moved(joint, joint.upper, rest[2]))
        joints.set_open(applied.control, "", opening.rest(joint))
    assert len([o for o in bpy.data.objects if o.type == "EMPTY"]) == 1


def test_collections_are_kept():
    furniture = bpy.data.collections.new("furniture")
    bpy.context.scene.collection.children.link(furniture)
    door, _, part = door_in_frame()
    bpy.context.scene.collection.objects.unlink(door)
    furniture.objects.link(door)
    control = joints.apply(door, part, hinge).control
    assert list(control.users_collection) == [furniture]


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


def test_parts_of_a_mesh_share_an_armature():
    box = cuboid("box")
    lid = joints.apply(box, parts.add_part(box, "faces", "Lid", faces=[5]), slider)
    side = joints.apply(box, parts.add_part(box, "faces", "Side", faces=[0]), hinge)
    assert side.control == lid.control and side.bone != lid.bone
    assert len(box.modifiers) == 1
    rest = world_vertices(box)
    joints.set_open(side.control, side.bone, 1.0)
    assert (np.abs(world_vertices(box) - rest).max(axis=1) > 1e-6).sum() == 4
    joints.remove(lid.control, lid.bone)
    assert [bone.name for bone in side.control.pose.bones] == [side.bone]
    joints.remove(side.control, side.bone)
    assert not box.modifiers and not box.vertex_groups and not bpy.data.armatures


def test_the_second_bone_is_right_after_the_mesh_was_stretched():
    """The first armature is sheared with the mesh by then and cannot carry a rigid joint."""
    box = cuboid("box")
    joints.apply(box, parts.add_part(box, "faces", "Lid", faces=[5]), slider)
    box.scale, box.rotation_euler = (1, 3, 1), (0.5, 0.2, 0.1)
    bpy.context.view_layer.update()
    side = joints.apply(box, parts.add_part(box, "faces", "Side", faces=[0]), hinge)
    rest = world_vertices(box)
    joints.set_open(side.control, side.bone, 1.0)
    shown = world_vertices(box)
    members = np.abs(shown - rest).max(axis=1) > 1e-6
    assert members.sum() == 4
    assert_same(shown[members], moved(hinge, 1.5, rest[members]))


def test_a_shared_mesh_is_copied_before_it_is_cut():
    box, twin = cuboid("box"), cuboid("twin")
    twin.data = box.data
    applied = joints.apply(box, parts.add_part(box, "faces", "Lid", faces=[5]), hinge)
    assert box.data != twin.data and len(twin.data.vertices) == 8
    assert any("own copy" in note for note in applied.notes)


def test_a_separate_island_is_not_cut():
    box = cuboid("box")
    other = cuboid("other", at=(3, 0, 0))
    with bpy.context.temp_override(active_object=box, selected_editable_objects=[box, other]):
        bpy.ops.object.join()
    part = parts.add_part(box, "faces", "Lid", faces=range(6, 12))
    assert joints.apply(box, part, hinge).notes == ()
    assert len(box.data.vertices) == 16


def test_shape_keys_survive_the_cut_and_the_pose():
    box = cuboid("box")
    box.shape_key_add(name="Basis")
    tall = box.shape_key_add(name="Tall")
    for point in tall.data:
        point.co.z *= 2
    part = parts.add_part(box, "faces", "Lid", faces=[5])
    applied = joints.apply(box, part, slider)
    tall = box.data.shape_keys.key_blocks["Tall"]
    assert sorted({round(p.co.z, 5) for p in tall.data}) == [0, 2]
    joints.set_open(applied.control, applied.bone, 1.0)
    tall.value = 1.0
    bpy.context.view_layer.update()
    shown = world_vertices(box)
    joints.apply(box, part, hinge)
    assert_same(world_vertices(box), shown)


def test_edit_mode_is_left_and_entered_again():
    box = cuboid("box")
    part = parts.add_part(box, "faces", "Lid", faces=[5])
    bpy.context.view_layer.objects.active = box
    bpy.ops.object.mode_set(mode="EDIT")
    applied = joints.apply(box, part, hinge)
    assert box.mode == "EDIT" and bpy.context.view_layer.objects.active == box
    assert applied.control.mode == "OBJECT"
    bpy.ops.object.mode_set(mode="OBJECT")
    assert len(box.data.vertices) == 12


def test_an_existing_rig_goes_on_working():
    box = cuboid("box")
    rig = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    bpy.context.scene.collection.objects.link(rig)
    box.modifiers.new("Rig", "ARMATURE").object = rig
    applied = joints.apply(box, parts.add_part(box, "faces", "Lid", faces=[5]), hinge)
    assert [m.name for m in box.modifiers] == ["Rig", "Tug Joints"]
    joints.remove(applied.control, applied.bone)
    assert [m.name for m in box.modifiers] == ["Rig"]


def test_a_part_parented_to_a_bone_keeps_following_it():
    rig_data = bpy.data.armatures.new("rig")
    rig = bpy.data.objects.new("rig", rig_data)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig_data.edit_bones.new("arm").tail = (0, 1, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    part_object = cuboid("hand")
    part_object.parent, part_object.parent_type, part_object.parent_bone = rig, "BONE", "arm"
    bpy.context.view_layer.update()
    rest = world_vertices(part_object)
    part = parts.add_part(part_object)
    control = joints.apply(part_object, part, hinge, body=[rig]).control
    assert (control.parent, control.parent_type, control.parent_bone) == (rig, "BONE", "arm")
    assert_same(world_vertices(part_object), rest)
    rig.pose.bones["arm"].location = (0, 2, 0)
    bpy.context.view_layer.update()
    shift = world_vertices(part_object) - rest
    assert np.allclose(shift, shift[0], atol=1e-5) and np.linalg.norm(shift[0]) > 1.9
    joints.remove(control)
    assert (part_object.parent_type, part_object.parent_bone) == ("BONE", "arm")


def test_animated_part_keeps_its_animation():
    door, _, part = door_in_frame()
    for frame, x in ((1, 0.0), (11, 2.0)):
        door.location.x = x
        door.keyframe_insert("location", index=0, frame=frame)
    bpy.context.scene.frame_set(1)
    joints.apply(door, part, hinge)
    bpy.context.scene.frame_set(11)
    assert door.matrix_basis.translation.x == pytest.approx(2.0)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_keys_are_few_and_can_be_edited(kind):
    door, _, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    keys = keyframes.there_and_back(hinge, 1, 40)
    applied = joints.apply(door, part, hinge, keys=keys)
    shown = []
    for frame in (1, 21, 41):
        bpy.context.scene.frame_set(frame)
        shown.append(applied.control.path_resolve(applied.path))
    assert shown == pytest.approx([0.0, 1.0, 0.0])
    animation = applied.control.animation_data
    (bag,) = animation.action.layers[0].strips[0].channelbags
    (curve,) = bag.fcurves
    assert animation.action_slot == bag.slot
    assert [tuple(k.co) for k in curve.keyframe_points] == keys
    assert {k.interpolation for k in curve.keyframe_points} == {"BEZIER"}


def test_two_bones_are_keyed_side_by_side():
    box = cuboid("box")
    for name, face in (("Lid", 5), ("Side", 0)):
        part = parts.add_part(box, "faces", name, faces=[face])
        applied = joints.apply(box, part, hinge, keys=[(1, 0.0), (10, 1.0)])
    assert (
        len(applied.control.animation_data.action.layers[0].strips[0].channelbags[0].fcurves) == 2
    )
    joints.remove(applied.control, applied.bone)
    (control,) = [obj for obj in bpy.data.objects if obj.type == "ARMATURE"]
    assert len(control.animation_data.action.layers[0].strips[0].channelbags[0].fcurves) == 1


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lower": 1.0, "upper": 0.5}, "range is empty"),
        ({"lower": 0.5, "upper": 1.0}, "present pose"),
        ({"upper": math.nan}, "not finite"),
        ({"axis": (0, 0, 2)}, "unit vector"),
    ],
)
def test_joints_without_meaning_are_refused(change, words):
    door, _, part = door_in_frame()
    fields = {"type": "revolute", "axis": (0, 0, 1), "origin": (0, 0, 0), "lower": 0, "upper": 1}
    assert words in refusal(door, part, Joint(**(fields | change)))


def test_constraints_that_fight_are_named():
    door, _, part = door_in_frame()
    door.constraints.new("COPY_LOCATION")
    assert "Copy Location" in refusal(door, part)
    door.constraints[0].mute = True
    joints.apply(door, part, hinge)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_flattened_objects_are_refused(kind):
    door, frame, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    frame.scale.x = 0
    bpy.context.view_layer.update()
    assert "scale of zero" in refusal(door, part)


def test_a_body_that_moves_with_the_part_is_refused():
    door, knob = cuboid("door"), cuboid("knob")
    knob.parent = door
    assert "moves with the part" in refusal(door, parts.add_part(door), body=[knob])


def test_marks_made_by_modifiers_only_are_refused():
    box = cuboid("box")
    part = parts.add_part(box, "faces", "Lid", faces=[5])
    box.data.attributes[part.source_name].data.foreach_set("value", [False] * 6)
    assert "no faces" in refusal(box, part)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_linked_objects_are_refused(kind, tmp_path):
    box = cuboid("box")
    parts.add_part(box, kind, "Lid", faces=[5])
    cuboid("body")
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    empty_file()
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["box"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    box = bpy.data.objects["box"]
    assert "linked" in refusal(box, box.tug.parts[0])


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
