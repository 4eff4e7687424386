"""Correcting a proposal, locking what is right, asking again, accepting what came of it."""

from __future__ import annotations

import math

import bpy
import msgspec
import pytest
from mathutils import Matrix

from tests.blender.test_decisions import accept, data_blocks, history


@pytest.fixture
def proposal(connected, cabinet):
    """A finished job about the cabinet's door, its hinge on show; before it an undo step."""
    history("undo_push", message="Before")
    job = connected.articulate(cabinet)
    job.show(1)
    assert job.joint.type == "revolute"
    return job


def test_a_flip_changes_signs_and_is_undone_by_another(proposal):
    before = proposal.joint
    proposal.flip()
    assert proposal.joint.axis == tuple(-x for x in before.axis)
    assert (proposal.joint.lower, proposal.joint.upper) == (-before.upper, -before.lower)
    assert proposal.locked == ("axis",)
    proposal.flip()
    assert proposal.joint == before
    proposal.open_other_way()
    assert proposal.joint.axis == before.axis and proposal.joint.lower == -before.upper


def test_the_corrected_joint_is_what_is_accepted(proposal):
    place = (0.48, -0.26, 0.75)
    proposal.move_origin(place)
    proposal.set_axis((0.0, 0.0, 2.0))
    proposal.set_range(-0.25, 1.25)
    history("undo_push", message="Corrected")
    before = data_blocks()
    accept()
    control = bpy.data.objects["Door"].parent
    assert tuple(control.matrix_world.translation) == pytest.approx(place, abs=1e-5)
    axis = control.matrix_world.to_3x3() @ control_axis(control)
    assert tuple(axis) == pytest.approx((0, 0, 1), abs=1e-5)
    history("undo")
    assert data_blocks() == before and proposal.joint.origin == place
    assert proposal.locked == ("type", "axis", "origin", "range")


def control_axis(control):
    """The local axis that a control's limit leaves free."""
    (limit,) = control.constraints
    spans = [getattr(limit, f"max_{x}") - getattr(limit, f"min_{x}") for x in "xyz"]
    return Matrix.Identity(3)[max(range(3), key=lambda k: spans[k])]


def test_another_alternative_drops_the_correction(proposal):
    before = proposal.joint
    proposal.flip()
    proposal.show(1)
    assert proposal.joint == before and proposal.locked == ()


def test_a_script_may_still_apply_any_alternative(proposal):
    proposal.flip()
    proposal.apply(0)
    (limit,) = bpy.data.objects["Door"].parent.constraints
    assert limit.type == "LIMIT_LOCATION"


def test_asking_again_keeps_what_is_locked_and_takes_the_place(proposal, connected):
    proposal.flip()
    proposal.move_origin((0.48, -0.26, 0.75))
    corrected = proposal.joint
    again = proposal.ask_again()
    assert again.id != proposal.id
    joints = again.result(30.0).joints
    assert {(j.axis, j.origin) for j in joints} == {(corrected.axis, corrected.origin)}
    assert [job.id for job in connected.jobs()] == [again.id]
    assert again.locked == ("axis", "origin")
    again.show(1)
    assert again.locked == ("axis", "origin"), "all alternatives have what was locked"


def test_while_it_is_asked_again_the_old_proposal_stays(proposal, connected, cabinet):
    from bl_ext.user_default.tug import runtime

    record = runtime.book.get(proposal.id)
    record.request = msgspec.structs.replace(record.request, engine="null:slow=60")
    proposal.flip()
    again = proposal.ask_again()
    assert runtime.session().wait(lambda: again.state == "running", 30.0)
    assert runtime.shown_job(bpy.context) is record
    assert runtime.successor(record).id == again.id
    again.cancel()
    assert again.wait(30.0) and again.state == "cancelled"
    assert runtime.shown_job(bpy.context) is record and proposal.locked == ("axis",)
    assert bpy.ops.tug.reject_result() == {"FINISHED"}
    assert proposal.id not in [job.id for job in connected.jobs()]


def test_a_lock_follows_an_object_that_was_moved_since(proposal, cabinet):
    proposal.move_origin((0.48, -0.26, 0.75))
    cabinet.parent.matrix_world = Matrix.Translation((5.0, 0.0, 0.0))
    bpy.context.view_layer.update()
    again = proposal.ask_again()
    assert again.result(30.0).joints[0].origin == pytest.approx((5.48, -0.26, 0.75))


def test_corrections_survive_saving_and_reloading(proposal, connected, tmp_path):
    proposal.flip()
    corrected = proposal.joint
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "corrected.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "corrected.blend"))
    (job,) = connected.jobs()
    assert job.joint == corrected and job.locked == ("axis",)


def test_the_fields_of_the_panel_are_the_limits_on_show(proposal):
    manager = bpy.context.window_manager
    assert manager.tug_upper_angle == pytest.approx(math.pi / 2)
    manager.tug_upper_angle = 1.0
    assert proposal.joint.upper == pytest.approx(1.0) and "range" in proposal.locked
    manager.tug_lower_angle = 0.5
    assert proposal.joint.lower == 0.0, "the present pose stays within"
    proposal.retype("prismatic")
    manager.tug_lower = -0.25
    assert proposal.joint.lower == pytest.approx(-0.25)


def test_operators_correct_the_proposal_on_show(proposal):
    assert bpy.ops.tug.flip_axis() == {"FINISHED"}
    assert proposal.locked == ("axis",)
    assert bpy.ops.tug.switch_joint_type(type="cylindrical") == {"FINISHED"}
    assert proposal.joint.type == "cylindrical" and proposal.joint.slide[0] < 0.0
    assert bpy.ops.tug.switch_joint_type(step=-1) == {"FINISHED"}
    assert proposal.joint.type == "screw" and proposal.joint.pitch > 0.0
    point = (1.0, 2.0, 3.0)
    assert bpy.ops.tug.snap_origin(point=point, direction=(0, 1, 0)) == {"FINISHED"}
    assert proposal.joint.origin == point and abs(proposal.joint.axis[1]) == 1.0
    assert bpy.ops.tug.lock_joint(field="none") == {"FINISHED"}
    assert proposal.locked == ()
    assert bpy.ops.tug.lock_joint(field="range") == {"FINISHED"}
    assert proposal.locked == ("type", "range")


def test_a_senseless_correction_is_one_sentence(proposal, connected):
    with pytest.raises(connected.TugError, match="no length"):
        proposal.set_axis((0.0, 0.0, 0.0))
    with pytest.raises(connected.TugError, match="present pose"):
        proposal.set_range(0.5, 1.0)
    with pytest.raises(connected.TugError, match="no joint type"):
        proposal.retype("ball")
    assert proposal.locked == ()


def test_a_lock_may_be_asked_for_at_once(connected, cabinet):
    joint = connected.Joint(
        type="prismatic", axis=(0.0, 0.0, 1.0), origin=(0, 0, 0), lower=0.0, upper=1.0
    )
    lock = connected.Lock(joint=joint, fields=("type", "axis"))
    job = connected.articulate(cabinet, locked=lock)
    assert {(j.type, j.axis) for j in job.result(30.0).joints} == {("prismatic", joint.axis)}
    bad = connected.Lock(joint=joint, fields=())
    with pytest.raises(connected.TugError, match="holds nothing"):
        connected.articulate(cabinet, locked=bad).result(30.0)
