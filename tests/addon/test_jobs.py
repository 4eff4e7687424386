"""The job model: where a job stands, and that it survives in the .blend."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import numpy as np
import pytest

book_of: Any = importlib.import_module("tug.core.book").JobBook
jobs: Any = importlib.import_module("tug.core.jobs")
animation: Any = importlib.import_module("tug.protocol.animation")
blobs: Any = importlib.import_module("tug.protocol.blobs")
dragging: Any = importlib.import_module("tug.protocol.dragging")
errors: Any = importlib.import_module("tug.protocol.errors")
joint: Any = importlib.import_module("tug.protocol.joint")
messages: Any = importlib.import_module("tug.protocol.messages")
meshes: Any = importlib.import_module("tug.protocol.meshes")
placement: Any = importlib.import_module("tug.protocol.placement")
tasks: Any = importlib.import_module("tug.protocol.tasks")
views: Any = importlib.import_module("tug.protocol.views")

hinge = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1.5)
slider = joint.Joint(type="prismatic", axis=(1, 0, 0), origin=(0, 0, 0), lower=0, upper=0.3)
result = tasks.ArticulateResult(joints=(hinge, slider))


def a_job(**status: Any) -> Any:
    about = {"object": "object", "part": "part", "name": "Door", "body": ("body",)}
    job = jobs.new_job(jobs.JointJob, tasks.ArticulateRequest(geometry=()), **about)
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
    book = book_of()
    done, failed, waiting = a_job(), a_job(), a_job(sequence=1)
    done.result, done.selected = result, 1
    failed.error = errors.Error(code="bad_input", message="No.", details={"part": 3})
    for job in (done, failed, waiting):
        book.add(job)
    again = book_of()
    assert again.read(book.to_json()) == 0
    assert [msgspec.structs.asdict(job) for job in again] == [
        msgspec.structs.asdict(job) for job in book
    ]
    assert again.unfinished() == [again.get(waiting.id)]


def test_a_job_stored_by_the_first_version_is_read():
    stored = msgspec.json.decode(msgspec.json.encode([finished_job()]))
    for field in ("chosen", "notes", "corrected", "locked", "replaces"):
        del stored[0][field]
    del stored[0]["result"]["choices"]
    del stored[0]["request"]["locked"]
    book = book_of()
    assert book.read(msgspec.json.encode(stored).decode()) == 0
    (job,) = book
    assert type(job) is jobs.JointJob and job.joint == slider and job.choices == 1


def finished_job() -> Any:
    job = a_job()
    job.result, job.selected = result, 1
    return job


def others() -> list[Any]:
    """A finished job of each kind but the first, with results whose arrays are still needed."""
    geometry = {"geometry": ()}
    answer = tasks.PartAnswer(name="Door", parent=-1, joints=(hinge, slider))
    made = (
        (
            jobs.ObjectJob,
            tasks.ArticulateObjectRequest(parts=(), **geometry),
            tasks.ArticulateObjectResult(parts=(answer,)),
            {"parts": (("object", "part"),)},
        ),
        (
            jobs.PartsJob,
            tasks.ProposePartsRequest(**geometry),
            tasks.ProposePartsResult(proposals=()),
            {},
        ),
        (
            jobs.ExportJob,
            tasks.ExportModelRequest(name="Cabinet", links=(), format="urdf", **geometry),
            tasks.ExportModelResult(files=()),
            {"path": "cabinet.urdf"},
        ),
        (
            jobs.ImportJob,
            tasks.ImportModelRequest(files=(), format="mjcf"),
            tasks.ImportModelResult(name="Cabinet", links=(), **geometry),
            {"path": "cabinet.xml"},
        ),
        (
            jobs.PlaceJob,
            placement.PlaceRequest(scene=(), items=(), **geometry),
            placement.PlaceResult(placements=()),
            {"objects": ("uid",), "homes": (meshes.identity,)},
        ),
        (
            jobs.AnimateJob,
            animation.AnimateRequest(movers=(), **geometry),
            animation.AnimateResult(tracks=()),
            {"curves": ("way",), "targets": ("object",), "controls": ((),), "digests": ("",)},
        ),
        (
            jobs.ViewsJob,
            views.RenderControlsRequest(bodies=(), frames=1, **geometry),
            views.RenderControlsResult(views=(), tracked=()),
            {},
        ),
        (
            jobs.DraggedJob,
            dragging.DragViewsRequest(drags=(), **geometry),
            dragging.DragViewsResult(views=()),
            {"part": "part"},
        ),
        (
            jobs.MovingJob,
            dragging.SegmentMovingRequest(drags=(), **geometry),
            dragging.SegmentMovingResult(pieces=(), likely=()),
            {"part": "part", "owner": "object"},
        ),
        (
            jobs.BakeJob,
            dragging.BakeTextureRequest(uvs=(), photographs=(), joint=hinge, value=1.0, **geometry),
            dragging.BakeTextureResult(textures=()),
            {"part": "part", "skins": (jobs.Skin(object="a", unwrapped=b"123"),)},
        ),
    )
    found = []
    for kind, request, answered, about in made:
        found.append(jobs.new_job(kind, request, name="Cabinet", **about))
        found[-1].result = answered
    return found


def test_each_kind_is_stored_and_asks_again_for_what_it_still_needs():
    book = book_of()
    for job in others():
        book.add(job)
    again = book_of()
    assert again.read(book.to_json()) == 0
    assert [type(job) for job in again] == list(jobs.kinds.values())[1:]
    assert [job.kind for job in again] == list(jobs.kinds)[1:]
    assert [(job.settled, job.result is not None) for job in again] == [
        (True, True),
        *[(False, False)] * 9,
    ]


def test_a_bake_says_nothing_of_surfaces_that_got_no_texture():
    job = next(job for job in others() if isinstance(job, jobs.BakeJob))
    array = blobs.describe(np.zeros((1, 3), np.float32))
    shapes = tuple(
        meshes.Geometry(vertices=array, faces=array, name=name) for name in ("Body", "Drawer")
    )
    image = blobs.describe(np.zeros((2, 2, 4), np.uint8))
    textures = tuple(
        dragging.BakedTexture(geometry=i, image=image, revealed=0.5, painted=float(i))
        for i in range(2)
    )
    job.request = msgspec.structs.replace(job.request, geometry=shapes)
    job.result = dragging.BakeTextureResult(
        textures=textures, notes=("0% of 'Body'.", "20% of 'Drawer'.", "Slow.")
    )
    job.remarks = ("Unwrapped.",)
    assert job.notes == ("Unwrapped.", "20% of 'Drawer'.", "Slow.")
    job.request = msgspec.structs.replace(job.request, whole=True)
    assert len(job.notes) == 4


def test_a_result_is_kept_once_it_was_put_to_use():
    _, _, export, imported, *_ = others()
    export.written, imported.made = ("cabinet.urdf",), ("uid",)
    book = book_of()
    for job in (export, imported):
        book.add(job)
    again = book_of()
    again.read(book.to_json())
    assert all(job.state == "done" and job.settled and job.result for job in again)


def test_a_job_whose_result_is_to_be_used_by_itself_is_not_done_before():
    _, proposals, export, imported, *_ = others()
    assert proposals.state == imported.state == "done" and export.state == "sending"
    proposals.following, imported.lands = "next", True
    assert not (proposals.finished or export.finished or imported.finished)
    export.fail(errors.TugError(errors.Error(code="bad_input", message="The disk is full.")))
    assert export.state == "failed" and export.words() == "The disk is full."


def test_alternatives_of_several_parts_are_chosen_one_by_one():
    job = others()[0]
    assert job.joint(0) == hinge
    job.select(0, 1)
    assert job.joint(0) == slider and job.selected == {"part": 1}
    job.select(0, 2)
    assert job.joint(0) == hinge


def test_a_choice_is_asked_for_until_it_was_made():
    job = a_job()
    job.result = msgspec.structs.replace(result, choices=2)
    assert job.choices == 2 and job.joint == hinge
    job.select(1)
    assert job.choices == 1 and job.joint == slider
    job.result, job.chosen = msgspec.structs.replace(result, choices=9), False
    assert job.choices == 2


def test_unreadable_jobs_are_counted_and_the_rest_is_read():
    book = book_of()
    book.add(a_job())
    text = book.to_json()
    again = book_of()
    assert again.read('[{"id": "x"}, 3, ' + text[1:]) == 2
    assert len(again) == 1
    assert book_of().read("no json at all") == 0


def test_reading_never_unlearns_a_result():
    book = book_of()
    job = a_job(sequence=1)
    book.add(job)
    stale = book.to_json()
    job.result = result
    book.read(stale)
    assert book.get(job.id).result == result


def test_the_newest_job_of_a_part_is_found():
    book = book_of()
    first, second, other = a_job(), a_job(), a_job()
    other.part = "another"
    for job in (first, second, other):
        book.add(job)
    assert book.latest("object", "part") is second
    assert book.latest("object", "nothing") is None


def test_progress_is_no_milestone_and_states_are():
    book = book_of()
    job = a_job(sequence=1, state="running")
    book.add(job)
    before = book.milestones()
    job.status = msgspec.structs.replace(job.status, fraction=0.5, sequence=2)
    assert book.milestones() == before
    job.result = result
    assert book.milestones() != before
