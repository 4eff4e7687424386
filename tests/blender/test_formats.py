"""Models out to files and in again, by Blender and a real backend."""

from __future__ import annotations

import addon_utils
import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug import runtime
from bl_ext.user_default.tug.protocol.joint import Joint
from bl_ext.user_default.tug.scene import joints, parts
from bl_ext.user_default.tug.scene.model import gather_model
from mathutils import Vector

from tests.blender.model_things import cabinet as jointed_cabinet
from tests.blender.model_things import link_points, open_all, poses
from tests.blender.scene_things import cuboid, empty_file, world_vertices
from tests.blender.test_decisions import data_blocks, history

opens = (0.0, 0.2, 0.55, 1.0)


@pytest.fixture
def real(api, shared_real_backend):
    api.connect(connection_file=shared_real_backend.connection_file)
    return api


def assert_same_model(first, second):
    """Links of both move alike at several openings, within 1e-5 of the diagonal."""
    points, again = link_points(first), link_points(second)
    every = np.concatenate(list(points.values()))
    near = 1e-5 * float(np.linalg.norm(np.ptp(every, axis=0)))
    for opened in opens:
        before, after = poses(first.links, opened), poses(second.links, opened)
        for name, rest in points.items():
            expected = rest @ before[name][:3, :3].T + before[name][:3, 3]
            found = again[name] @ after[name][:3, :3].T + after[name][:3, 3]
            gaps = np.linalg.norm(found[:, None] - expected[None], axis=2)
            assert gaps.min(axis=0).max() < near and gaps.min(axis=1).max() < near, (name, opened)


def reimported(api, path):
    empty_file()
    (root,) = api.import_model(path).apply()
    return gather_model(root)


@pytest.mark.parametrize(("format", "name"), [("urdf", "out.urdf"), ("mjcf", "out.xml")])
def test_a_model_goes_out_and_comes_in_again_as_it_was(real, tmp_path, format, name):
    stay = Joint(type="fixed", axis=(0, 0, 1), origin=(0, 0, 0), lower=0.0, upper=0.0)
    frame = jointed_cabinet()
    foot = cuboid("foot", 0.3, (1.0, 1.0, -0.3))
    joints.apply(foot, parts.add_part(foot), stay, body=[frame])
    before = gather_model(frame)
    open_all(0.7)  # as it happens to be
    job = real.export(bpy.data.objects["door"], tmp_path / name, format)
    assert job.result(60.0) and job.files[0] == tmp_path / name
    assert all(path.is_file() for path in job.files)
    after = reimported(real, tmp_path / name)
    assert {link.name for link in after.links} == {link.name for link in before.links}
    assert_same_model(before, after)


def test_models_exported_to_one_folder_leave_each_other_alone(real, tmp_path):
    frame = jointed_cabinet()
    before = gather_model(frame)
    for name, format in (("a.urdf", "urdf"), ("b.urdf", "urdf"), ("a.xml", "mjcf")):
        real.export(frame, tmp_path / name, format).wait()
    for name in ("a.urdf", "b.urdf", "a.xml"):
        assert_same_model(before, reimported(real, tmp_path / name))


def test_what_was_articulated_and_accepted_is_the_same_after_a_round_trip(real, box, tmp_path):
    body = box("Body", (1.0, 0.5, 1.5), (0.0, 0.0, 0.75))
    door = box("Door", (0.96, 0.02, 1.46), (0.0, -0.26, 0.75))
    door.parent = body
    body.rotation_euler = (0.2, 0.1, 0.9)
    bpy.context.view_layer.update()
    ends = Vector((0.4, -0.27, 0.7)), Vector((0.3, -0.6, 0.7))
    pull = [tuple(body.matrix_world @ end) for end in ends]
    real.articulate(door, drags=[pull]).apply()
    before = gather_model(body)
    real.export(body, tmp_path / "body.urdf").wait()
    assert_same_model(before, reimported(real, tmp_path / "body.urdf"))


def test_an_exported_glb_plays_the_opening(real, tmp_path):
    frame = jointed_cabinet()
    open_all(0.0)
    real.export(frame, tmp_path / "cabinet", "glb").wait()
    assert (tmp_path / "cabinet.glb").is_file()
    empty_file()
    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "cabinet.glb"))
    assert bpy.data.actions
    start, end = (int(frame) for frame in bpy.data.actions[0].frame_range)
    doors = [obj for obj in bpy.data.objects if obj.type == "MESH" and "door" in obj.name]
    shown = []
    for frame_number in range(start, end + 1, 4):
        bpy.context.scene.frame_set(frame_number)
        shown.append(world_vertices(doors[0]))
    assert max(np.abs(points - shown[0]).max() for points in shown) > 0.5
    assert np.allclose(shown[0], shown[-1], atol=0.05), "and shuts again"


def test_usd_is_written_and_what_it_cannot_say_is_told(real, tmp_path):
    job = real.export(jointed_cabinet(), tmp_path / "cabinet.usda", "usd")
    job.result(60.0)
    assert b"Physics" in (tmp_path / "cabinet.usda").read_bytes()


def test_operators_export_and_import_as_one_undo_step(real, tmp_path):
    bpy.context.view_layer.objects.active = jointed_cabinet()
    path = str(tmp_path / "cabinet.urdf")
    assert bpy.ops.tug.export_model(filepath=path, format="urdf") == {"FINISHED"}
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    history("undo_push", message="Before")
    before = data_blocks()
    assert bpy.ops.tug.import_model(filepath=path) == {"FINISHED"}
    assert {"door", "handle", "lid"} <= {obj.name for obj in bpy.data.objects}
    assert bpy.context.active_object.name == "frame"
    history("undo")
    assert data_blocks() == before
    history("redo")
    assert "tug_open" in bpy.data.objects["door"].parent


def test_a_user_need_not_wait_for_the_objects(real, tmp_path):
    bpy.context.view_layer.objects.active = jointed_cabinet()
    path = str(tmp_path / "cabinet.xml")
    bpy.ops.tug.export_model(filepath=path, format="mjcf", wait=False)
    (job,) = real.jobs()
    assert job.kind == "export_model" and job.wait(60.0) and job.files
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    history("undo_push", message="Before")
    assert bpy.ops.tug.import_model(filepath=path, wait=False) == {"FINISHED"}
    assert not bpy.data.objects
    (job,) = real.jobs()
    assert job.wait(60.0) and job.state == "done"
    assert [obj.name for obj in job.objects] == ["frame"]
    history("undo")
    assert not bpy.data.objects
    history("redo")
    assert runtime.book.get(job.id).made and job.objects


def test_what_cannot_be_written_or_read_is_said_in_a_sentence(real, tmp_path):
    with pytest.raises(real.TugError, match="have no joint"):
        real.export(cuboid("alone"), tmp_path / "a.urdf")
    frame = jointed_cabinet()
    with pytest.raises(real.TugError, match="There is no folder"):
        real.export(frame, tmp_path / "nowhere" / "a.urdf")
    with pytest.raises(real.TugError, match="There is no format 'step'"):
        real.export(frame, tmp_path / "a.step", "step")
    (tmp_path / "a.urdf").mkdir()
    job = real.export(frame, tmp_path / "a.urdf")
    with pytest.raises(real.TugError, match="a folder of that name"):
        job.result(60.0)
    assert job.state == "failed" and list((tmp_path / "a.urdf").iterdir()) == []
    (tmp_path / "a.urdf").rmdir()
    assert bpy.ops.tug.retry_job(job=job.id) == {"FINISHED"}
    (again,) = real.jobs()
    assert again.wait(60.0) and (tmp_path / "a.urdf").is_file()


def test_a_model_whose_meshes_are_missing_names_them_and_builds_nothing(real, tmp_path):
    text = """<robot name="r"><link name="a"><visual><geometry><mesh filename="gone.stl"/>
    </geometry></visual></link></robot>"""
    (tmp_path / "r.urdf").write_text(text)
    before = data_blocks()
    with pytest.raises(real.TugError, match=r"gone\.stl"):
        real.import_model(tmp_path / "r.urdf").apply()
    with pytest.raises(real.TugError, match="neither URDF nor MJCF"):
        (tmp_path / "r.svg").write_text("<svg/>")
        real.import_model(tmp_path / "r.svg")
    assert data_blocks() == before


def test_the_menus_and_the_list_of_jobs_show_it(real, tmp_path):
    from bl_ext.user_default.tug.operators import export_model, import_model

    from tests.blender.test_panels import Layout, draw

    layout = Layout()
    for module in (export_model, import_model):
        module.draw_menu(type("Menu", (), {"layout": layout}), bpy.context)
    assert "URDF with Joints, Tug (.urdf)" in layout.said and len(layout.said) == 6
    real.export(jointed_cabinet(), tmp_path / "a.urdf").wait()
    real.import_model(tmp_path / "a.urdf").wait()
    said = draw()
    assert "Written to" in said and "Add to Scene" in said
    assert "Export a.urdf" in said and "Import a.urdf" in said
    job = real.jobs()[-1]
    assert bpy.ops.tug.add_import(job=job.id) == {"FINISHED"}
    assert "Add to Scene" not in draw() and job.objects
