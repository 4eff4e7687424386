"""Trajectories in the scene: drawn, taken from curves and strokes, timed, kept, undone."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.scene_things import cuboid, redo, undo

turn = np.linspace(0.0, 3.0, 80)
arc = np.stack([2.0 * np.cos(turn), 2.0 * np.sin(turn), 0.2 * turn], axis=1)


@pytest.fixture
def trajectories(api):
    from bl_ext.user_default.tug.scene import trajectories

    bpy.context.scene.tool_settings.use_keyframe_insert_auto = False
    return trajectories


@pytest.fixture
def preview(api):
    from bl_ext.user_default.tug.tools import trajectory_preview

    return trajectory_preview


@pytest.fixture
def mover(trajectories):
    obj = cuboid("Cart", 0.5)
    make_active(obj)
    return obj


def make_active(*objects):
    for obj in bpy.context.selected_objects:
        obj.select_set(False)
    for obj in objects:
        obj.select_set(True)
    bpy.context.view_layer.objects.active = objects[-1] if objects else None


def off(points, way):
    """How far points are at most from a polyline."""
    from bl_ext.user_default.tug.core.strokes import resampled

    dense = resampled(way, 0.002)
    return max(np.linalg.norm(dense - point, axis=1).min() for point in points)


def stroke(points):
    return [{"name": "", "location": tuple(point)} for point in points]


def new_curve(name, kind, points, **settings):
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    add_spline(data, kind, points, **settings)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def add_spline(data, kind, points, **settings):
    spline = data.splines.new(kind)
    of = spline.bezier_points if kind == "BEZIER" else spline.points
    of.add(len(points) - 1)
    for point, place in zip(of, points, strict=True):
        point.co = place if kind == "BEZIER" else (*place, 1.0)
        if kind == "BEZIER":
            point.handle_left_type = point.handle_right_type = "AUTO"
    for name, value in settings.items():
        setattr(spline, name, value)
    return spline


def trajectory_curves():
    return [obj for obj in bpy.data.objects if obj.tug_trajectory.is_trajectory]


def test_a_drawn_stroke_is_an_ordinary_curve_with_few_points(trajectories, mover):
    bpy.context.scene.frame_set(10)
    bpy.context.scene.render.fps = 30
    assert bpy.ops.tug.draw_trajectory(points=stroke(arc)) == {"FINISHED"}
    (obj,) = trajectory_curves()
    settings = obj.tug_trajectory
    assert obj.type == "CURVE" and bpy.context.active_object == obj and obj.select_get()
    assert (settings.frame_start, settings.frame_end) == (10, 70)
    assert trajectories.target_of(obj) == mover and settings.target_name == "Cart"
    points = obj.data.splines[0].bezier_points
    assert len(points) <= 4 and {p.handle_left_type for p in points} == {"ALIGNED"}
    path = trajectories.path_of(obj)
    assert path.points[[0, -1]] == pytest.approx(arc[[0, -1]], abs=1e-5)
    assert off(arc, path.points) < 0.05


def test_what_blender_draws_is_what_is_followed(trajectories):
    for fitted in (None, 0.01):
        obj = trajectories.draw(arc[::8] if fitted is None else arc, None, tolerance=fitted)
        bpy.context.view_layer.update()
        evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        seen = np.array([obj.matrix_world @ v.co for v in evaluated.to_mesh().vertices])
        path = trajectories.path_of(obj).points
        assert off(seen, path) < 5e-3


def test_clicked_points_are_all_met_and_keep_automatic_handles(trajectories, mover):
    clicks = [(0, 0, 0), (1, 0, 0), (1, 1, 0.5)]
    bpy.ops.tug.draw_trajectory(points=stroke(clicks), clicked=True, closed=True)
    (spline,) = trajectory_curves()[0].data.splines
    assert spline.use_cyclic_u
    assert [p.handle_left_type for p in spline.bezier_points] == ["AUTO"] * 3
    assert np.array([p.co for p in spline.bezier_points]) == pytest.approx(np.array(clicks))
    assert (spline.bezier_points[1].handle_left - spline.bezier_points[1].co).length > 0.1


def test_undo_takes_the_curve_away_and_redo_brings_all_back(trajectories, mover):
    bpy.ops.ed.undo_push(message="before")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.tug.draw_trajectory("EXEC_DEFAULT", True, points=stroke(arc))
    undo()
    assert not trajectory_curves() and bpy.context.active_object.name == "Cart"
    assert not [c for c in bpy.data.curves if c.users]
    redo()
    (obj,) = trajectory_curves()
    assert obj.tug_trajectory.target_name == "Cart" and trajectories.shown(bpy.context) == obj


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([(1, 1, 1)], "stays in one place"),
        ([(1, 1, 1)] * 5, "stays in one place"),
        ([(0, 0, 0), (float("nan"), 0, 0)], "not finite"),
        ([], "no points"),
    ],
)
def test_a_bad_stroke_leaves_nothing(trajectories, mover, points, said):
    for clicked in (False, True):
        with pytest.raises(RuntimeError, match=said):
            bpy.ops.tug.draw_trajectory(points=stroke(points), clicked=clicked)
    assert not trajectory_curves() and not bpy.data.curves


def test_a_second_stroke_is_for_the_same_object(trajectories, mover):
    bpy.ops.tug.draw_trajectory(points=stroke(arc))
    bpy.ops.tug.draw_trajectory(points=stroke(arc[::-1]))
    assert [obj.tug_trajectory.target_name for obj in trajectory_curves()] == ["Cart", "Cart"]
    make_active(mover)
    assert trajectories.shown(bpy.context).name == "Trajectory.001"


def test_without_a_selected_object_it_is_for_none(trajectories, mover):
    mover.select_set(False)
    bpy.ops.tug.draw_trajectory(points=stroke(arc))
    assert trajectory_curves()[0].tug_trajectory.target == ""


def test_any_kind_of_curve_becomes_one_in_place(trajectories, mover):
    ring = [(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0)]
    for kind, settings in (
        ("BEZIER", {}),
        ("POLY", {"use_cyclic_u": True}),
        ("NURBS", {"use_cyclic_u": True, "order_u": 4}),
        ("NURBS", {"use_endpoint_u": True, "order_u": 3}),
    ):
        curve = new_curve("Way", kind, ring, **settings)
        curve.scale, curve.location = (2, 2, 2), (0, 0, 5)
        before = len(bpy.data.objects)
        make_active(mover, curve)
        assert bpy.ops.tug.use_curve() == {"FINISHED"}
        assert len(bpy.data.objects) == before and curve.tug_trajectory.target_name == "Cart"
        path = trajectories.path_of(curve)
        assert path.points[:, 2] == pytest.approx(np.full(len(path.points), 5.0))
        closed = bool(settings.get("use_cyclic_u"))
        assert np.allclose(path.points[0], path.points[-1]) == closed
        assert np.abs(path.points[:, :2]).max() <= 2.2
        assert bpy.ops.tug.remove_trajectory() == {"FINISHED"}
        assert not curve.tug_trajectory.is_trajectory and curve.name in bpy.data.objects


@pytest.mark.parametrize("order", [2, 3, 4, 5])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("bezier", [False, True])
def test_nurbs_are_followed_as_blender_draws_them(trajectories, order, closed, ends, bezier):
    places = np.random.default_rng(order).normal(0.0, 1.0, (12, 3))
    curve = new_curve("Way", "NURBS", places)
    (spline,) = curve.data.splines
    for index, point in enumerate(spline.points):
        point.co[3] = 1.0 + 0.1 * index
    spline.order_u, spline.use_cyclic_u = order, closed
    spline.use_endpoint_u, spline.use_bezier_u = ends, bezier
    curve.data.resolution_u = 64
    evaluated = curve.evaluated_get(bpy.context.evaluated_depsgraph_get())
    seen = np.array([tuple(vertex.co) for vertex in evaluated.to_mesh().vertices])
    path = trajectories.path_of(curve).points
    if len(seen):
        assert path[0] == pytest.approx(seen[0], abs=1e-4)
        assert off(seen, path) < 0.01
    else:
        assert path[: len(places)] == pytest.approx(places, abs=1e-5)


def test_of_several_splines_the_longest_is_followed(trajectories, mover):
    curve = new_curve("Ways", "POLY", [(0, 0, 0), (1, 0, 0)])
    add_spline(curve.data, "POLY", [(0, 5, 0), (7, 5, 0)])
    make_active(mover, curve)
    bpy.ops.tug.use_curve()
    path = trajectories.path_of(curve)
    assert path.length == pytest.approx(7.0)
    assert bpy.ops.tug.reverse_trajectory() == {"FINISHED"}
    assert trajectories.path_of(curve).points[0] == pytest.approx((7, 5, 0))
    assert tuple(curve.data.splines[0].points[0].co)[:3] == (0, 0, 0)


def test_modifiers_and_shape_keys_of_the_curve_count(trajectories):
    curve = new_curve("Way", "POLY", [(0, 0, 0), (1, 0, 0)])
    hook = curve.modifiers.new("Hook", "HOOK")
    hook.object = bpy.data.objects.new("Handle", None)
    bpy.context.scene.collection.objects.link(hook.object)
    hook.vertex_indices_set([1])
    hook.object.location.z = 3.0
    assert trajectories.path_of(curve).points[-1] == pytest.approx((1, 0, 3))
    shaped = new_curve("Shaped", "BEZIER", [(0, 0, 0), (1, 0, 0)])
    shaped.shape_key_add(name="Basis")
    key = shaped.shape_key_add(name="Up")
    key.data[1].co = (1, 0, 2)
    key.value = 1.0
    assert trajectories.path_of(shaped).points[-1] == pytest.approx((1, 0, 2))


def test_what_is_no_way_is_refused_in_words(trajectories, api, mover):
    from bl_ext.user_default.tug.protocol.errors import TugError

    empty = bpy.data.objects.new("Empty", bpy.data.curves.new("Empty", "CURVE"))
    still = new_curve("Still", "POLY", [(1, 1, 1), (1, 1, 1)])
    for path, said in ((mover, "is no curve"), (empty, "no points"), (still, "no length")):
        with pytest.raises(TugError, match=said):
            api.trajectory(path, mover)
    with pytest.raises(TugError, match="not after the start"):
        api.trajectory(arc, mover, (10, 10))
    with pytest.raises(TugError, match="two whole numbers"):
        api.trajectory(arc, mover, (10,))
    assert not trajectory_curves()


def test_a_linked_curve_is_refused_and_a_linked_target_is_fine(trajectories, api, mover, tmp_path):
    from bl_ext.user_default.tug.protocol.errors import TugError

    curve = new_curve("Lent", "BEZIER", [(0, 0, 0), (1, 0, 0)])
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {curve, mover})
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, into):
        into.objects = ["Lent", "Cart"]
    lent, cart = into.objects
    for obj in into.objects:
        bpy.context.scene.collection.objects.link(obj)
    with pytest.raises(TugError, match="is linked"):
        api.trajectory(lent, cart)
    obj = api.trajectory(arc, cart, tolerance=0.01)
    assert trajectories.target_of(obj) == cart


def test_the_end_is_kept_after_the_start(trajectories, api, mover):
    obj = api.trajectory(arc, mover, (1, 49))
    settings = obj.tug_trajectory
    settings.frame_start = 60
    assert (settings.frame_start, settings.frame_end) == (60, 61)
    settings.frame_end = 20
    assert (settings.frame_start, settings.frame_end) == (19, 20)
    assert bpy.ops.tug.set_trajectory_frame(end="END", frame=80) == {"FINISHED"}
    assert settings.frame_end == 80
    with pytest.raises(RuntimeError, match="not after the start"):
        bpy.ops.tug.set_trajectory_frame(end="START", frame=80)
    assert (settings.frame_start, settings.frame_end) == (19, 80)


def test_a_grease_pencil_stroke_is_fitted(trajectories, api, mover):
    pencil = new_pencil(arc)
    pencil.location = (0, 0, 1)
    bpy.context.view_layer.update()
    make_active(mover, pencil)
    assert bpy.ops.tug.use_stroke() == {"FINISHED"}
    (obj,) = trajectory_curves()
    assert obj.tug_trajectory.target_name == "Cart" and pencil.name in bpy.data.objects
    path = trajectories.path_of(obj)
    assert path.points[0] == pytest.approx(arc[0] + (0, 0, 1), abs=1e-4)
    assert len(obj.data.splines[0].bezier_points) <= 4
    again = api.trajectory(pencil, mover, (5, 9))
    assert again.tug_trajectory.frame_start == 5


def new_pencil(points):
    sort = "grease_pencils" if bpy.app.version >= (5, 0) else "grease_pencils_v3"
    data = getattr(bpy.data, sort).new("Pencil")
    layer = data.layers.new("Lines")
    drawing = layer.frames.new(1).drawing
    drawing.add_strokes([2, len(points)])
    for point, place in zip(drawing.strokes[1].points, points, strict=True):
        point.position = place
    data.layers.active = layer
    pencil = bpy.data.objects.new("Pencil", data)
    bpy.context.scene.collection.objects.link(pencil)
    return pencil


def test_without_any_stroke_there_is_a_sentence(trajectories, mover):
    with pytest.raises(RuntimeError, match="no stroke to use"):
        bpy.ops.tug.use_stroke()
    sort = "grease_pencils" if bpy.app.version >= (5, 0) else "grease_pencils_v3"
    bare = bpy.data.objects.new("Bare", getattr(bpy.data, sort).new("Bare"))
    bpy.context.scene.collection.objects.link(bare)
    make_active(bare)
    with pytest.raises(RuntimeError, match="no stroke at this frame"):
        bpy.ops.tug.use_stroke()


def test_reversing_keeps_the_shape(trajectories, api, mover):
    obj = api.trajectory(arc, mover, tolerance=0.01)
    before = trajectories.path_of(obj)
    make_active(obj)
    bpy.ops.tug.reverse_trajectory()
    after = trajectories.path_of(obj)
    assert after.points == pytest.approx(before.points[::-1], abs=1e-5)
    bpy.context.view_layer.update()
    assert trajectories.path_of(obj).points == pytest.approx(after.points)


def test_control_points_moved_in_edit_mode_move_the_way(trajectories, api, mover):
    obj = api.trajectory([(0, 0, 0), (1, 0, 0), (2, 0, 0)], mover)
    make_active(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    obj.data.splines[0].bezier_points[1].co.z = 4.0
    path = trajectories.path_of(obj)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert path.points[:, 2].max() == pytest.approx(4.0)
    assert trajectories.path_of(obj).points[:, 2].max() == pytest.approx(4.0)
    assert (obj.tug_trajectory.frame_start, obj.tug_trajectory.frame_end) == (1, 49)


def test_the_target_outlives_renaming_and_its_deletion_is_noticed(trajectories, api, mover):
    obj = api.trajectory(arc, mover)
    mover.name = "Waggon"
    assert obj.tug_trajectory.target_name == "Waggon"
    bpy.data.objects.remove(mover)
    assert obj.tug_trajectory.target_name == "" and obj.tug_trajectory.target
    make_active(obj)
    assert bpy.ops.tug.remove_trajectory() == {"FINISHED"} and not trajectory_curves()


def test_a_trajectory_is_not_for_itself(trajectories, api, mover):
    obj = api.trajectory(arc, mover)
    obj.tug_trajectory.target_name = obj.name
    assert trajectories.target_of(obj) == mover
    obj.tug_trajectory.target_name = ""
    assert trajectories.target_of(obj) is None


def test_a_saved_file_keeps_it(trajectories, api, mover, tmp_path):
    obj = api.trajectory(arc, mover, (3, 30), tolerance=0.01)
    length = trajectories.path_of(obj).length
    file = tmp_path / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(file))
    (obj,) = trajectory_curves()
    settings = obj.tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (3, 30)
    assert settings.target_name == "Cart"
    assert trajectories.path_of(obj).length == pytest.approx(length)
    make_active(trajectories.target_of(obj))
    assert trajectories.shown(bpy.context) == obj


def test_the_slider_follows_the_timeline_until_it_is_moved(trajectories, api, mover, preview):
    obj = api.trajectory([(0, 0, 0), (4, 0, 0)], mover, (1, 41))
    make_active(obj)
    manager, scene = bpy.context.window_manager, bpy.context.scene
    for frame, share in ((1, 0.0), (11, 0.25), (41, 1.0), (90, 1.0)):
        scene.frame_set(frame)
        assert manager.tug_along == pytest.approx(share)
    scene.frame_set(11)
    manager.tug_along = 0.75
    preview.prepare(obj.name)
    assert preview.place(bpy.context, obj).x == pytest.approx(3.0, abs=0.05)
    scene.frame_set(21)
    assert manager.tug_along == pytest.approx(0.5)


def test_the_preview_follows_what_it_depends_on(trajectories, api, mover, preview):
    obj = api.trajectory([(0, 0, 0), (4, 0, 0)], mover, (1, 41))
    make_active(obj)
    bpy.context.view_layer.update()
    preview.prepare(obj.name)
    known = preview.preview_of(obj)
    assert obj.session_uid not in preview._stale
    obj.data.splines[0].bezier_points[1].co.x = 9.0
    bpy.context.view_layer.update()
    assert obj.session_uid in preview._stale
    preview.prepare(obj.name)
    assert preview.preview_of(obj).path.length > known.path.length + 1.0
    obj.location.z = 2.0
    bpy.context.view_layer.update()
    assert obj.session_uid in preview._stale
    preview.prepare(obj.name)
    mover.location.x = 1.0
    bpy.context.view_layer.update()
    assert obj.session_uid not in preview._stale
    obj.data.splines.clear()
    preview.prepare(obj.name)
    assert "no points" in preview.preview_of(obj).problem


def test_the_ghost_is_read_again_when_its_shape_changes(trajectories, api, mover, preview):
    obj = api.trajectory(arc, mover)
    bpy.context.view_layer.update()
    preview.prepare_ghost(mover.name)
    assert preview._ghosts[mover.session_uid]
    mover.location.x = 5.0
    bpy.context.view_layer.update()
    assert mover.session_uid not in preview._stale
    mover.data.vertices[0].co.x = -3.0
    mover.data.update()
    bpy.context.view_layer.update()
    assert mover.session_uid in preview._stale
    nothing = bpy.data.objects.new("Nothing", None)
    bpy.context.scene.collection.objects.link(nothing)
    preview.prepare_ghost("Nothing")
    assert preview._ghosts[nothing.session_uid] is None
    preview.prepare_ghost("gone")
    bpy.data.objects.remove(obj)
    preview.prepare("Trajectory")


def test_duplicates_are_trajectories_of_the_same_object(trajectories, api, mover):
    obj = api.trajectory(arc, mover)
    copy = obj.copy()
    copy.data = obj.data.copy()
    bpy.context.scene.collection.objects.link(copy)
    bpy.context.view_layer.update()
    assert trajectories.of_target(mover) == [obj, copy]
    bpy.data.objects.remove(obj)
    bpy.context.view_layer.update()
    assert trajectories.of_target(mover) == [copy]
