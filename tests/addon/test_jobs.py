"""The job model: where a job stands, and that it survives in the .blend."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import pytest

jobs: Any = importlib.import_module("tug.core.jobs")
errors: Any = importlib.import_module("tug.protocol.errors")
joint: Any = importlib.import_module("tug.protocol.joint")
messages: Any = importlib.import_module("tug.protocol.messages")
tasks: Any = importlib.import_module("tug.protocol.tasks")

hinge = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1.5)
slider = joint.Joint(type="prismatic", axis=(1, 0, 0), origin=(0, 0, 0), lower=0, upper=0.3)
result = tasks.ArticulateResult(joints=(hinge, slider))


def a_job(**status: Any) -> Any:
    job = jobs.new_job("object", "part", "Door", tasks.ArticulateRequest(geometry=()), ("body",))
    job.status = msgspec.structs.replace(job.status, **status)
    return job


@pytest.mark.parametrize(
    ("status", "state", "says"),
    [
        ({}, "sending", "Sending"),
        ({"sequence": 1, "position": 2}, "queued", "Waiting, 2 ahead"),
        (
            {"sequence": 2, "state": "running", "stage": "evidence", "step": 3, "total": 9},
            "running",
            "Evidence 3 of 9",
        ),
        (
            {"sequence": 2, "state": "running", "stage": "refine", "seconds_left": 12.4},
            "running",
            "Refine, about 12 s left",
        ),
        (
            {"sequence": 2, "state": "running", "stage": "refine", "seconds_left": 600.0},
            "running",
            "Refine, about 10 min left",
        ),
        ({"sequence": 3, "state": "done", "stage": "range"}, "running", "Range"),
    ],
)
def test_a_job_says_where_it_stands(status, state, says):
    job = a_job(**status)
    assert (job.state, job.words()) == (state, says)


def test_progress_grows_and_is_whole_only_with_the_result():
    job = a_job()
    seen = [job.progress]
    job.uploaded = 1.0
    seen.append(job.progress)
    for fraction in (0.0, 0.5, 1.0):
        job.status = msgspec.structs.replace(
            job.status, sequence=2, state="running", fraction=fraction
        )
        seen.append(job.progress)
    job.result = result
    assert seen == sorted(seen) and seen[-1] < 1.0
    assert job.progress == 1.0 and job.state == "done"


def test_cancelled_and_failed_are_told_apart():
    job = a_job()
    job.error = errors.Error(code="cancelled", message="The job was cancelled.")
    assert job.state == "cancelled"
    job.error = errors.Error(code="out_of_memory", message="Too big; use fewer faces.")
    assert job.state == "failed" and job.words() == "Too big; use fewer faces."


def test_alternatives_wrap_around():
    job = a_job()
    assert job.joint is None
    job.result = result
    assert job.joint == hinge
    job.select(1)
    assert job.joint == slider
    job.select(2)
    assert job.joint == hinge
    job.select(-1)
    assert job.joint == slider


def test_a_book_survives_as_json():
    book = jobs.JobBook()
    done, failed, waiting = a_job(), a_job(), a_job(sequence=1)
    done.result, done.selected = result, 1
    failed.error = errors.Error(code="bad_input", message="No.", details={"part": 3})
    for job in (done, failed, waiting):
        book.add(job)
    again = jobs.JobBook()
    assert again.read(book.to_json()) == 0
    assert [msgspec.structs.asdict(job) for job in again] == [
        msgspec.structs.asdict(job) for job in book
    ]
    assert again.unfinished() == [again.get(waiting.id)]


def test_unreadable_jobs_are_counted_and_the_rest_is_read():
    book = jobs.JobBook()
    book.add(a_job())
    text = book.to_json()
    again = jobs.JobBook()
    assert again.read('[{"id": "x"}, 3, ' + text[1:]) == 2
    assert len(again) == 1
    assert jobs.JobBook().read("no json at all") == 0


def test_reading_never_unlearns_a_result():
    book = jobs.JobBook()
    job = a_job(sequence=1)
    book.add(job)
    stale = book.to_json()
    job.result = result
    book.read(stale)
    assert book.get(job.id).result == result


def test_the_newest_job_of_a_part_is_found():
    book = jobs.JobBook()
    first, second, other = a_job(), a_job(), a_job()
    other.part = "another"
    for job in (first, second, other):
        book.add(job)
    assert book.latest("object", "part") is second
    assert book.latest("object", "nothing") is None


def test_progress_is_no_milestone_and_states_are():
    book = jobs.JobBook()
    job = a_job(sequence=1, state="running")
    book.add(job)
    before = book.milestones()
    job.status = msgspec.structs.replace(job.status, fraction=0.5, sequence=2)
    assert book.milestones() == before
    job.result = result
    assert book.milestones() != before
