"""Accept is one undo step, Reject leaves no trace, and undo and redo find everything again."""

from __future__ import annotations

import bmesh
import bpy
import msgspec
import pytest


def history(direction, **options):
    """Undo, redo and undo_push as a user with a window has them."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert getattr(bpy.ops.ed, direction)(**options) == {"FINISHED"}


def press(operator, **options):
    """Press a button: unlike a script's call, a user's pushes an undo step."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert operator("EXEC_DEFAULT", True, **options) == {"FINISHED"}


def accept(**options):
    press(bpy.ops.tug.accept_result, **options)


@pytest.fixture
def proposal(connected, cabinet):
    """A finished job about the cabinet's door; the state before is an undo step."""
    history("undo_push", message="Before")
    job = connected.articulate(cabinet)
    job.result(30.0)
    return job


def data_blocks():
    """Every data-block of the file by type and name."""
    return {
        (collection, block.name)
        for collection in dir(bpy.data)
        if isinstance(blocks := getattr(bpy.data, collection), bpy.types.bpy_prop_collection)
        for block in blocks
        if isinstance(block, bpy.types.ID)
    }


def pose(obj):
    bpy.context.view_layer.update()
    return [tuple(round(value, 5) for value in row) for row in obj.matrix_world]


def test_an_accepted_joint_is_removed_and_accepted_again(proposal):
    from bl_ext.user_default.tug import runtime

    before, at_rest = data_blocks(), pose(bpy.data.objects["Door"])
    accept()
    with_joint = data_blocks()
    next(obj for obj in bpy.data.objects if "tug_open" in obj)["tug_open"] = 0.7
    press(bpy.ops.tug.remove_joint)
    assert data_blocks() == before
    assert pose(bpy.data.objects["Door"]) == at_rest
    assert bpy.data.objects["Door"].parent.name == "Body"
    assert not runtime.accepted(runtime.book.get(proposal.id))
    accept()
    assert data_blocks() == with_joint


def test_accept_is_one_undo_step(proposal):
    before = data_blocks()
    accept()
    with_joint = data_blocks()
    assert with_joint > before
    history("undo")
    assert data_blocks() == before
    assert bpy.data.objects["Door"].parent.name == "Body"
    history("redo")
    assert data_blocks() == with_joint


def test_in_edit_mode_undo_takes_one_step_back_and_keeps_the_rest(connected, cabinet):
    history("undo_push", message="Before")
    press(bpy.ops.object.mode_set, mode="EDIT")
    press(bpy.ops.mesh.select_all, action="DESELECT")
    mesh = bmesh.from_edit_mesh(cabinet.data)
    mesh.faces.ensure_lookup_table()
    mesh.faces[0].select_set(True)
    press(bpy.ops.tug.add_part, source="faces", name="Side")
    press(bpy.ops.tug.add_drag)
    connected.articulate(cabinet).wait(30.0)
    before = data_blocks()
    accept()
    history("undo")
    door = bpy.data.objects["Door"]
    assert data_blocks() == before and door.mode == "EDIT"
    assert [(part.name, len(part.drags)) for part in door.tug.parts] == [("Door", 1), ("Side", 1)]
    history("undo")
    history("undo")
    assert [part.name for part in bpy.data.objects["Door"].tug.parts] == ["Door"]


@pytest.mark.parametrize("source", ["object", "faces"])
def test_accept_selects_what_has_the_keys(proposal, connected, cabinet, source):
    from bl_ext.user_default.tug.scene import joints, parts

    part = cabinet.tug.parts[0]
    if source == "faces":
        part = parts.add_part(cabinet, "faces", "Edge", faces=[0, 3])
        parts.add_drag(cabinet, part, (-0.48, -0.26, 0.75), (-0.48, -0.6, 0.75))
        connected.articulate(cabinet, part).wait(30.0)
    accept()
    found = joints.find(cabinet, part)
    assert found.control.select_get() and bpy.context.active_object == cabinet
    if found.bone:
        posed = found.control.pose.bones[found.bone]
        assert posed.select if hasattr(posed, "select") else posed.bone.select


def test_the_result_survives_undo_and_can_be_accepted_again(proposal, connected):
    accept()
    history("undo")
    assert proposal.state == "done" and len(proposal.alternatives()) > 1
    assert len(connected.jobs()) == 1
    applied = proposal.apply(1)
    assert applied.control.name in bpy.data.objects


def test_the_file_knows_the_result_after_undo(proposal, tmp_path, connected):
    accept()
    history("undo")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "undone.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "undone.blend"))
    (job,) = connected.jobs()
    assert job.id == proposal.id and job.state == "done"


def test_accepted_follows_undo_and_redo(proposal):
    from bl_ext.user_default.tug import runtime

    record = runtime.book.get(proposal.id)
    assert not runtime.accepted(record)
    accept()
    assert runtime.accepted(record)
    history("undo")
    assert not runtime.accepted(record)
    history("redo")
    assert runtime.accepted(record)


def test_reject_leaves_no_trace(connected, cabinet, tmp_path):
    before, place = data_blocks(), pose(cabinet)
    job = connected.articulate(cabinet)
    job.result(30.0)
    assert bpy.ops.tug.reject_result(job=job.id) == {"FINISHED"}
    assert data_blocks() == before and pose(cabinet) == place
    assert connected.jobs() == [] and bpy.context.scene.tug_jobs == ""


def test_accept_takes_the_alternative_on_show(proposal):
    types = [joint.type for joint in proposal.alternatives()]
    assert types[:2] == ["prismatic", "revolute"]
    bpy.ops.tug.show_alternative(job=proposal.id, step=1)
    accept()
    control = bpy.data.objects["Door"].parent
    assert [c.type for c in control.constraints] == ["LIMIT_ROTATION"]


def test_a_choice_between_two_is_made_and_accepted(proposal, tmp_path):
    from bl_ext.user_default.tug import runtime

    record = runtime.book.get(proposal.id)
    record.result = msgspec.structs.replace(record.result, choices=2)
    bpy.ops.tug.show_alternative(job=proposal.id, index=1)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "chosen.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "chosen.blend"))
    record = runtime.book.get(proposal.id)
    assert record.choices == 1 and record.joint.type == "revolute"
    history("undo_push", message="Before")
    before = data_blocks()
    accept()
    control = bpy.data.objects["Door"].parent
    assert [c.type for c in control.constraints] == ["LIMIT_ROTATION"]
    history("undo")
    assert data_blocks() == before


def test_keyframes_are_optional_and_few(proposal):
    accept(keyframes=False)
    control = bpy.data.objects["Door"].parent
    action = control.animation_data and control.animation_data.action
    assert action is None
    accept(keyframes=True)
    control = bpy.data.objects["Door"].parent
    curve = control.animation_data.action.fcurve_ensure_for_datablock(control, '["tug_open"]')
    assert 2 <= len(curve.keyframe_points) <= 3


def test_the_part_opens_with_tug_open(proposal):
    door = bpy.data.objects["Door"]
    proposal.apply(keyframes=False)
    before = pose(door)
    control = door.parent
    control["tug_open"] = 1.0
    control.update_tag()
    assert pose(door) != before
