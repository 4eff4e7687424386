"""Dragged views, what moves and textures with a real small network; its weights are random."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.dragging_things import drawer_cabinet


@pytest.fixture
def real(api, imagining_backend):
    """The scripting door, connected to a backend that has a small network."""
    api.connect(connection_file=imagining_backend.connection_file)
    return api


def test_a_drawer_is_imagined_open_and_its_inside_is_baked(real):
    body, drawer = drawer_cabinet()
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (1.2, -2.4, 2.0), (1.0, 0.0, 0.45)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.view_layer.update()
    joint = real.articulate(drawer, evidence=())
    assert joint.result(120.0).views == () and joint.apply().control
    views = real.drag_views(drawer, camera=camera, look="colours", steps=2)
    found = views.result(240.0).views
    assert len(found) == 1 and found[0].drags
    before, after = views.picture(0, "before"), views.picture(0)
    assert before.shape == after.shape == (256, 256, 3)
    assert (before[0, 0] > 240).all(), "on white"
    baked = real.bake_texture(views, resolution=64)
    assert baked.result(120.0).textures
    images = baked.apply()
    assert images and all(image.packed_file for image in images)
    assert all(image.size[0] == 64 for image in images)
    assert drawer.active_material or body.active_material


def test_what_moves_is_found_and_becomes_a_part(real):
    body, drawer = drawer_cabinet()
    drag = [((0.1, -0.305, 0.5), (0.1, -0.605, 0.5))]
    job = real.segment_moving(drawer, drags=drag, views=2)
    result = job.result(240.0)
    assert len(result.likely) == 2 and 0.0 <= job.score <= 1.0
    if result.pieces and len({piece.geometry for piece in result.pieces}) == 1:
        part = job.apply()
        assert part.id_data in (body, drawer) and len(part.drags)


def test_a_joint_is_found_with_pictures_beside_it(real):
    _, drawer = drawer_cabinet()
    job = real.articulate(drawer, evidence="dragapart")
    result = job.result(240.0)
    from bl_ext.user_default.tug import runtime

    seen = runtime.book.get(job.id).seen
    assert len(seen) == len(result.views) > 0
    assert all(isinstance(one.after.pixels, np.ndarray) for one in seen)
    names = {evidence.name for evidence in result.joints[0].evidence}
    assert "dragapart" in names


def test_a_model_that_is_missing_is_an_error_with_its_fix(real):
    _, drawer = drawer_cabinet()
    job = real.drag_views(drawer, engine="dragapart:full")
    job.wait(120.0)
    assert job.state == "failed" and job.error.code == "missing_model"
    assert "tug models pull dragapart:full" in job.error.fix
