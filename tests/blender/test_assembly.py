"""All parts of an object at once: asked, flipped, accepted as one step, hung on each other."""

from __future__ import annotations

import bpy
import msgspec
import numpy as np
import pytest
from bl_ext.user_default.tug import runtime
from bl_ext.user_default.tug.core.tree import open_poses
from bl_ext.user_default.tug.protocol.joint import Joint
from bl_ext.user_default.tug.protocol.tasks import ArticulateObjectResult, PartAnswer
from bl_ext.user_default.tug.scene import joints, parts

from tests.blender.model_things import open_all
from tests.blender.scene_things import world_vertices
from tests.blender.test_decisions import data_blocks, history, press

door_hinge = Joint(type="revolute", axis=(0, 0, -1), origin=(-0.5, -0.25, 0), lower=0.0, upper=1.5)
handle_hinge = Joint(type="revolute", axis=(0, 1, 0), origin=(0.4, 0, 0.7), lower=0.0, upper=0.7)
drawer_way = Joint(type="prismatic", axis=(0, -1, 0), origin=(0, 0, 0), lower=0.0, upper=0.4)


@pytest.fixture
def kitchen(box):
    """A body with a door, a drawer and the door's handle, all parented flatly to the body."""
    body = box("Body", (1.0, 0.5, 1.5), (0.0, 0.0, 0.75))
    made = [
        box("Door", (0.96, 0.02, 0.9), (0.0, -0.26, 0.5)),
        box("Drawer", (0.96, 0.02, 0.3), (0.0, -0.26, 1.25)),
        box("Handle", (0.2, 0.04, 0.02), (0.35, -0.29, 0.7)),
    ]
    for obj in made:
        obj.parent = body
        parts.add_part(obj)
    bpy.context.view_layer.objects.active = body
    bpy.context.view_layer.update()
    return made


def answered(job, answers):
    """Give a job an answer of our own."""
    record = runtime.book.get(job.id)
    given = (
        PartAnswer(name=part.name, parent=parent, joints=found, choices=min(2, len(found)))
        for part, (parent, found) in zip(record.request.parts, answers, strict=True)
    )
    record.result = ArticulateObjectResult(parts=tuple(given))
    return record


def tree_of(job):
    return answered(
        job, [(-1, (door_hinge, drawer_way)), (-1, (drawer_way,)), (0, (handle_hinge,))]
    )


def test_each_part_gets_a_joint_from_one_job(connected, kitchen):
    job = connected.articulate_object(kitchen[0])
    assert [part.name for part in job.result(30.0).parts] == ["Door", "Drawer", "Handle"]
    applied = job.apply()
    assert [joint.control.name for joint in applied] == [
        "Tug Joint · Door",
        "Tug Joint · Drawer",
        "Tug Joint · Handle",
    ]
    assert [one.kind for one in connected.jobs()] == ["articulate_object"]


def test_parts_hang_on_each_other_as_was_found(connected, kitchen):
    job = connected.articulate_object(kitchen[0])
    job.wait(30.0)
    record = tree_of(job)
    rest = [world_vertices(obj) for obj in kitchen]
    job.apply()
    assert kitchen[2].parent.parent == kitchen[0]
    assert kitchen[0].parent.parent == kitchen[1].parent.parent == bpy.data.objects["Body"]
    chosen = [record.joint(index) for index in range(3)]
    for opened in (0.0, 0.6, 1.0):
        open_all(opened)
        poses = open_poses([-1, -1, 0], chosen, opened, 0.0)
        for obj, pose, points in zip(kitchen, poses, rest, strict=True):
            expected = points @ pose[:3, :3].T + pose[:3, 3]
            assert np.allclose(world_vertices(obj), expected, atol=1e-5), (obj.name, opened)


def test_parts_of_one_mesh_hang_on_each_other_by_their_bones(connected, box):
    obj = box("Chest", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    lid = parts.add_part(obj, "faces", "Lid", faces=[5])
    side = parts.add_part(obj, "faces", "Flap", faces=[1])
    job = connected.articulate_object(obj, [side, lid])
    job.wait(30.0)
    record = answered(job, [(1, (handle_hinge,)), (-1, (door_hinge,))])
    flap, top = job.apply(keyframes=False)
    bones = flap.control.data.bones
    assert bones[flap.bone].parent == bones[top.bone]
    rest = world_vertices(obj)
    open_all(0.8)
    poses = open_poses([1, -1], [record.joint(0), record.joint(1)], 0.8, 0.0)
    shown = world_vertices(obj)
    moved = np.abs(shown - rest).max(axis=1) > 1e-4
    assert moved.sum() == 8
    for pose, bone in zip(poses, (flap.bone, top.bone), strict=True):
        group = obj.vertex_groups[bone].index
        own = [v.index for v in obj.data.vertices if any(g.group == group for g in v.groups)]
        expected = rest[own] @ pose[:3, :3].T + pose[:3, 3]
        assert np.allclose(shown[own], expected, atol=1e-5)


def test_accept_all_is_one_undo_step(connected, kitchen):
    history("undo_push", message="Before")
    job = connected.articulate_object(kitchen[0])
    job.wait(30.0)
    tree_of(job)
    before = data_blocks()
    press(bpy.ops.tug.accept_all)
    with_joints = data_blocks()
    assert len([obj for obj in bpy.data.objects if obj.type == "EMPTY"]) == 3
    assert runtime.accepted(runtime.book.get(job.id))
    history("undo")
    assert data_blocks() == before
    assert not runtime.accepted(runtime.book.get(job.id))
    assert all(bpy.data.objects[name].parent.name == "Body" for name in ("Door", "Drawer"))
    history("redo")
    assert data_blocks() == with_joints


def test_asking_and_rejecting_leave_no_trace(connected, kitchen):
    before = data_blocks()
    job = connected.articulate_object(kitchen[0])
    job.wait(30.0)
    assert bpy.ops.tug.reject_result(job=job.id) == {"FINISHED"}
    assert data_blocks() == before and connected.jobs() == []


def test_alternatives_of_one_part_are_flipped_and_accepted_again(connected, kitchen):
    job = connected.articulate_object(kitchen[0])
    job.wait(30.0)
    record = tree_of(job)
    job.apply()
    assert kitchen[0].parent.constraints[0].type == "LIMIT_ROTATION"
    rest = [world_vertices(obj) for obj in kitchen]
    open_all(0.5)
    assert bpy.ops.tug.flip_part(part=0, step=1) == {"FINISHED"}
    assert record.joint(0) == drawer_way
    job.apply()
    assert kitchen[0].parent.constraints[0].type == "LIMIT_LOCATION"
    assert len([obj for obj in bpy.data.objects if obj.type == "EMPTY"]) == 3
    for obj, points in zip(kitchen, rest, strict=True):
        assert np.allclose(world_vertices(obj), points, atol=1e-5)


def test_objects_that_are_parented_are_the_parts_where_none_is_marked(connected, kitchen):
    for obj in kitchen:
        obj.tug.parts.clear()
    job = connected.articulate_object(bpy.data.objects["Body"])
    assert [part.name for part in job.result(30.0).parts] == ["Door", "Drawer", "Handle"]


def test_what_has_no_parts_is_told_what_to_do(connected, box):
    with pytest.raises(connected.TugError, match="has no parts; mark what should move"):
        connected.articulate_object(box("Alone", (1, 1, 1), (0, 0, 0)))
    assert connected.jobs() == []


def test_it_survives_saving_and_a_removed_part_is_named(connected, kitchen, tmp_path):
    job = connected.articulate_object(kitchen[0])
    job.wait(30.0)
    path = str(tmp_path / "kitchen.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    (again,) = connected.jobs()
    assert again.state == "done" and len(again.result().parts) == 3
    bpy.data.objects["Drawer"].tug.parts.clear()
    with pytest.raises(connected.TugError, match="A part of 'Body' was removed"):
        again.apply()
    assert not [obj for obj in bpy.data.objects if obj.type == "EMPTY"]


def test_a_failed_job_can_be_tried_again(connected, kitchen):
    job = connected.articulate_object(kitchen[0], engine="null:fail")
    assert job.wait(30.0) and job.state == "failed"
    assert bpy.ops.tug.retry_job(job=job.id) == {"FINISHED"}
    (again,) = connected.jobs()
    assert again.wait(30.0) and again.state == "done" and again.id != job.id


def test_the_real_backend_finds_the_tree(api, kitchen, shared_real_backend):
    api.connect(connection_file=shared_real_backend.connection_file)
    pulls = [((0.4, -0.27, 0.5), (0.3, -0.6, 0.5)), ((0, -0.27, 1.25), (0, -0.6, 1.25))]
    for obj, pull in zip(kitchen, pulls, strict=False):
        parts.add_drag(obj, obj.tug.parts[0], *pull)
    job = api.articulate_object(bpy.data.objects["Body"])
    found = job.result(120.0).parts
    assert [part.parent for part in found] == [-1, -1, 0]
    assert found[0].joints[0].type == "revolute" and found[1].joints[0].type == "prismatic"
    applied = job.apply()
    assert applied[2].control.parent == kitchen[0]
    handle = world_vertices(kitchen[2])
    joints.set_open(applied[0].control, "", 1.0)
    assert np.abs(world_vertices(kitchen[2]) - handle).max() > 0.1


def test_one_part_more_than_one_answer_is_shown_with_a_question(connected, kitchen):
    from tests.blender.test_panels import draw

    assert "Articulate All Parts" not in draw(), "the body has no part of its own"
    bpy.context.view_layer.objects.active = kitchen[0]
    assert "Articulate All Parts" in draw()
    job = connected.articulate_object(kitchen[0])
    job.wait(30.0)
    record = tree_of(job)
    said = draw()
    assert "Door | Hinge -Z" in said and "Drawer | Slider -Y" in said and "Accept All" in said
    record.select(0, 1)
    assert "Door | Slider -Y" in draw()
    record.result = msgspec.structs.replace(record.result, notes=("Twins agree.",))
    job.apply()
    said = draw()
    assert "Accepted" in said and "Twins agree." in said and "Accept All" not in said
