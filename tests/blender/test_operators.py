"""Operators: what they do, and what their greyed-out buttons say."""

from __future__ import annotations

import bpy
import pytest


@pytest.fixture
def session(connected):
    from bl_ext.user_default.tug import runtime

    return runtime.session()


def test_a_part_of_selected_faces_gets_a_drag_along_its_normal(box):

    obj = box("Body", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    bpy.context.view_layer.objects.active = obj
    top = next(face for face in obj.data.polygons if face.normal.z > 0.9)
    for face in obj.data.polygons:
        face.select = face == top
    assert bpy.ops.tug.add_part(source="faces", name="Lid") == {"FINISHED"}
    assert bpy.ops.tug.add_drag() == {"FINISHED"}
    (part,) = obj.tug.parts
    (drag,) = part.drags
    assert tuple(drag.world_end - drag.world_start) == pytest.approx((0, 0, 0.5 * 2**0.5))
    assert drag.world_start.z == pytest.approx(0.5)


def test_drag_points_come_from_the_3d_cursor(api, cabinet):
    cabinet.tug.parts[0].drags.clear()
    bpy.ops.tug.add_drag(place="given")
    cabinet.parent.location.x = 5.0
    for point, place in (("start", (5.0, 1.0, 2.0)), ("end", (5.0, 0.0, 2.0))):
        bpy.context.scene.cursor.location = place
        bpy.context.view_layer.update()
        assert bpy.ops.tug.set_drag_point(point=point) == {"FINISHED"}
    (drag,) = cabinet.tug.parts[0].drags
    assert tuple(drag.world_start) == pytest.approx((5, 1, 2))
    assert tuple(drag.start) == pytest.approx((0, 1, 2))
    assert bpy.ops.tug.remove_drag() == {"FINISHED"}
    assert not cabinet.tug.parts[0].drags


def test_parts_come_from_groups_and_materials_and_go(api, cabinet):
    group = cabinet.vertex_groups.new(name="Flap")
    group.add(list(range(4)), 1.0, "REPLACE")
    cabinet.data.materials.append(bpy.data.materials.new("Glass"))
    bpy.ops.tug.add_part(source="vertex_group")
    bpy.ops.tug.add_part(source="material", source_name="Glass", name="Pane")
    assert [part.source_name for part in cabinet.tug.parts] == ["", "Flap", "Glass"]
    assert cabinet.tug.part_index == 2
    bpy.ops.tug.remove_part()
    assert [part.name for part in cabinet.tug.parts] == ["Door", "Flap"]


def test_selecting_a_part_selects_what_belongs_to_it(api, cabinet):
    from bl_ext.user_default.tug.scene import parts

    for face in cabinet.data.polygons:
        face.select = False
    parts.add_part(cabinet, "faces", "Edge", faces=[0, 3])
    bpy.context.view_layer.objects.active = cabinet.parent
    assert not bpy.ops.tug.select_part.poll()
    bpy.context.view_layer.objects.active = cabinet
    assert bpy.ops.tug.select_part() == {"FINISHED"}
    assert [face.index for face in cabinet.data.polygons if face.select] == [0, 3]
    assert bpy.context.selected_objects == [cabinet]


def test_selecting_a_part_where_there_is_none_says_so(connected, cabinet):
    connected.articulate(cabinet).wait(30.0)
    bpy.context.view_layer.objects.active = cabinet.parent
    with pytest.raises(RuntimeError, match="No part is selected; add one"):
        bpy.ops.tug.select_part()


def test_errors_are_reported_as_one_sentence(api, cabinet):
    with pytest.raises(RuntimeError, match="has no vertex group 'Nothing'; choose one it has"):
        bpy.ops.tug.add_part(source="vertex_group", source_name="Nothing")
    with pytest.raises(RuntimeError, match=r"The backend is not installed .* build.py backend"):
        bpy.ops.tug.articulate_part()
    assert api.jobs() == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("articulate_part", "Add a part first"),
        ("articulate_all", "Select an object with parts first"),
        ("articulate_words", "Say what should move"),
        ("suggest_parts", "Select an object first"),
        ("show_proposal", "No parts have been suggested"),
        ("mark_proposal", "No parts have been suggested"),
        ("pick_part", "Add an object first"),
        ("accept_all", "No joints have been proposed"),
        ("flip_part", "No joints have been proposed"),
        ("export_model", "Select an object with joints first"),
        ("add_import", "No model has been read"),
        ("accept_result", "No joint has been proposed"),
        ("reject_result", "No joint has been proposed"),
        ("show_alternative", "No joint has been proposed"),
        ("flip_axis", "No joint has been proposed"),
        ("switch_joint_type", "No joint has been proposed"),
        ("snap_origin", "No joint has been proposed"),
        ("lock_joint", "No joint has been proposed"),
        ("ask_again", "No joint has been proposed"),
        ("add_part", "Select an object first"),
        ("add_drag", "Add a part first"),
        ("remove_drag", "Add a part first"),
        ("duplicate_drag", "The active part has no drag"),
        ("mirror_drag", "The active part has no drag"),
        ("move_drag_point", "The active part has no drag"),
        ("remove_part", "No part is selected"),
        ("remove_joint", "The active part has no joint"),
        ("set_drag_point", "Add a drag first"),
        ("cancel_job", "No job is running"),
        ("retry_job", "No job has failed"),
        ("clear_jobs", "No job is finished"),
        ("show_log", "Connect first"),
        ("disconnect", "Not connected"),
        ("stop_backend", "started no backend"),
    ],
)
def test_a_button_that_cannot_be_pressed_says_why(api, name, reason):
    operator = getattr(bpy.ops.tug, name)
    assert not operator.poll()
    with pytest.raises(RuntimeError, match=reason):
        operator()


def test_a_slow_job_is_cancelled(session, connected, cabinet):
    job = connected.articulate(cabinet, engine="null:slow=60")
    assert session.wait(lambda: job.state == "running", 30.0)
    assert bpy.ops.tug.cancel_job(job=job.id) == {"FINISHED"}
    assert job.wait(30.0) and job.state == "cancelled"
    with pytest.raises(connected.TugError, match="cancelled"):
        job.result()


def test_a_failed_job_can_be_tried_again_and_cleared(session, connected, cabinet):
    asked = {"engine": "null:fail", "seed": 3, "up": (0.0, 1.0, 0.0), "alternatives": 2}
    job = connected.articulate(cabinet, body=cabinet.parent, joint_types=("revolute",), **asked)
    assert job.wait(30.0) and job.state == "failed"
    assert bpy.ops.tug.retry_job(job=job.id) == {"FINISHED"}
    (again,) = connected.jobs()
    assert again.id != job.id and again.wait(30.0) and again.state == "failed"
    from bl_ext.user_default.tug import runtime

    record = runtime.book.get(again.id)
    assert {name: getattr(record.request, name) for name in asked} == asked
    assert record.request.joint_types == ("revolute",) and record.body == (cabinet.parent.tug.uid,)
    assert bpy.ops.tug.clear_jobs() == {"FINISHED"}
    assert connected.jobs() == []


def test_the_log_comes_into_a_text(session, connected, cabinet):
    job = connected.articulate(cabinet)
    job.wait(30.0)
    assert bpy.ops.tug.show_log(job=job.id) == {"FINISHED"}
    assert job.id in bpy.data.texts["Tug log"].as_string()


def test_connect_takes_the_preferences(api, cabinet, backend):
    from bl_ext.user_default.tug import runtime

    preferences = runtime.preferences()
    preferences.connection_file = str(backend.connection_file)
    preferences.mode = "local"
    try:
        assert bpy.ops.tug.connect() == {"FINISHED"}
        assert runtime.session().connected
        assert not bpy.ops.tug.connect.poll()
        preferences.mode, preferences.connection_file = "remote", ""
        assert runtime.session().state == "off"
        with pytest.raises(RuntimeError, match="control address is empty"):
            bpy.ops.tug.connect()
    finally:
        preferences.property_unset("mode")
        preferences.property_unset("connection_file")


def test_a_remote_backend_needs_online_access(api):
    assert not bpy.app.online_access, "tests run offline"
    with pytest.raises(api.TugError, match="Allow Online Access"):
        api.connect(
            "remote",
            control="tcp://backend.invalid:7700",
            bulk="tcp://backend.invalid:7701",
            server_key="k" * 40,
            client_public="k" * 40,
            client_secret="k" * 40,
        )


def test_a_part_outside_the_view_layer_is_not_selected_and_says_so(connected, cabinet):
    job = connected.articulate(cabinet)
    bpy.context.scene.collection.objects.unlink(cabinet)
    with pytest.raises(RuntimeError, match="not in this view layer"):
        bpy.ops.tug.select_part(job=job.id)
