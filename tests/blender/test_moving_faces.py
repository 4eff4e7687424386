"""What moves when a part is pulled: proposed as a part, taken as parts are."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Vector

from tests.blender.conftest import add_box


@pytest.fixture
def block(api):
    """Two boxes in one mesh; the first, faces 0 to 5, was pulled but all of -x is marked."""
    from bl_ext.user_default.tug.scene import parts

    pieces = [add_box("Block", (1, 1, 1), (0, 0, 0)), add_box("Other", (1, 1, 1), (2, 0, 0))]
    with bpy.context.temp_override(active_object=pieces[0], selected_editable_objects=pieces):
        bpy.ops.object.join()
    obj = pieces[0]
    bpy.context.view_layer.objects.active = obj
    part = parts.add_part(obj, "faces", "Guess", faces=[0])
    parts.add_drag(obj, part, (-0.5, 0, 0), (-1.0, 0, 0))
    return obj


def ask(obj, **options):
    from bl_ext.user_default.tug import segmenting

    return segmenting.ask(obj, **options)


def marked(obj, part):
    from bl_ext.user_default.tug.scene.selection import marked_faces

    return np.flatnonzero(marked_faces(obj, obj.data, part)).tolist()


def test_the_whole_object_is_sent_with_the_parts_drags(post, block):
    block.location = (0, 0, 5)
    request = ask(block, views=3, clusters=5).request
    (geometry,) = request.geometry
    assert geometry.faces.shape[0] == 24
    assert request.drags[0].start == pytest.approx((-0.5, 0, 5))
    assert (request.views, request.clusters) == (3, 5)


def test_what_moves_is_proposed_and_marked_with_the_drags(post, block):
    from bl_ext.user_default.tug import proposals, runtime

    job = post.moving(ask(block), Block=range(12))
    assert runtime.active_parts_job(bpy.context) is job
    assert job.proposals[0].score == pytest.approx(0.75)
    (shape,) = proposals.shapes(job)
    assert shape.vertices[:, 0].max() == pytest.approx(0.5), "the overlay draws the first box"
    assert len(block.tug.parts) == 1, "asking marks nothing"
    assert bpy.ops.tug.mark_proposal(job=job.id) == {"FINISHED"}
    part = block.tug.parts[block.tug.part_index]
    assert part.name != "Guess" and marked(block, part) == list(range(6))
    assert tuple(part.drags[0].end) == pytest.approx((-1.0, 0, 0))
    bpy.ops.tug.mark_proposal(job=job.id)
    assert len(block.tug.parts) == 2 and len(part.drags) == 1, "marked once"


def test_pick_part_takes_what_moves_at_its_level(api, post, block):
    from bl_ext.user_default.tug.tools import looks

    look = looks.at(block)
    assert not look.has("pulled") and look.level("pulled") == "region"
    post.moving(ask(block), Block=range(12))
    assert looks.at(block).level("pulled") == "pulled"
    assert looks.at(block).next_level("region", -1) == "pulled"
    with pytest.raises(RuntimeError, match="does not move here"):
        bpy.ops.tug.pick_part(level="pulled", point=Vector((2.5, 0, 0)))
    assert bpy.ops.tug.pick_part(level="pulled", point=Vector((-0.5, 0, 0))) == {"FINISHED"}
    assert marked(block, block.tug.parts[block.tug.part_index]) == list(range(6))


def test_what_was_dismissed_cannot_be_picked(post, block):
    from bl_ext.user_default.tug.tools import looks

    job = post.moving(ask(block), Block=range(12))
    assert looks.at(block).has("pulled")
    bpy.ops.tug.reject_result(job=job.id)
    assert not looks.at(block).has("pulled")


def test_a_new_answer_takes_the_place_of_the_one_before(post, block):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.tools import looks

    first = post.moving(ask(block), Block=range(12))
    second = post.moving(ask(block), Block=range(12, 24))
    assert runtime.book.get(first.id) is None and runtime.book.get(second.id)
    assert np.flatnonzero(looks.at(block).labels("pulled") == 0).tolist() == list(range(6, 12))


def test_a_changed_mesh_and_an_empty_answer_are_said(api, post, block):
    from bl_ext.user_default.tug import proposals

    job = post.moving(ask(block))
    assert job.finished and job.proposals == ()
    with pytest.raises(api.TugError, match="no proposal 0"):
        proposals.mark(job, 0)
    job = post.moving(ask(block), Block=range(12))
    block.data.clear_geometry()
    block.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    with pytest.raises(api.TugError, match="changed"):
        proposals.mark(job, 0)


def test_without_drags_it_says_to_pull(api, post, block):
    block.tug.parts[0].drags.clear()
    with pytest.raises(api.TugError, match="Nothing pulls 'Guess'"):
        ask(block)
    assert not bpy.ops.tug.segment_moving.poll()


def test_the_null_backend_finds_nothing(connected, block):
    assert bpy.ops.tug.segment_moving() == {"FINISHED"}
    (job,) = connected.jobs()
    assert job.state == "done" and job.result().pieces == () and job.score == 0.0
