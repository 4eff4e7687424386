"""Dragged views: from where they are seen, what is sent, and what becomes of the pictures."""

from __future__ import annotations

import math

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Euler, Matrix, Vector

from tests.blender.dragging_things import (
    a_slider,
    a_view,
    blocks,
    plain,
    proposed,
)
from tests.blender.scene_things import push_undo, undo, world_vertices


def imagining():
    from bl_ext.user_default.tug import imagining

    return imagining


def add_camera(**settings):
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    for key, value in settings.items():
        setattr(camera.data, key, value)
    camera.location, camera.rotation_euler = (1.5, -2.5, 1.8), (1.1, 0.1, 0.5)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.view_layer.update()
    return camera


def pixel(camera, point):
    seen = np.linalg.inv(np.array(camera.pose)) @ (*point, 1.0)
    return np.array(
        (
            camera.centre[0] - camera.focal[0] * seen[0] / seen[2],
            camera.centre[1] + camera.focal[1] * seen[1] / seen[2],
        )
    )


def test_a_cameras_crop_is_its_own_picture_enlarged(post, drawer):
    camera = add_camera(lens=40.0, shift_x=0.2, shift_y=-0.1)
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 320, 200
    (crop,) = imagining().ask(drawer, camera=camera).request.cameras
    points = [Vector(p) for p in ((0, 0, 0), (0.5, -0.3, 0.8), (-0.5, 0.3, 0.1), (0.2, -0.6, 0.5))]
    shares = [world_to_camera_view(scene, camera, point) for point in points]
    there = np.array([(share.x * 320, (1.0 - share.y) * 200) for share in shares])
    here = np.array([pixel(crop, point) for point in points])
    scale = (here[1] - here[0]) / (there[1] - there[0])
    assert scale[0] == pytest.approx(scale[1], rel=1e-4) and scale[0] > 0.0
    assert np.allclose(here, here[0] + scale * (there - there[0]), atol=1e-3)


def test_the_object_fills_the_square(post, drawer):
    camera = add_camera()
    (crop,) = imagining().ask(drawer, camera=camera).request.cameras
    points = np.concatenate([world_vertices(drawer), world_vertices(drawer.parent)])
    seen = np.array([pixel(crop, point) for point in points])
    assert np.ptp(seen, axis=0).max() == pytest.approx(0.84 * crop.width, rel=1e-3)
    assert seen.min() > 0.0 and seen.max() < crop.width == crop.height


def test_the_3d_view_is_looked_through_as_it_is(post, drawer, monkeypatch):
    from bl_ext.user_default.tug.scene import viewpoints

    eye = Matrix.LocRotScale(Vector((2, -3, 1.5)), Euler((1.2, 0, 0.6)), None)
    found = viewpoints.of_view(a_view(eye.inverted()))
    assert np.allclose(found.pose, np.array(eye), atol=1e-5) and not found.flat
    assert viewpoints.of_view(a_view(eye.inverted(), "ORTHO")).flat
    camera = add_camera()
    found = viewpoints.of_view(a_view(eye.inverted(), "CAMERA", camera))
    assert np.allclose(found.pose, np.array(camera.matrix_world), atol=1e-5)


def test_without_perspective_it_is_seen_from_afar_and_says_so(post, drawer):
    job = imagining().ask(drawer, camera=add_camera(type="ORTHO", ortho_scale=3.0))
    (crop,) = job.request.cameras
    assert np.linalg.norm(np.array(crop.pose)[:3, 3]) > 10.0
    assert "from afar" in job.remarks[0]


def test_without_a_view_or_camera_it_says_what_to_do(api, post, drawer):
    for source, sentence in (("VIEW", "no 3D viewport"), ("CAMERA", "no camera")):
        with pytest.raises(api.TugError, match=sentence):
            imagining().ask(drawer, source=source)
    camera = add_camera()
    camera.location, camera.rotation_euler = (0, 0, 5), (math.pi, 0, 0)
    bpy.context.view_layer.update()
    with pytest.raises(api.TugError, match="step back"):
        imagining().ask(drawer, camera=camera)
    with pytest.raises(api.TugError, match="no look 'glass'"):
        imagining().ask(drawer, look="glass")
    drawer.tug.parts[0].drags.clear()
    with pytest.raises(api.TugError, match="Nothing pulls 'Drawer'"):
        imagining().ask(drawer)


def test_from_all_around_the_backend_chooses_and_pulls_are_in_world(post, drawer):
    drawer.parent.location = (1, 2, 3)
    request = imagining().ask(drawer, views=5, look="colours", seed=7).request
    assert (request.cameras, request.views, request.look) == ((), 5, "colours")
    assert request.drags[0].end == pytest.approx((1.1, 1.395, 3.5)) and request.seed == 7
    assert {g.name: g.moving for g in request.geometry} == {"Body": "none", "Drawer": "all"}


def accept(drawer):
    """Give the drawer its joint, open it and key it open."""
    from bl_ext.user_default.tug.scene import joints

    applied = joints.apply(drawer, drawer.tug.parts[0], a_slider())
    joints.set_open(applied.control, "", 1.0)
    applied.control.keyframe_insert('["tug_open"]', frame=1)
    return applied.control


def test_an_open_drawer_is_imagined_from_its_rest_pose_and_stays_open(post, drawer):
    closed = imagining().ask(drawer, camera=add_camera(), look="materials")
    control = accept(drawer)
    opened = imagining().ask(drawer, camera=bpy.data.objects["Camera"], look="materials")
    places = [np.array(g.matrix) for job in (closed, opened) for g in job.request.geometry]
    assert np.allclose(places[:2], places[2:], atol=1e-6)
    assert opened.request.drags[0].start == pytest.approx(closed.request.drags[0].start)
    pictures = [post.arrays_of(job.request.pictures)[0] for job in (closed, opened)]
    assert np.abs(pictures[0].astype(int) - pictures[1]).max() < 10
    assert control["tug_open"] == 1.0
    assert world_vertices(drawer)[:, 1].min() == pytest.approx(-0.805)


def test_pictures_show_the_materials_on_white_where_the_camera_sees_them(post, drawer):
    red = bpy.data.materials.new("Red")
    red.diffuse_color = (1.0, 0.0, 0.0, 1.0)
    drawer.data.materials.append(red)
    camera = add_camera()
    before, active = blocks(), bpy.context.scene
    job = imagining().ask(drawer, camera=camera, look="materials")
    assert blocks() == before and bpy.context.scene == active
    (picture,) = post.arrays_of(job.request.pictures)
    (crop,) = job.request.cameras
    assert picture.shape == (256, 256, 3) and (picture[0, 0] == 255).all()
    x, y = pixel(crop, (0.0, -0.305, 0.4)).astype(int)
    assert picture[y, x, 0] > 2 * picture[y, x, 1], "the drawer's front is red"
    white = (picture == 255).all(axis=2)
    rows, columns = np.nonzero(~white)
    span = max(np.ptp(rows), np.ptp(columns)) + 1
    assert span == pytest.approx(0.84 * 256, abs=2), "it fills the frame as the camera says"


def test_a_texture_is_seen_in_pictures(post, drawer):
    image = bpy.data.images.new("Green", 8, 8)
    image.pixels.foreach_set(np.tile(np.float32((0, 1, 0, 1)), 64))
    material = bpy.data.materials.new("Textured")
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    material.node_tree.nodes.active = node
    drawer.data.materials.append(material)
    drawer.data.uv_layers.new(name="UVMap")
    job = imagining().ask(drawer, camera=add_camera(), look="materials")
    (picture,) = post.arrays_of(job.request.pictures)
    x, y = pixel(job.request.cameras[0], (0.0, -0.305, 0.4)).astype(int)
    assert picture[y, x, 1] > 2 * picture[y, x, 0]


def test_where_blender_cannot_render_it_is_clay_and_says_so(api, post, drawer, monkeypatch):
    from bl_ext.user_default.tug.scene import photographs

    def refuse(*_):
        raise photographs._cannot()

    monkeypatch.setattr(photographs, "_shot", refuse)
    before = blocks()
    job = imagining().ask(drawer, views=2, look="materials")
    assert (job.request.pictures, job.request.look, job.look) == ((), "clay", "materials")
    assert len(job.request.cameras) == 2 and "clay" in job.remarks[0]
    assert blocks() == before


def test_pictures_are_kept_in_the_file_until_dismissed(post, drawer):
    from bl_ext.user_default.tug import imagined, runtime
    from bl_ext.user_default.tug.scene import jobs

    first = post.dragged(imagining().ask(drawer, views=2), count=2)
    job = post.dragged(imagining().ask(drawer, views=3), count=3)
    assert runtime.book.get(first.id) is None, "new pictures take the place of earlier ones"
    assert job.finished and job.settled and job.state == "done"
    assert np.array_equal(job.seen[2].after.pixels, plain(32, (2, 10, 220)))
    runtime.store()
    (again,) = jobs.read()
    assert np.array_equal(again.seen[1].before.pixels, plain(32, (1, 200, 200)))
    assert imagined.active_dragged_job(bpy.context) is job
    bpy.ops.tug.show_dragged_view(job=job.id, step=-1)
    assert job.selected == 2
    bpy.ops.tug.reject_result(job=job.id)
    assert imagined.active_dragged_job(bpy.context) is None


def test_a_picture_becomes_an_image_as_one_step(post, drawer):
    job = post.dragged(imagining().ask(drawer))
    push_undo("Before")
    for _ in range(2):
        assert bpy.ops.tug.open_dragged_view() == {"FINISHED"}
    (image,) = (i for i in bpy.data.images if i.name.startswith("Drawer"))
    assert image.name == "Drawer dragged" and image.packed_file and tuple(image.size) == (32, 32)
    values = np.rint(np.array(image.pixels[:4]) * 255.0)
    assert values.tolist() == [0, 10, 220, 255]
    push_undo("Opened")
    undo()
    assert "Drawer dragged" not in bpy.data.images
    assert job.seen


def test_trying_again_needs_the_camera_that_was_named(api, post, drawer):
    camera = add_camera()
    job = imagining().ask(drawer, camera=camera)
    bpy.context.scene.camera = add_camera()
    imagining().again(job)
    bpy.data.objects.remove(camera)
    with pytest.raises(api.TugError, match="camera that it was seen from was deleted"):
        imagining().again(job)


def test_drags_that_are_none_leave_the_present_ones(api, post, drawer):
    part = drawer.tug.parts[0]
    before = [tuple(drag.end) for drag in part.drags]
    for drags in ([((0, 0), (1, 1, 1))], [((0, 0, 0), (1, 1, 1)), 3]):
        with pytest.raises((ValueError, TypeError)):
            imagining().ask(drawer, drags=drags)
        assert [tuple(drag.end) for drag in part.drags] == before
    imagining().ask(drawer, drags=[((0, -0.305, 0.5), (0, -1, 0.5))])
    assert [tuple(drag.end) for drag in part.drags] == [pytest.approx((0, -1, 0.5))]


def test_a_joint_is_not_asked_of_a_model_that_is_missing(connected, drawer, monkeypatch):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.protocol.messages import Capabilities

    able = Capabilities(reply_to="", tasks={"articulate": ["geometry"]})
    monkeypatch.setattr(type(runtime.session()), "capabilities", able)
    assert bpy.ops.tug.articulate_part.poll()
    bpy.context.scene.tug_imagining.evidence = "DRAGAPART"
    assert not bpy.ops.tug.articulate_part.poll()


def test_an_empty_answer_fails_in_words(api, post, drawer):
    from bl_ext.user_default.tug import arrivals
    from bl_ext.user_default.tug.protocol.dragging import DragViewsResult

    job = imagining().ask(drawer)
    job.result = DragViewsResult(views=())
    arrivals.arrived(job)
    assert job.state == "failed" and "imagined nothing" in job.error.message


def test_imagined_views_of_a_proposal_leave_nothing_in_the_file(post, drawer):
    from bl_ext.user_default.tug import arrivals, runtime
    from bl_ext.user_default.tug.panels import thumbnails
    from bl_ext.user_default.tug.protocol.dragging import DraggedView
    from bl_ext.user_default.tug.protocol.tasks import ArticulateResult

    from tests.blender.dragging_things import a_camera

    for decide in (bpy.ops.tug.reject_result, bpy.ops.tug.accept_result):
        images = blocks()["images"]
        job = proposed(drawer, a_slider())
        large = post.keep(plain(256, (9, 9, 9)))
        view = DraggedView(
            camera=a_camera("a"), before=large, after=large, drags=(), found=large, error=0.1
        )
        job.result = ArticulateResult(joints=(a_slider(),), views=(view,) * 3)
        arrivals.arrived(job)
        assert job.error is None and [s.found.width for s in job.seen] == [128] * 3
        thumbnails.icon(f"{job.id} 0 after", job.seen[0].after)
        assert blocks()["images"] == images
        assert decide(job=job.id) == {"FINISHED"}
        assert blocks()["images"] == images
    assert runtime.accepted(job)


@pytest.mark.parametrize(
    ("setting", "sent"), [("AUTO", None), ("OFF", ()), ("DRAGAPART", ("dragapart",))]
)
def test_the_setting_says_which_models_are_asked_for_a_joint(connected, drawer, setting, sent):
    from bl_ext.user_default.tug import runtime

    bpy.context.scene.tug_imagining.evidence = setting
    bpy.ops.tug.articulate_part()
    (job,) = runtime.book
    assert job.request.evidence == sent
    bpy.ops.tug.ask_again(job=job.id)
    assert list(runtime.book)[-1].request.evidence == sent
    named = connected.articulate(drawer, evidence="dragapart:full")
    assert runtime.book.get(named.id).request.evidence == ("dragapart:full",)


def test_the_null_backend_is_asked_and_its_empty_answer_is_said(connected, drawer):
    job = connected.drag_views(drawer, views=2)
    assert job.wait(30.0) and job.state == "failed" and "imagined nothing" in job.error.message
    slow = connected.drag_views(drawer, engine="null:slow=60")
    slow.cancel()
    assert slow.wait(30.0) and slow.state == "cancelled"
