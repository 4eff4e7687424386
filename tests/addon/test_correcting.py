"""A corrected joint moves as the correction says, and a job remembers what was corrected."""

from __future__ import annotations

import importlib
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

correcting: Any = importlib.import_module("tug.core.correcting")
jobs: Any = importlib.import_module("tug.core.jobs")
book_of: Any = importlib.import_module("tug.core.book").JobBook
errors: Any = importlib.import_module("tug.protocol.errors")
joint: Any = importlib.import_module("tug.protocol.joint")
tasks: Any = importlib.import_module("tug.protocol.tasks")

hinge = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(1, 0, 0), lower=-0.25, upper=1.5)
slider = joint.Joint(type="prismatic", axis=(1, 0, 0), origin=(0, 0, 0), lower=0.0, upper=0.3)
screw = joint.Joint(
    type="screw", axis=(0, 0, 1), origin=(1, 0, 0), lower=0.0, upper=9.0, pitch=-0.5
)
piston = joint.Joint(
    type="cylindrical", axis=(0, 0, 1), origin=(0, 0, 0), lower=-1, upper=2, slide=(-0.25, 0.75)
)
values = st.floats(-3.0, 3.0)
every = st.sampled_from([hinge, slider, screw, piston])


@given(every, values, values)
def test_flipping_changes_the_sign_of_values_and_nothing_else(one, value, slide):
    other = correcting.flipped(one)
    assert np.allclose(
        joint.motion(other, -value, -slide), joint.motion(one, value, slide), atol=1e-9
    )
    assert (other.lower, other.upper) == (-one.upper, -one.lower)
    assert correcting.flipped(other) == one


@given(every)
def test_opening_the_other_way_keeps_the_axis_and_mirrors_the_limits(one):
    other = correcting.mirrored(one)
    assert other.axis == one.axis and (other.lower, other.upper) == (-one.upper, -one.lower)
    assert correcting.mirrored(other) == one


def test_types_follow_each_other_in_a_ring():
    kind, seen = "revolute", []
    for _ in range(6):
        seen.append(kind)
        kind = correcting.next_type(kind)
    assert kind == "revolute" and len(set(seen)) == 6
    assert correcting.next_type("revolute", -1) == "fixed"


def test_another_type_is_the_best_alternative_of_it():
    best, second = slider, msgspec.structs.replace(slider, axis=(0, 1, 0))
    assert correcting.retyped(hinge, "prismatic", 2.0, [hinge, best, second]) == best


def test_an_alternative_that_leaves_the_lock_is_not_taken():
    along = msgspec.structs.replace(slider, axis=(0, 0, 1), upper=0.7)
    against = msgspec.structs.replace(slider, axis=(0, 0, -1))
    found = correcting.retyped(hinge, "prismatic", 2.0, [slider, against, along], ["axis"])
    assert found == along
    elsewhere = msgspec.structs.replace(hinge, origin=(3, 0, 0))
    found = correcting.retyped(along, "revolute", 2.0, [elsewhere], ["origin"])
    assert found.origin == along.origin


@pytest.mark.parametrize(
    ("kind", "limits", "pitch", "slide"),
    [
        ("prismatic", (0.0, 1.0), 0.0, (0.0, 0.0)),
        ("continuous", (0.0, math.tau), 0.0, (0.0, 0.0)),
        ("screw", (0.0, math.tau), 0.5, (0.0, 0.0)),
        ("cylindrical", (-0.25, 1.5), 0.0, (0.0, 1.0)),
        ("fixed", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ],
)
def test_without_an_alternative_the_line_stays_and_limits_are_usual(kind, limits, pitch, slide):
    found = correcting.retyped(hinge, kind, 2.0)
    assert (found.type, found.axis, found.origin) == (kind, hinge.axis, hinge.origin)
    assert (found.lower, found.upper) == pytest.approx(limits)
    assert (found.pitch, found.slide) == (pitch, slide)


def test_a_hinge_out_of_a_slider_opens_by_a_right_angle_to_its_side():
    back = correcting.mirrored(slider)
    assert correcting.retyped(slider, "revolute", 2.0).upper == pytest.approx(math.pi / 2)
    assert correcting.retyped(back, "revolute", 2.0).lower == pytest.approx(-math.pi / 2)
    assert correcting.retyped(piston, "prismatic", 2.0).upper == 0.75


def test_a_slider_out_of_a_hinge_goes_the_way_that_was_pulled():
    found = correcting.retyped(hinge, "prismatic", 2.0, pull=(0.0, -0.5, 0.0))
    assert found.axis == (0.0, -1.0, 0.0) and (found.lower, found.upper) == (0.0, 1.0)
    kept = correcting.retyped(hinge, "prismatic", 2.0, locked=["axis"], pull=(0.0, -0.5, 0.0))
    assert kept.axis == hinge.axis


def test_axis_and_origin_are_set():
    moved = correcting.moved_origin(hinge, (1, 2, 3))
    assert moved.origin == (1.0, 2.0, 3.0) and moved.axis == hinge.axis
    assert correcting.with_axis(hinge, (0, -3, 0)).axis == (0.0, -1.0, 0.0)
    near = correcting.with_axis(hinge, (0, 0.1, -3), any_sign=True).axis
    assert near[2] > 0.99
    assert correcting.with_range(hinge, upper=0.5).upper == 0.5
    assert correcting.with_range(piston, slide=(0.0, 0.5)).slide == (0.0, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: correcting.with_axis(hinge, (0, 0, 0)),
        lambda: correcting.with_axis(hinge, (0, 0, math.nan)),
        lambda: correcting.moved_origin(hinge, (0, 0, math.inf)),
        lambda: correcting.with_range(hinge, lower=0.5),
        lambda: correcting.with_range(hinge, upper=math.nan),
        lambda: correcting.with_range(correcting.retyped(hinge, "fixed", 1.0), upper=1.0),
        lambda: correcting.retyped(hinge, "ball", 1.0),
    ],
)
def test_senseless_corrections_are_refused_in_a_sentence(wrong):
    with pytest.raises(errors.TugError) as caught:
        wrong()
    assert caught.value.error.code == "bad_input" and caught.value.error.message.endswith(".")


def a_job(**request):
    asked = tasks.ArticulateRequest(geometry=(), **request)
    job = jobs.new_job(jobs.JointJob, asked, name="Door", part="part")
    job.result = tasks.ArticulateResult(joints=(hinge, slider), choices=2)
    return job


def test_a_correction_is_on_show_and_locks_what_it_is_about():
    job = a_job()
    job.correct(correcting.flipped(hinge), "axis")
    assert job.joint == correcting.flipped(hinge) and job.locked == ("axis",)
    assert job.choices == 1
    job.correct(correcting.moved_origin(job.joint, (0, 0, 0)), "origin")
    assert job.locked == ("axis", "origin") and job.lock.joint == job.joint
    job.select(0)
    assert job.joint == hinge and job.locked == () and job.lock is None


def test_what_was_locked_when_it_was_asked_stays_locked_in_all_alternatives():
    job = a_job(locked=tasks.Lock(joint=hinge, fields=("axis",)))
    job.correct(correcting.moved_origin(hinge, (0, 0, 0)), "origin")
    job.select(1)
    assert job.locked == ("axis",)


def test_a_locked_range_holds_its_type():
    job = a_job()
    job.toggle_lock("range")
    assert job.locked == ("type", "range")
    job.toggle_lock("type")
    assert job.locked == ()
    job.toggle_lock("axis")
    job.toggle_lock("axis")
    assert job.locked == ()


def test_corrections_are_stored_and_are_milestones():
    job, book = a_job(), book_of()
    book.add(job)
    before = book.milestones()
    job.correct(correcting.flipped(hinge), "axis")
    assert book.milestones() != before
    again = book_of()
    assert again.read(book.to_json()) == 0
    (stored,) = again
    assert stored.joint == correcting.flipped(hinge) and stored.locked == ("axis",)


def test_without_a_result_nothing_is_corrected():
    job = a_job()
    job.result = None
    job.correct(hinge, "axis")
    assert job.joint is None and job.locked == () and job.alternatives == ()
