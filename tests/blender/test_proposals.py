"""Parts that suggest themselves: listed, marked, and found by words, with the real backend."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug import asking, runtime
from bl_ext.user_default.tug.protocol.errors import failure
from bl_ext.user_default.tug.scene import joints
from bl_ext.user_default.tug.scene.selection import marked_faces

from tests.blender.conftest import add_box
from tests.blender.scene_things import world_vertices
from tests.blender.test_decisions import history, press

left, right = "open the left door", "open the right door"


@pytest.fixture
def real(api, shared_real_backend):
    api.connect(connection_file=shared_real_backend.connection_file)
    return api


@pytest.fixture
def wardrobe(api):
    """One mesh: a hollow body and two doors with knobs side by side on its front (-y)."""
    walls = [
        add_box("Body", (1.2, 0.6, 0.03), (0.0, 0.0, 0.015)),
        add_box("Top", (1.2, 0.6, 0.03), (0.0, 0.0, 1.785)),
        add_box("Left", (0.03, 0.6, 1.74), (-0.585, 0.0, 0.9)),
        add_box("Right", (0.03, 0.6, 1.74), (0.585, 0.0, 0.9)),
        add_box("Back", (1.14, 0.03, 1.74), (0.0, 0.285, 0.9)),
        add_box("Door L", (0.596, 0.03, 1.796), (-0.3, -0.316, 0.9)),
        add_box("Knob L", (0.03, 0.04, 0.1), (-0.05, -0.351, 0.9)),
        add_box("Door R", (0.596, 0.03, 1.796), (0.3, -0.316, 0.9)),
        add_box("Knob R", (0.03, 0.04, 0.1), (0.05, -0.351, 0.9)),
    ]
    with bpy.context.temp_override(active_object=walls[0], selected_editable_objects=walls):
        bpy.ops.object.join()
    obj = bpy.data.objects["Body"]
    bpy.context.view_layer.objects.active = obj
    for face in obj.data.polygons:
        face.select = False
    return obj


def centre(obj, part):
    """(3,) middle of a part's faces in world."""
    mask = marked_faces(obj, obj.data, part)
    centres = np.array([face.center for face in obj.data.polygons])
    return centres[mask].mean(axis=0)


def test_suggested_parts_are_listed_and_marked(real, wardrobe):
    job = real.propose_parts(wardrobe)
    found = job.result(60.0).proposals
    assert len(found) >= 2 and all(0.0 <= p.score <= 1.0 for p in found)
    assert len(wardrobe.tug.parts) == 0, "asking marks nothing"
    part = job.mark(0)
    assert part.id_data == wardrobe and part.source == "faces"
    marked = marked_faces(wardrobe, wardrobe.data, part)
    assert 6 <= marked.sum() < len(wardrobe.data.polygons)
    assert job.mark(0) == part and len(wardrobe.tug.parts) == 1, "marked once"


def test_what_holds_a_point_is_proposed_smallest_first(real, wardrobe):
    job = real.propose_parts(wardrobe, seed_point=(0.3, -0.331, 0.5))
    assert job.result(60.0).proposals
    sizes = [marked_faces(wardrobe, wardrobe.data, job.mark(i)).sum() for i in range(2)]
    assert sizes == sorted(sizes)
    assert centre(wardrobe, wardrobe.tug.parts[0])[0] > 0.05


@pytest.mark.parametrize(("prompt", "side"), [(left, -1), (right, 1)])
def test_words_alone_find_the_part_and_its_joint(real, wardrobe, prompt, side):
    job = real.articulate(wardrobe, prompt=prompt)
    joint = job.result(120.0).joints[0]
    (part,) = wardrobe.tug.parts
    assert side * centre(wardrobe, part)[0] > 0.05
    assert joint.type == "revolute" and abs(joint.axis[2]) > 0.99
    assert job.name == part.name and part.name in job.remarks[0] and prompt in job.remarks[0]
    assert [one.kind for one in real.jobs()] == ["articulate"]
    rest = world_vertices(wardrobe)
    applied = job.apply()
    assert len(world_vertices(wardrobe)) == len(rest)
    joints.set_open(applied.control, applied.bone, 1.0)
    assert np.abs(world_vertices(wardrobe) - rest).max() > 0.3


def test_words_that_mean_nothing_here_are_an_error_that_says_so(real, wardrobe):
    with pytest.raises(real.TugError) as raised:
        real.articulate(wardrobe, prompt="spin the propeller").result(120.0)
    assert raised.value.error.code == "bad_input" and raised.value.error.message.endswith(".")
    assert len(wardrobe.tug.parts) == 0


def test_words_that_fit_two_parts_equally_are_an_error_that_says_so(real, wardrobe):
    job = real.articulate(wardrobe, prompt="open the door")
    with pytest.raises(real.TugError, match=r"equally well|about as well") as raised:
        job.result(120.0)
    assert raised.value.error.code == "bad_input" and job.state == "failed"
    assert len(wardrobe.tug.parts) == 0


def test_a_mesh_that_was_changed_meanwhile_is_named(real, wardrobe):
    job = real.propose_parts(wardrobe)
    job.wait(60.0)
    wardrobe.data = add_box("Other", (1, 1, 1), (0, 0, 0)).data
    with pytest.raises(real.TugError, match="changed since"):
        job.mark(0)


def test_modifiers_that_add_faces_are_left_out_of_what_is_marked(real, wardrobe):
    wardrobe.modifiers.new("Bevel", "BEVEL").width = 0.002
    job = real.propose_parts(wardrobe, prompt=left)
    job.wait(60.0)
    part = job.mark(0)
    assert centre(wardrobe, part)[0] < -0.05


def test_separate_objects_are_marked_whole(real, wardrobe):
    with bpy.context.temp_override(active_object=wardrobe, object=wardrobe):
        bpy.ops.object.mode_set(mode="EDIT")
        mesh = bmesh.from_edit_mesh(wardrobe.data)
        for face in mesh.faces:
            middle = face.calc_center_median()
            face.select_set(middle.y < -0.301 and middle.x < 0.0)
        bmesh.update_edit_mesh(wardrobe.data)
        bpy.ops.mesh.separate(type="SELECTED")
        bpy.ops.object.mode_set(mode="OBJECT")
    door = next(obj for obj in bpy.data.objects if obj != wardrobe)
    door.parent, door.name = wardrobe, "Door"
    bpy.context.view_layer.update()
    job = real.articulate(wardrobe, prompt=left)
    assert job.result(120.0).joints
    assert len(wardrobe.tug.parts) == 0 and [part.source for part in door.tug.parts] == ["object"]


def test_an_option_that_is_none_is_refused_at_once(real, wardrobe):
    with pytest.raises(TypeError):
        real.articulate(wardrobe, prompt=left, no_such_option=1)
    assert real.jobs() == []


def test_a_part_whose_joint_cannot_be_asked_for_is_not_left_marked(real, wardrobe, monkeypatch):
    def refuse(*_, **__):
        raise failure("bad_input", "Nothing stays behind; mark less.")

    monkeypatch.setattr(asking, "ask", refuse)
    with pytest.raises(real.TugError, match="Nothing stays behind"):
        real.articulate(wardrobe, prompt=left).result(60.0)
    assert len(wardrobe.tug.parts) == 0
    assert not any(layer.name.startswith("Tug") for layer in wardrobe.data.attributes)


def test_other_words_find_another_part(real, wardrobe):
    real.articulate(wardrobe, prompt=left).result(120.0)
    real.articulate(wardrobe, prompt=right).result(120.0)
    real.articulate(wardrobe, prompt=left).result(120.0)
    assert [part.prompt for part in wardrobe.tug.parts] == [left, right]


def test_batch_takes_items_of_words_alone_and_goes_on_after_a_crash(real, wardrobe, tmp_path):
    path = str(tmp_path / "wardrobe.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    items = [{"obj": "Body", "prompt": left}, {"obj": "Body", "prompt": "spin the propeller"}]
    journal = tmp_path / "batch.journal"
    report = real.batch(items[:1], journal=journal, apply=True, at_once=1)
    assert [item.state for item in report.items] == ["done"], str(report)
    bpy.ops.wm.open_mainfile(filepath=path)
    report = real.batch(items, journal=journal, apply=True, at_once=1)
    assert [item.state for item in report.items] == ["done", "failed"], str(report)
    (part,) = bpy.data.objects["Body"].tug.parts
    assert joints.find(bpy.data.objects["Body"], part)
    assert [job.state for job in real.jobs()] == ["failed"], "kept, to be tried again"


def test_a_question_by_words_survives_saving_before_it_is_answered(real, wardrobe, tmp_path):
    job = real.articulate(wardrobe, prompt=left)
    path = str(tmp_path / "asked.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    (again,) = real.jobs()
    assert again.id == job.id
    assert again.result(120.0).joints[0].type == "revolute"


def test_the_sidebar_finds_a_part_by_words(real, wardrobe):
    from tests.blender.test_panels import draw

    assert not bpy.ops.tug.articulate_words.poll()
    wardrobe.tug.prompt = left
    said = draw()
    assert "Prompt | Articulate |" in said and "Suggest Parts" in said and "Pick Part" in said
    assert bpy.ops.tug.articulate_words() == {"FINISHED"}
    said = draw()
    assert "'open the left door' was taken" in said and "Hinge" in said
    assert ("Accept" in said) == ("Which one?" not in said)


def test_suggestions_are_listed_shown_marked_and_dismissed(real, wardrobe, drawing):
    from bl_ext.user_default.tug.tools import overlay

    from tests.blender.test_overlay import count, seen
    from tests.blender.test_panels import draw

    assert not bpy.ops.tug.mark_proposal.poll()
    assert bpy.ops.tug.suggest_parts() == {"FINISHED"}
    (job,) = real.jobs()
    said = draw()
    first = job.result().proposals[0]
    assert f"{first.name}  {first.score:.0%}" in said and "Done" in said
    record = runtime.book.get(job.id)
    assert bpy.ops.tug.show_proposal(index=1) == {"FINISHED"} and record.selected == 1
    overlay.prepare(record)
    assert count(seen(), runtime.preferences().ghost_color) > 20
    history("undo_push", message="Before")
    press(bpy.ops.tug.mark_proposal)
    assert len(wardrobe.tug.parts) == 1
    history("undo")
    assert len(bpy.data.objects["Body"].tug.parts) == 0
    assert bpy.ops.tug.reject_result(job=job.id) == {"FINISHED"}
    assert "Suggested" not in draw() and real.jobs() == []


def test_finding_a_part_by_words_is_an_undo_step_of_its_own(real, wardrobe):
    history("undo_push", message="Before")
    job = real.articulate(wardrobe, prompt=left)
    job.result(120.0)
    press(bpy.ops.tug.accept_result, job=job.id)
    history("undo")
    (part,) = bpy.data.objects["Body"].tug.parts
    assert joints.find(bpy.data.objects["Body"], part) is None
    history("undo")
    assert len(bpy.data.objects["Body"].tug.parts) == 0
    assert runtime.book.get(job.id) is not None
