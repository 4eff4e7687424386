"""Placing: what is asked, that Accept is one undo step, and that Reject leaves no trace."""

from __future__ import annotations

import math

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix

from tests.blender.model_things import cabinet
from tests.blender.scene_things import add_mesh, cuboid, push_undo, state_of_file, undo


@pytest.fixture
def asked(api, monkeypatch):
    """Ask without a backend: `asked(objs, ...)` returns the job as it would be sent."""
    from bl_ext.user_default.tug import placements, runtime

    monkeypatch.setattr(placements, "send", lambda job, _arrays: runtime.book.add(job))
    cuboid("floor", 20.0, (-10, -10, -20))
    return placements.ask


def answer(job, *moves):
    """Give a job its answer: each item moved by a (4, 4)."""
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.core.jobs import Heat
    from bl_ext.user_default.tug.protocol.blobs import Blob
    from bl_ext.user_default.tug.protocol.placement import Placement, PlaceResult

    nothing = Blob(dtype="<f4", shape=(0, 3), digest="0" * 64)
    points = np.array([(0.0, 0.0, 0.0)], np.float32)
    placements = tuple(
        Placement(
            name=item.name,
            pose=tuple(tuple(map(float, row)) for row in move),
            support="floor",
            penetration=0.001,
            gap=0.0,
            stability=0.2,
            free=0.5,
            drift=1.0,
            size=2.0,
            contact_area=1.0,
            points=nothing,
            distances=nothing,
            contacts=nothing,
        )
        for item, move in zip(job.request.items, moves, strict=True)
    )
    job.result = PlaceResult(placements=placements)
    heat = Heat(points=points.tobytes(), distances=points[:, 0].tobytes())
    job.heats = (heat,) * len(moves)
    runtime.book.changed()
    return job


def down(z):
    return np.array(Matrix.Translation((0.5, 0.0, z)))


def press(operator, **options):
    """Press a button: unlike a script's call, a user's pushes an undo step."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert operator("EXEC_DEFAULT", True, **options) == {"FINISHED"}


def matrix(obj):
    bpy.context.view_layer.update()
    return np.array(obj.matrix_world)


def pieces_of(request, pieces):
    return {request.geometry[piece.geometry].name for piece in pieces}


def test_an_item_is_its_tree_and_the_scene_is_what_else_displays_faces(api, asked):
    from bl_ext.user_default.tug.scene import trajectories

    cart, wheel = cuboid("cart"), cuboid("wheel", 0.2)
    wheel.parent = cart
    cuboid("hidden").hide_set(True)
    cuboid("cutter").display_type = "WIRE"
    path = trajectories.draw([(0, 0, 0), (1, 0, 0), (2, 1, 0)], cart)
    path.data.bevel_depth = 0.1
    request = asked(cart).request
    assert pieces_of(request, request.scene) == {"floor"}
    assert pieces_of(request, request.items[0].links[0].pieces) == {"cart", "wheel"}
    assert len(request.items[0].links) == 1


def test_a_part_stands_for_its_object_whose_joints_are_links_at_rest(api, asked):
    from tests.blender.model_things import open_all

    frame = cabinet()
    open_all(0.7)
    placed = asked(bpy.data.objects["handle"]).request
    assert [item.name for item in placed.items] == ["frame"]
    links = placed.items[0].links
    assert sorted(link.name for link in links) == ["door", "drawer", "frame", "handle", "lid"]
    assert links[next(k.parent for k in links if k.name == "handle")].name == "door"
    open_all(0.0)
    assert asked(frame).request.geometry == placed.geometry


def test_something_in_a_drawer_is_placed_by_itself(api, asked):
    cabinet()
    mug, drawer = cuboid("mug", 0.1), bpy.data.objects["drawer"]
    mug.parent = drawer
    request = asked([mug, drawer.parent]).request  # the drawer's control
    assert [item.name for item in request.items] == ["frame"]
    request = asked(mug).request
    assert [(i.name, len(i.links)) for i in request.items] == [("mug", 1)]
    assert {"drawer", "frame"} <= pieces_of(request, request.scene)


def test_instances_are_part_of_the_scene(api, asked):
    group = bpy.data.collections.new("Chairs")
    group.objects.link(cuboid("chair"))
    bpy.context.scene.collection.objects.unlink(bpy.data.objects["chair"])
    for number in range(2):
        instance = bpy.data.objects.new(f"chairs {number}", None)
        instance.instance_type, instance.instance_collection = "COLLECTION", group
        instance.location.x = 3.0 * number
        bpy.context.scene.collection.objects.link(instance)
    request = asked(cuboid("cart")).request
    assert pieces_of(request, request.scene) == {"floor", "chairs 0", "chairs 1"}


def test_wishes_are_points_and_boxes_of_any_kind(api, asked):
    cart = cuboid("cart")
    half = math.sqrt(0.5)
    assert asked(cart).request.items[0].wish == asked(cart).request.items[0].wish
    assert asked(cart, at=(1, 2, 3)).request.items[0].wish.spot == (1.0, 2.0, 3.0)
    turned = asked(cart, box=((0, 0, 1), (1, 2, 3), Euler((0, 0, math.pi / 2)))).request
    assert turned.items[0].wish.size == (1.0, 2.0, 3.0)
    assert np.allclose(turned.items[0].wish.turn, (half, 0, 0, half))
    box = bpy.data.objects.new("box", None)
    box.empty_display_type, box.empty_display_size, box.scale = "CUBE", 0.5, (2, 3, 4)
    box.location = 1, 1, 1
    bpy.context.scene.collection.objects.link(box)
    wish = asked(cart, box=box).request.items[0].wish
    assert wish.centre == (1.0, 1.0, 1.0) and np.allclose(wish.size, (2, 3, 4))
    assert wish.turn is None
    mesh = cuboid("room", 2.0)
    request = asked(cart, box=mesh).request
    assert request.items[0].wish.centre == (1.0, 1.0, 1.0)
    assert pieces_of(request, request.scene) == {"floor"}  # the box is not stood upon


def test_hints_are_kept_with_the_objects_in_the_file(api, asked, tmp_path):
    cart, crate = cuboid("cart"), cuboid("crate")
    cart.tug_placing.upright, cart.tug_placing.against_wall = False, True
    cart.tug_placing.front, crate.tug_placing.locked = "X", True
    bpy.context.scene.tug_placing.wish = "CURSOR"
    job = answer(asked([cart, crate]), down(-1.0), np.eye(4))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "placing.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "placing.blend"))
    from bl_ext.user_default.tug import placements, runtime

    again = runtime.book.get(job.id)
    assert again.placements == job.placements and again.heats == job.heats
    assert bpy.context.scene.tug_placing.wish == "CURSOR"
    cart, crate = placements.objects_of(again)
    request = asked([cart, crate]).request
    first, second = request.items
    assert (first.upright, first.against_wall, first.locked) == (False, True, False)
    assert first.front == (1.0, 0.0, 0.0) and second.locked and second.upright
    assert not asked([cart, crate], locked=()).request.items[1].locked
    assert asked([cart, crate], upright=True).request.items[0].upright


def test_accept_is_one_undo_step_and_only_moves_what_is_free(api, asked):
    cart, crate = cuboid("cart", 1.0, (0, 0, 3)), cuboid("crate")
    crate.tug_placing.locked = True
    job = answer(asked([cart, crate]), down(-3.0), down(-9.0))
    push_undo("Before")
    before = state_of_file()
    press(bpy.ops.tug.accept_placement)
    assert np.allclose(matrix(bpy.data.objects["cart"]), down(-3.0))
    assert np.allclose(matrix(bpy.data.objects["crate"]), np.eye(4))
    from bl_ext.user_default.tug import placements

    assert placements.is_accepted(job)
    undo()
    assert state_of_file() == before and not placements.is_accepted(job)
    press(bpy.ops.tug.accept_placement)
    press(bpy.ops.tug.accept_placement)  # it is there already
    assert np.allclose(matrix(bpy.data.objects["cart"]), down(-3.0))


def test_reject_leaves_no_trace(api, asked):
    from bl_ext.user_default.tug import runtime

    job = answer(asked(cuboid("cart")), down(-1.0))
    before = state_of_file()
    assert bpy.ops.tug.reject_placement() == {"FINISHED"}
    assert state_of_file() == before and runtime.book.get(job.id) is None
    assert not bpy.ops.tug.accept_placement.poll()


def test_what_is_parented_comes_to_its_place_whatever_its_parent_is(api, asked):
    from bl_ext.user_default.tug import placements

    room, cart = bpy.data.objects.new("room", None), cuboid("cart")
    bpy.context.scene.collection.objects.link(room)
    room.location, room.rotation_euler, room.scale = (3, 2, 1), (0.2, 0.3, 0.4), (2, 2, 2)
    cart.parent, cart.location, cart.rotation_mode = room, (1, 1, 1), "QUATERNION"
    home = matrix(cart)
    moved, remarks = placements.put_into_scene(answer(asked(cart), down(-2.0)))
    assert moved == [cart] and remarks == []
    assert np.allclose(matrix(cart), down(-2.0) @ home, atol=1e-5)
    assert cart.parent == room


def test_a_child_placed_with_its_parents_parent_keeps_both_places(api, asked):
    """The tray is placed, and the mug on it is another item that hangs on it by an empty."""
    from bl_ext.user_default.tug import placements

    tray, mug = cuboid("tray"), cuboid("mug", 0.1)
    mug.parent = tray
    job = answer(asked([mug, tray]), down(-1.0))
    assert [item.name for item in job.request.items] == ["tray"]
    placements.put_into_scene(job)
    assert np.allclose(matrix(mug), down(-1.0))


def test_keys_constraints_and_uneven_parents_are_told_of(api, asked):
    from bl_ext.user_default.tug import placements

    keyed, held, skewed = cuboid("keyed"), cuboid("held"), cuboid("skewed")
    keyed.keyframe_insert("location", frame=1)
    keyed.keyframe_insert("rotation_euler", frame=1)
    held.constraints.new("LIMIT_LOCATION").use_min_z = True
    uneven = bpy.data.objects.new("uneven", None)
    bpy.context.scene.collection.objects.link(uneven)
    uneven.scale, skewed.parent, skewed.rotation_euler.z = (3, 1, 1), uneven, 0.5
    turn = np.array(Matrix.Rotation(0.6, 4, "Y"))
    job = answer(asked([keyed, held, skewed]), down(-1.0), down(-1.0), turn)
    _, remarks = placements.put_into_scene(job)
    said = " | ".join(remarks)
    assert job.remarks == tuple(remarks)
    assert "'keyed' has keys of its location and rotation" in said
    assert "hold 'held'" in said and "parent of 'skewed' is scaled unevenly" in said


def test_a_newer_answer_takes_the_place_of_an_older_one(api, asked, monkeypatch):
    from bl_ext.user_default.tug import arrivals, runtime

    cart, other = cuboid("cart"), cuboid("other")
    first, beside = answer(asked(cart), down(-1.0)), answer(asked(other), down(-1.0))
    second = answer(asked(cart), down(-2.0))
    zeros = np.zeros((0, 3), np.float32)
    monkeypatch.setattr(runtime.session(), "array", lambda job, blob: zeros)
    arrivals.arrived(second)
    assert [job.id for job in runtime.book] == [beside.id, second.id] and second.state == "done"
    assert runtime.book.get(first.id) is None


def test_errors_say_what_to_do(api, asked, tmp_path):
    cart = cuboid("cart")
    say = [
        (lambda: asked([]), "Nothing is selected"),
        (lambda: asked(cart, scene=[]), "nothing to stand on"),
        (lambda: asked(cart, scene=cart), "nothing to stand on"),
        (lambda: asked(cart, at=(0, 0, 0), box=cart), "one of the two"),
        (lambda: asked(cart, box=(1, 2)), "A box is"),
        (lambda: asked(cart, box=((0, 0, 0), (0, 1, 1), None)), "flat"),
        (lambda: asked(cart, locked=cart), "locked"),
        (lambda: asked("cart"), "no object"),
        (lambda: asked(add_mesh("cloud", [(0, 0, 0)], [])), "no visible faces"),
    ]
    for ask, sentence in say:
        with pytest.raises(api.TugError, match=sentence):
            ask()


def test_linked_objects_are_refused_in_words(api, tmp_path):
    cuboid("lamp")
    file = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(file, link=True) as (_, into):
        into.objects = ["lamp"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    cuboid("floor", 20.0, (-10, -10, -20))
    with pytest.raises(api.TugError, match="library override"):
        api.place(into.objects[0])


def test_the_operator_takes_what_is_selected_and_the_wish_of_the_scene(api, asked):
    from bl_ext.user_default.tug import runtime

    cart, box = cuboid("cart"), cuboid("box", 2.0)
    assert not bpy.ops.tug.place_in_scene.poll()
    cart.select_set(True)
    box.select_set(True)
    settings = bpy.context.scene.tug_placing
    settings.wish, settings.box_name = "BOX", "box"
    ask(bpy.context)
    wish = list(runtime.book)[-1].request.items
    assert [item.name for item in wish] == ["cart"] and wish[0].wish.size == (2.0, 2.0, 2.0)
    settings.wish = "CURSOR"
    bpy.context.scene.cursor.location = (1, 2, 0)
    box.select_set(False)
    ask(bpy.context)
    assert list(runtime.book)[-1].request.items[0].wish.spot == (1.0, 2.0, 0.0)


def ask(context):
    """Press the button, without waiting as a script does."""
    from bl_ext.user_default.tug.operators.place_in_scene import PlaceInScene

    PlaceInScene.asked(None, context)


def test_the_panel_says_how_it_stands_and_offers_the_decision(api, asked):
    from tests.blender.test_panels import draw

    cart = cuboid("cart")
    bpy.context.view_layer.objects.active = cart
    answer(asked(cart), down(-1.0))
    said = draw()
    assert "On floor" in said and "1 mm  (0.05 %)" in said and "Joints free" not in said
    assert "20 % inside" in said and "Accept | Reject" in said
    press(bpy.ops.tug.accept_placement)
    assert "Accepted | Show Overlay" in draw()


@pytest.fixture
def real(api, shared_real_backend):
    """The scripting door, connected to a backend that computes; there is a floor."""
    api.connect(connection_file=shared_real_backend.connection_file)
    cuboid("floor", 20.0, (-10, -10, -20))
    return api


def test_a_crate_in_the_air_comes_to_stand_on_what_is_below(real):
    crate, lid = cuboid("crate", 0.5), cuboid("lid", 0.1, (0.2, 0.2, 0.5))
    cuboid("table", 1.0, (1, 1, 0))
    lid.parent, crate.location = crate, (1.2, 1.2, 2.0)
    handle = real.place(crate)
    assert handle.report == () or handle.state == "done"
    handle.result(120.0)
    (found,) = handle.report
    assert "table" in found.support and found.penetration < 0.005 and abs(found.gap) < 0.005
    assert found.stability > 0.0 and matrix(crate)[2, 3] == 2.0
    assert handle.apply() == (crate,)
    assert np.allclose(matrix(crate)[:3, 3], (1.2, 1.2, 1.0), atol=0.01)
    assert np.allclose(matrix(lid), matrix(crate))


def test_a_point_and_a_turn_say_where_it_goes(real):
    crate = cuboid("crate", 0.5, (-0.25, -0.25, 0))
    cuboid("table", 1.0, (1, 1, 0))
    real.place(crate, at=(1.5, 1.5, 1.0), turn=Euler((0, 0, math.pi / 4))).apply()
    assert np.allclose(matrix(crate)[:3, 3], (1.5, 1.5, 1.0), atol=0.02)
    assert np.isclose(abs(matrix(crate)[1, 0]), math.sqrt(0.5), atol=0.01)


def test_an_articulated_object_keeps_its_joints_where_it_is_placed(real):
    from bl_ext.user_default.tug.scene import joints, parts

    from tests.blender.scene_things import slider, world_vertices

    body, drawer = cuboid("body", 1.0, (0, 0, 1)), cuboid("drawer", 0.8, (0.1, -0.1, 1.1))
    drawer.parent = body
    bpy.context.view_layer.update()
    control = joints.apply(drawer, parts.add_part(drawer), slider).control
    joints.set_open(control, "", 0.0)
    handle = real.place(drawer)
    handle.result(120.0)
    assert handle.name == "body" and len(handle.apply()) == 1
    pose = np.array(handle.report[0].pose)
    shut = world_vertices(drawer)
    joints.set_open(control, "", 1.0)
    way = pose[:3, :3] @ slider.axis * (slider.upper - slider.lower)
    assert np.allclose(world_vertices(drawer), shut + way, atol=1e-4)
    assert np.isclose(world_vertices(body)[:, 2].min(), 0.0, atol=0.01)


def test_a_mesh_whose_part_hangs_on_a_bone_goes_with_it(real):
    from bl_ext.user_default.tug.scene import joints, parts

    from tests.blender.scene_things import hinge, world_vertices

    box = cuboid("box", 1.0, (0, 0, 2))
    joints.apply(box, parts.add_part(box, "faces", "lid", faces=[5]), hinge)
    before = world_vertices(box)
    handle = real.place(box)
    handle.apply()
    pose = np.array(handle.report[0].pose)
    assert np.allclose(world_vertices(box), before @ pose[:3, :3].T + pose[:3, 3], atol=1e-4)
    assert np.isclose(world_vertices(box)[:, 2].min(), 0.0, atol=0.01)


def answered(obj, shift):
    """A finished job about an object, 2 units large, moved by `shift`, with marks along z."""
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.core import placing
    from bl_ext.user_default.tug.core.jobs import PlaceJob, new_job
    from bl_ext.user_default.tug.protocol.placement import PlaceItem, PlaceRequest
    from bl_ext.user_default.tug.scene.identity import identify

    bpy.context.view_layer.update()
    item = PlaceItem(name=obj.name, links=())
    request = PlaceRequest(geometry=(), scene=(), items=(item,))
    home = tuple(tuple(row) for row in obj.matrix_world)
    about = {"name": obj.name, "objects": (identify(obj),), "homes": (home,)}
    job = answer(new_job(PlaceJob, request, **about), np.array(Matrix.Translation(shift)))
    points = np.array([(0.01, -0.9, 0.01 * k) for k in range(100)], np.float32)
    distances = np.array([-0.1] * 50 + [0.0] * 50, np.float32)
    contacts = np.array([(-0.4, 0, 0), (0.4, 0, 0), (0.4, 0, 0.2)], np.float32)
    job.heats = (placing.heat(points, distances, contacts),)
    runtime.book.add(job)
    return job
