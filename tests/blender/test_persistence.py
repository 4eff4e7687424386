"""Jobs outlive saving, loading, renaming, deleting, and Blender itself."""

from __future__ import annotations

import os
import subprocess
import sys

import bpy
import pytest

slow = "null:slow=60"
package = "bl_ext.user_default.tug"


def save(folder, name="work.blend"):
    path = str(folder / name)
    assert bpy.ops.wm.save_as_mainfile(filepath=path) == {"FINISHED"}
    return path


def load(path):
    assert bpy.ops.wm.open_mainfile(filepath=path) == {"FINISHED"}


def running(api, obj, seconds):
    job = api.articulate(obj, engine=f"null:slow={seconds}")
    from bl_ext.user_default.tug import runtime

    assert runtime.session().wait(lambda: job.state == "running", 30.0)
    return job


def test_parts_drags_and_results_are_in_the_file(connected, cabinet, tmp_path):
    found = connected.articulate(cabinet).result(30.0)
    load(save(tmp_path))
    (job,) = connected.jobs()
    assert job.state == "done" and job.result() == found
    (part,) = bpy.data.objects["Door"].tug.parts
    assert part.prompt == "the door swings open" and len(part.drags) == 1
    assert job.apply().control.name in bpy.data.objects


def test_a_job_under_way_is_followed_after_reload(connected, cabinet, tmp_path):
    asked = running(connected, cabinet, 2)
    load(save(tmp_path))
    (job,) = connected.jobs()
    assert job.id == asked.id and job.state in ("queued", "running")
    assert job.wait(30.0) and job.state == "done"
    assert job.apply().control.name in bpy.data.objects


def test_another_file_does_not_show_this_files_jobs(connected, cabinet, tmp_path):
    running(connected, cabinet, 60).cancel()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert connected.jobs() == []


def test_opening_a_file_with_unfinished_jobs_connects_to_nothing(connected, cabinet, tmp_path):
    running(connected, cabinet, 60)
    path = save(tmp_path)
    connected.disconnect()
    load(path)
    assert connected.status().state == "off" and connected.status().unfinished == 1


def test_a_renamed_object_keeps_its_job(connected, cabinet):
    job = running(connected, cabinet, 1)
    cabinet.name, cabinet.data.name = "Hatch", "Hatch mesh"
    cabinet.tug.parts[0].name = "The lid"
    assert job.wait(30.0)
    applied = job.apply()
    assert bpy.data.objects["Hatch"].parent == applied.control


def test_the_joint_goes_with_a_body_that_was_moved_meanwhile(connected, cabinet):
    job = running(connected, cabinet, 1)
    cabinet.parent.location = (10.0, 0.0, 0.0)
    assert job.wait(30.0)
    before = job.alternatives()[0].origin
    control = job.apply().control
    bpy.context.view_layer.update()
    assert tuple(control.matrix_world.translation) == pytest.approx(
        (before[0] + 10.0, before[1], before[2]), abs=1e-5
    )


def test_the_result_for_a_deleted_object_is_kept_and_says_so(connected, cabinet):
    job = running(connected, cabinet, 1)
    bpy.data.objects.remove(cabinet)
    assert job.wait(30.0) and job.state == "done"
    with pytest.raises(connected.TugError, match="object of 'Door' was deleted"):
        job.apply()
    assert job.state == "done" and len(job.alternatives()) > 1


def test_the_result_for_a_removed_part_is_kept_and_says_so(connected, cabinet):
    job = connected.articulate(cabinet)
    assert job.wait(30.0)
    cabinet.tug.parts.clear()
    with pytest.raises(connected.TugError, match="part 'Door' was removed from 'Door'"):
        job.apply()
    assert job.state == "done"


def test_saving_lets_the_backend_forget_what_the_file_holds(connected, cabinet, tmp_path):
    from bl_ext.user_default.tug import runtime

    job = connected.articulate(cabinet)
    assert job.wait(30.0)
    client = runtime.session().client
    assert job.id in client.jobs
    save(tmp_path)
    assert job.id not in client.jobs
    assert connected.jobs()[0].state == "done"


def test_jobs_stay_with_one_scene_when_scenes_come_and_go(connected, cabinet, tmp_path):
    job = connected.articulate(cabinet)
    assert job.wait(30.0)
    bpy.data.scenes.new("A first one")
    load(save(tmp_path))
    assert [scene.name for scene in bpy.data.scenes if scene.tug_jobs] == ["A first one"]
    bpy.data.scenes.remove(bpy.data.scenes["A first one"])
    load(save(tmp_path))
    assert [again.id for again in connected.jobs()] == [job.id]


def blender(code, *arguments):
    """Run code in another Blender with the extension enabled."""
    head = f"import sys, bpy, addon_utils; addon_utils.enable('{package}')\n"
    head += f"from {package} import api, runtime\n"
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


closing = """
blend, connection = sys.argv[1:]
bpy.ops.wm.open_mainfile(filepath=blend)
api.connect(connection_file=connection)
job = api.articulate(bpy.data.objects["Door"], engine="null:slow=2")
assert runtime.session().wait(lambda: job.state == "running", 30.0)
bpy.ops.wm.save_mainfile()
print("JOB", job.id)
import os
os._exit(0)  # as sudden as a crash
"""


def test_blender_closed_while_a_job_runs_finds_the_result_when_reopened(
    api, cabinet, backend, tmp_path
):
    path = save(tmp_path)
    said = blender(closing, path, backend.connection_file)
    load(path)
    (job,) = api.jobs()
    assert f"JOB {job.id}" in said and job.state != "done"
    api.connect(connection_file=backend.connection_file)
    assert job.wait(60.0) and job.state == "done"
    assert job.apply().control.name in bpy.data.objects
