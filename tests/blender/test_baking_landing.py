"""When textures that have come are put on their objects, and when they wait."""

from __future__ import annotations

import bpy
import pytest

from tests.blender.dragging_things import a_slider, blocks, drawer_cabinet, proposed


def ask(dragged, **options):
    from bl_ext.user_default.tug import baking

    return baking.ask(dragged, resolution=32, lands=True, **options)


def shown():
    return [name for name in blocks()["images"] if "revealed" in name]


def test_in_edit_mode_it_waits_for_the_button(post, drawer, dragged):
    from bl_ext.user_default.tug import imagined

    job = ask(dragged)
    bpy.ops.object.mode_set(mode="EDIT")
    post.baked(job, "Drawer")
    assert job.state == "done" and job.result and "Go to Object Mode" in job.held
    assert not shown() and not job.settled, "the backend keeps its arrays"
    assert not bpy.ops.tug.add_textures.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.tug.add_textures(job=job.id) == {"FINISHED"}
    assert shown() == ["Drawer revealed"] and job.settled and not job.held
    assert imagined.active_bake_job(bpy.context) is job


def test_on_hidden_objects_it_waits(post, drawer, dragged):
    job = ask(dragged)
    drawer.parent.hide_set(True)
    post.baked(job, "Drawer")
    assert "'Body' is hidden; show it" in job.held and not shown()
    with pytest.raises(RuntimeError, match="is hidden"):
        bpy.ops.tug.add_textures(job=job.id)
    drawer.parent.hide_set(False)
    bpy.ops.tug.add_textures(job=job.id)
    assert shown() == ["Drawer revealed"]


def test_a_removed_part_keeps_the_result_as_it_says(post, drawer, dragged):
    job = ask(dragged)
    drawer.tug.parts.clear()
    post.baked(job, "Drawer")
    assert job.result and "undo that to use the result, which is kept" in job.held


def test_changed_meshes_are_a_failure_for_good(post, drawer, dragged):
    from bl_ext.user_default.tug import arrivals
    from bl_ext.user_default.tug.protocol.dragging import BakedTexture, BakeTextureResult

    from tests.blender.dragging_things import half_painted

    job = ask(dragged)
    drawer.data.vertices[0].co.x += 0.1
    texture = BakedTexture(geometry=0, image=post.keep(half_painted(32)), revealed=0.5, painted=0.5)
    job.result = BakeTextureResult(textures=(texture,))
    arrivals.arrived(job)
    assert job.state == "failed" and "changed since" in job.error.message


def test_it_lands_in_the_scene_that_holds_the_object(post, drawer, dragged):
    job = ask(dragged)
    other = bpy.data.scenes.new("Other")
    first = bpy.context.window.scene if bpy.context.window else None
    if first is None:
        pytest.skip("there is no window whose scene could be another")
    bpy.context.window.scene = other
    try:
        assert drawer.name not in bpy.context.view_layer.objects
        post.baked(job, "Drawer")
        assert job.error is None and not job.held and shown() == ["Drawer revealed"]
        assert bpy.context.scene == other
    finally:
        bpy.context.window.scene = first


def test_while_something_is_moved_or_played_the_scene_is_left_alone(
    post, drawer, dragged, monkeypatch
):
    from bl_ext.user_default.tug import arrivals, runtime, updating

    job = ask(dragged)
    arrived = []
    monkeypatch.setattr(arrivals, "arrived", arrived.append)
    session = runtime.session()

    class Pumped:
        state, busy, settings = "connected", True, session.settings

        def pump(self):
            if job.result is None:
                job.result = "here"
                runtime._result_came(job)

    monkeypatch.setattr(runtime, "_session", Pumped())
    monkeypatch.setattr(updating, "is_busy", lambda: True)
    for _ in range(2):
        runtime.tick()
    assert arrived == []
    runtime._result_came(dragged)
    assert arrived == [dragged], "what changes nothing in the scene comes at once"
    monkeypatch.setattr(updating, "is_busy", lambda: False)
    runtime.tick()
    assert arrived == [dragged, job]
    runtime.tick()
    assert len(arrived) == 2


def test_what_waits_is_used_before_the_connection_ends(post, drawer, dragged, monkeypatch):
    from bl_ext.user_default.tug import arrivals, runtime

    arrived = []
    monkeypatch.setattr(arrivals, "arrived", arrived.append)
    job = ask(dragged)
    runtime._waiting.append(job)
    runtime.disconnect()
    assert arrived == [job] and not runtime._waiting


def test_trying_again_asks_the_same(post, drawer, dragged):
    from bl_ext.user_default.tug import baking, runtime

    first = ask(dragged, value=0.2, seed=7, whole=True)
    baking.again(first)
    again = list(runtime.book)[-1]
    assert again is not first and again.lands
    assert (again.request.value, again.request.seed, again.request.whole) == (0.2, 7, True)
    assert again.request.resolution == again.resolution == 32


def test_a_part_that_was_moved_alone_is_to_be_shown_again(api, post, drawer, dragged):
    drawer.location.x += 0.2
    bpy.context.view_layer.update()
    with pytest.raises(api.TugError, match="changed since it was imagined; show it again"):
        ask(dragged)


def test_neighbours_that_were_shown_count_after_the_joint_is_accepted(post, api):
    """Without parents the body is what stands beside; an accepted joint leaves out the others."""
    from bl_ext.user_default.tug import imagining
    from bl_ext.user_default.tug.scene import joints

    from tests.blender.conftest import add_box

    _, drawer = drawer_cabinet()
    drawer.parent = None
    add_box("Neighbour", (0.1, 0.6, 0.8), (0.54, 0.0, 0.4))
    proposed(drawer, a_slider())
    dragged = post.dragged(imagining.ask(drawer))
    assert len(dragged.request.geometry) == 3
    joints.apply(drawer, drawer.tug.parts[0], a_slider())
    job = ask(dragged)
    assert {g.name for g in job.request.geometry} == {"Body", "Drawer", "Neighbour"}


@pytest.mark.parametrize("faces", [range(30, 36), range(30, 35)], ids=["loose", "cut"])
def test_a_part_of_a_single_mesh_is_baked_after_it_was_accepted_unless_it_was_cut(api, post, faces):
    from bl_ext.user_default.tug import imagining
    from bl_ext.user_default.tug.scene import joints, parts

    body, drawer = drawer_cabinet()
    drawer.tug.parts.clear()
    with bpy.context.temp_override(active_object=body, selected_editable_objects=[body, drawer]):
        bpy.ops.object.join()
    bpy.context.view_layer.objects.active = body
    part = parts.add_part(body, "faces", "Drawer", faces=faces)
    parts.add_drag(body, part, (0.1, -0.305, 0.5), (0.1, -0.605, 0.5))
    dragged = post.dragged(imagining.ask(body))
    joints.apply(body, part, a_slider())
    if len(faces) == 6:
        assert ask(dragged).request.value == pytest.approx(0.3)
        return
    with pytest.raises(api.TugError, match="show it again"):
        ask(dragged)


def test_a_question_under_way_leaves_the_button_and_its_answer_agree(post, drawer, dragged):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.core.jobs import JointJob, new_job

    first = runtime.active_job(bpy.context)
    waiting = new_job(
        JointJob, first.request, name="", object=first.object, part=first.part, replaces=first.id
    )
    runtime.book.add(waiting)
    assert bpy.ops.tug.bake_texture.poll()
    assert ask(dragged).request.joint == a_slider()


def test_it_says_which_joint_it_took_and_what_the_pictures_show(post, drawer, dragged):
    import msgspec
    from bl_ext.user_default.tug import runtime

    proposal = runtime.active_job(bpy.context)
    two = msgspec.structs.replace(proposal.result, joints=(a_slider(),) * 2, choices=2)
    proposal.result = two
    said = " ".join(ask(dragged).remarks)
    assert "Of 2 likely joints the first was taken: Slider." in said
    assert "These pictures show clay; ask with the look Materials" in said
