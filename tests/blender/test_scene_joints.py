"""What a joint leaves in the scene."""

from __future__ import annotations

import math

import bpy
import msgspec
import numpy as np
import pytest
from bl_ext.user_default.tug.core import opening
from bl_ext.user_default.tug.scene import joints, keyframes, parts
from mathutils import Matrix

from tests.blender.scene_things import (
    assert_same,
    cuboid,
    door_in_frame,
    empty_file,
    fixed,
    hinge,
    moved,
    piston,
    screw,
    slider,
    world_vertices,
)


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


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


@pytest.mark.parametrize("kind", ["object", "faces"])
@pytest.mark.parametrize(
    ("joint", "properties", "limits"),
    [
        (screw, {"tug_open": 0.1}, {"LIMIT_LOCATION": (-9 / math.tau / 2, 1 / math.tau / 2)}),
        (
            piston,
            {"tug_open": 0.5, "tug_slide": 0.25},
            {"LIMIT_ROTATION": (-1.0, 1.0), "LIMIT_LOCATION": (-0.25, 0.75)},
        ),
        (fixed, {}, {}),
    ],
)
def test_joints_that_do_more_or_less_than_one_thing(kind, joint, properties, limits):
    door, _, _ = door_in_frame()
    part = parts.add_part(door, kind, "Cap", faces=[5])
    rest = world_vertices(door)
    keys = keyframes.there_and_back(joint, 1, 40)
    applied = joints.apply(door, part, joint, keys=keys)
    holder = applied.control.pose.bones[applied.bone] if applied.bone else applied.control
    letter = "y" if applied.bone else "z"
    assert {n: holder[n] for n in ("tug_open", "tug_slide") if n in holder} == pytest.approx(
        properties
    )
    found = {
        c.type: (getattr(c, f"min_{letter}"), getattr(c, f"max_{letter}"))
        for c in holder.constraints
    }
    assert found.keys() == limits.keys()
    for name, ends in limits.items():
        assert found[name] == pytest.approx(ends)
    assert bool(applied.path) == bool(keys) == (joint.type != "fixed")
    joints.remove(applied.control, applied.bone)
    assert not bpy.data.actions and joints.find(door, part) is None
    if kind == "object":
        assert_same(world_vertices(door), rest)


def test_what_does_not_move_is_parented_and_locked():
    body, door = cuboid("body", 2.0), cuboid("door")
    rest = world_vertices(door)
    control = joints.apply(door, parts.add_part(door), fixed, body=[body]).control
    assert (door.parent, control.parent) == (control, body)
    assert not control.animation_data and all([*control.lock_location, *control.lock_rotation])
    body.location = (0, 0, 5)
    bpy.context.view_layer.update()
    assert_same(world_vertices(door), rest + np.array([0, 0, 5]))


def test_numbers_that_artists_see_are_not_minus_zero():
    door, _, part = door_in_frame()
    control = joints.apply(door, part, msgspec.structs.replace(hinge, lower=-0.0)).control
    (driver,) = control.animation_data.drivers
    shown = control["tug_open"], control.constraints[0].min_z
    assert [math.copysign(1.0, number) for number in shown] == [1.0, 1.0]
    assert driver.driver.expression.startswith("0 ") and driver.driver.is_simple_expression


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
