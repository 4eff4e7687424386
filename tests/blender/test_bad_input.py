"""Each bad input gets one clear sentence, keeps the data, and the next question works."""

from __future__ import annotations

import math

import bpy
import pytest


def empty_mesh(door):
    door.data.clear_geometry()


def not_a_number(door):
    door.data.attributes["position"].data.foreach_set("vector", [math.nan] * 24)


def infinite(door):
    door.data.attributes["position"].data.foreach_set("vector", [math.inf] * 24)


def flattened(door):
    door.scale = (0.0, 1.0, 1.0)


def alone(door):
    bpy.data.objects.remove(door.parent)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (empty_mesh, "no visible faces"),
        (not_a_number, "not finite"),
        (infinite, "not finite"),
        (flattened, "scale of zero"),
        (alone, "Nothing near 'Door' could be the body"),
    ],
)
def test_a_scene_that_gives_nothing_to_ask(connected, cabinet, box, spoil, sentence):
    cabinet.tug.parts[0].drags.clear()
    pull = [((0.4, -0.27, 0.75), (0.3, -0.6, 0.75))]
    spoil(cabinet)
    bpy.context.view_layer.update()
    with pytest.raises(connected.TugError, match=sentence) as raised:
        connected.articulate(cabinet, drags=pull)
    assert raised.value.error.code == "bad_input"
    assert connected.jobs() == []
    box("Other body", (1, 1, 1), (0, 1, 0))
    other = box("Other", (0.5, 0.1, 0.5), (0, 0.4, 0))
    other.parent = bpy.data.objects["Other body"]
    assert connected.articulate(other, drags=[((0, 0.35, 0), (0, 0, 0))]).result(30.0)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ([], "No faces of 'Door' are chosen"),
        (range(6), "All faces of 'Door' are chosen"),
        ([0, 99], "not among them"),
        ("Nobody", "no part, vertex group, material or child object called 'Nobody'"),
    ],
)
def test_a_part_that_is_none(connected, cabinet, part, sentence):
    with pytest.raises(connected.TugError, match=sentence):
        connected.articulate(cabinet, part)
    assert len(cabinet.tug.parts) == 1 and connected.jobs() == []


@pytest.mark.parametrize(
    ("drags", "sentence"),
    [
        ([((0.4, -0.27, 0.75), (0.4, -0.27, 0.75))], "drag"),
        ([((9.0, -9.0, 9.0), (9.0, -9.5, 9.0))], "drag"),
    ],
)
def test_a_drag_that_makes_no_sense_is_refused_by_the_real_backend(
    api, cabinet, real_backend, drags, sentence
):
    api.connect(connection_file=real_backend.connection_file)
    job = api.articulate(cabinet, drags=drags)
    with pytest.raises(api.TugError, match=sentence) as raised:
        job.result(60.0)
    assert raised.value.error.code == "bad_input"
    good = api.articulate(cabinet, drags=[((0.4, -0.27, 0.75), (0.3, -0.6, 0.75))])
    assert good.result(60.0).joints


def test_what_is_no_object_is_refused(connected):
    with pytest.raises(connected.TugError, match="no object of this file"):
        connected.articulate("Door")


def test_a_worker_that_dies_fails_its_job_only(connected, cabinet):
    job = connected.articulate(cabinet, engine="null:kill")
    other = connected.articulate(cabinet)
    with pytest.raises(connected.TugError) as raised:
        job.result(60.0)
    assert raised.value.error.code == "worker_crashed"
    assert other.result(60.0).joints


def test_a_killed_backend_returns_and_hands_over_the_result(api, cabinet, make_backend):
    backend = make_backend("--null").start()
    api.connect(connection_file=backend.connection_file)
    job = api.articulate(cabinet, engine="null:slow=1")
    assert not job.wait(0.5)
    backend.kill()
    backend.start()
    assert job.wait(60.0) and job.state == "done"
    assert job.apply().control.name in bpy.data.objects


def test_two_jobs_run_at_once(api, cabinet, make_backend):
    from bl_ext.user_default.tug import runtime

    backend = make_backend("--null", "--workers", "2").start()
    api.connect(connection_file=backend.connection_file)
    first, second = (api.articulate(cabinet, engine="null:slow=2") for _ in range(2))
    both = runtime.session().wait(
        lambda: first.state == second.state == "running" or first.state == "done", 30.0
    )
    assert both and (first.state, second.state) == ("running", "running")
    assert first.result(30.0) and second.result(30.0)
