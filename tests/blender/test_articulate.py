"""The main job, through both doors, against real backend processes."""

from __future__ import annotations

import math

import bpy
import pytest


def test_api_brings_a_joint_with_the_null_backend(connected, cabinet):
    job = connected.articulate(cabinet)
    assert job.wait(30.0)
    assert job.state == "done" and job.progress == 1.0
    assert len(job.alternatives()) >= 1
    applied = job.apply()
    assert applied.control.name in bpy.data.objects


def test_operator_waits_in_exec_and_leaves_the_proposal_ready(connected, cabinet):
    assert bpy.ops.tug.articulate_part() == {"FINISHED"}
    (job,) = connected.jobs()
    assert job.state == "done"
    before = len(bpy.data.objects)
    assert bpy.ops.tug.accept_result() == {"FINISHED"}
    assert len(bpy.data.objects) == before + 1


def test_the_real_backend_finds_the_hinge_of_a_door(api, cabinet, real_backend):
    api.connect(connection_file=real_backend.connection_file)
    joint = api.articulate(cabinet).result(120.0).joints[0]
    assert joint.type == "revolute"
    assert abs(joint.axis[2]) > math.cos(math.radians(5.0))
    assert joint.origin[0] == pytest.approx(-0.48, abs=0.1)
