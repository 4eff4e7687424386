"""A trajectory is drawn on a table, on the ground, in the view, by clicks; timed, edited."""

import bpy
import numpy as np
from mathutils import Vector
from tug import add_box, empty_scene, module

tool = "tug.trajectory"


def steps(hands):
    empty_scene()
    add_box("Table", (4.0, 3.0, 1.0), (0.0, 0.0, 0.5))
    cart = add_box("Cart", (0.4, 0.3, 0.3), (-1.5, -1.0, 1.15))
    bpy.ops.ed.undo_push(message="Table and Cart")
    look(hands)
    yield from hands.open_sidebar()
    with hands.override():
        bpy.ops.wm.tool_set_by_id(name=tool)
    yield from hands.wait(5)
    yield from draws_freehand_on_a_surface(hands, cart)
    yield from frames_are_dragged(hands)
    yield from the_ghost_follows(hands)
    yield from a_control_point_is_moved(hands)
    yield from undone_and_redone(hands)
    yield from escape_leaves_nothing(hands)
    yield from draws_on_the_ground_and_in_the_view(hands, cart)
    yield from clicks_points(hands, cart)
    yield from closes_a_loop(hands, cart)
    yield from uses_what_is_there(hands, cart)
    yield from is_refused(hands, cart)


def look(hands):
    view = hands.view()
    view.view_perspective = "PERSP"
    view.view_location, view.view_distance = (0.0, 0.0, 0.8), 9.0
    view.view_rotation = (0.83, 0.46, 0.15, 0.27)


def take(obj):
    """Select an object, as a click does."""
    for other in bpy.context.selected_objects:
        other.select_set(False)
    obj.select_set(True)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.ed.undo_push(message="Select")


def newest():
    return max(all_of(), key=lambda obj: obj.session_uid)


def all_of():
    return [obj for obj in bpy.data.objects if obj.tug_trajectory.is_trajectory]


def points_of(obj):
    return module("scene.trajectories").path_of(obj).points


def draw(hands, places, *keys):
    """Draw through world points, pressing keys on the way."""
    pixels = [hands.pixel(place) for place in places]
    yield from hands.move(pixels[0])
    yield from hands.press()
    for key in keys:
        yield from hands.key(key)
    for pixel in pixels[1:]:
        yield from hands.move(pixel)
    yield from hands.wait(2)


def wave():
    x = np.linspace(-1.4, 1.6, 12)
    return [(a, 0.5 * np.sin(2.0 * a) - 0.5, 1.0) for a in x]


def draws_freehand_on_a_surface(hands, cart):
    take(cart)
    yield from draw(hands, [(-1.5, -1.0, 1.3), *wave()])
    assert hands.modals() == ["TUG_OT_draw_trajectory"]
    yield from hands.shot("trajectory_drawing")
    yield from hands.release()
    yield from hands.wait(12)
    assert not hands.modals()
    (obj,) = all_of()
    assert bpy.context.active_object == obj
    assert obj.tug_trajectory.target_name == "Cart"
    points = points_of(obj)
    # The press was on the cart, which is ignored: the stroke lies on the table behind it.
    assert np.abs(points[:, 2] - 1.0).max() < 0.02, points[:, 2]
    assert np.abs(points[-1] - wave()[-1]).max() < 0.02
    assert len(obj.data.splines[0].bezier_points) <= 10
    yield from hands.shot("trajectory_drawn")


def flag(hands, end):
    """Return where the handle of an end is, in window pixels."""
    obj = module("scene.trajectories").shown(bpy.context)
    handles = module("tools.trajectory_handles")
    unit = bpy.context.preferences.system.ui_scale
    x, y = hands.pixel(points_of(obj)[-1 if end else 0])
    return x + (1 if end else -1) * handles.lean * unit, y + handles.pole * unit


def frames_are_dragged(hands):
    settings = newest().tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (1, 49)
    x, y = flag(hands, 1)
    yield from hands.move((x, y))
    yield from hands.wait(3)
    yield from hands.shot("trajectory_handle_hover")
    yield from hands.press()
    yield from hands.move((x + 60, y + 5))
    assert hands.modals() == ["TUG_OT_set_trajectory_frame"], hands.modals()
    yield from hands.shot("trajectory_handle_drag")
    yield from hands.release()
    yield from hands.wait(4)
    unit = bpy.context.preferences.system.ui_scale
    assert settings.frame_end == 49 + round(60 / (6 * unit)), settings.frame_end
    here = settings.frame_end
    yield from hands.move(flag(hands, 1))
    yield from hands.wait(3)
    yield from hands.press()
    yield from hands.move((x + 150, y))
    yield from hands.key("ESC")
    yield from hands.release()
    yield from hands.wait(3)
    assert settings.frame_end == here and not hands.modals()
    yield from undo(hands)
    assert newest().tug_trajectory.frame_end == 49
    x, y = flag(hands, 0)
    yield from hands.move((x, y))
    yield from hands.wait(3)
    yield from hands.press()
    yield from hands.move((x + 9, y))
    yield from hands.type("25")
    yield from hands.key("RET")
    yield from hands.release()
    yield from hands.wait(3)
    settings = newest().tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (25, 49)
    assert not hands.modals() and len(all_of()) == 1


def undo(hands, redo=False):
    yield from hands.move(middle(hands))
    hands.hold("ctrl", *(["shift"] if redo else []))
    yield from hands.key("Z")
    hands.hold()
    yield from hands.wait(10)


def middle(hands):
    region = hands.region()
    return region.x + 0.35 * region.width, region.y + 0.2 * region.height


def place(obj):
    return module("tools.trajectory_preview").place(bpy.context, obj)


def the_ghost_follows(hands):
    obj, scene = newest(), bpy.context.scene
    points = points_of(obj)
    scene.frame_set(25)
    yield from hands.wait(8)
    assert np.abs(np.array(place(obj)) - points[0]).max() < 1e-3
    scene.frame_set(37)
    yield from hands.wait(8)
    half = np.array(place(obj))
    assert np.linalg.norm(half - points[0]) > 0.5
    yield from hands.shot("trajectory_ghost")
    bpy.context.window_manager.tug_along = 1.0
    yield from hands.wait(4)
    assert np.abs(np.array(place(obj)) - points[-1]).max() < 1e-3
    scene.frame_set(38)
    yield from hands.wait(4)
    assert np.abs(np.array(place(obj)) - points[-1]).max() > 0.5


def a_control_point_is_moved(hands):
    obj = newest()
    before = points_of(obj)
    with hands.override():
        bpy.ops.wm.tool_set_by_id(name="builtin.select_box")
    yield from hands.move(middle(hands))
    yield from hands.key("TAB")
    yield from hands.wait(8)
    assert obj.mode == "EDIT"
    knot = obj.data.splines[0].bezier_points[1]
    at = obj.matrix_world @ knot.co
    yield from hands.click(hands.pixel(at))
    assert knot.select_control_point
    yield from hands.key("G")
    yield from hands.key("Z")
    yield from hands.type("1")
    yield from hands.shot("trajectory_edit_mode")
    yield from hands.key("RET")
    yield from hands.wait(10)
    obj = newest()
    preview = module("tools.trajectory_preview").preview_of(obj)
    assert abs(preview.path.points[:, 2].max() - before[:, 2].max() - 1.0) < 0.2
    yield from hands.shot("trajectory_edited")
    yield from hands.key("TAB")
    yield from hands.wait(5)
    assert obj.mode == "OBJECT"
    assert abs(points_of(obj)[:, 2].max() - before[:, 2].max() - 1.0) < 0.2
    settings = obj.tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (25, 49)
    with hands.override():
        bpy.ops.wm.tool_set_by_id(name=tool)
    yield from hands.wait(4)


def undone_and_redone(hands):
    lifted = points_of(newest())[:, 2].max()
    assert lifted > 1.5
    for _ in range(12):
        yield from undo(hands)
        if not all_of():
            break
    assert not all_of() and not [c for c in bpy.data.curves if c.users]
    assert bpy.context.active_object.name == "Cart"
    yield from hands.shot("trajectory_undone")
    for _ in range(12):
        yield from undo(hands, redo=True)
    (obj,) = all_of()
    if obj.mode != "OBJECT":
        yield from hands.key("TAB")
        yield from hands.wait(5)
    assert abs(points_of(obj)[:, 2].max() - lifted) < 1e-4
    assert obj.tug_trajectory.target_name == "Cart"
    settings = obj.tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (25, 49)
    yield from hands.shot("trajectory_redone")


def escape_leaves_nothing(hands):
    before = sorted(bpy.data.objects.keys()), sorted(bpy.data.curves.keys())
    for button in ("ESC", "RIGHTMOUSE"):
        yield from draw(hands, wave())
        yield from hands.key(button)
        yield from hands.release()
        yield from hands.wait(3)
        assert not hands.modals()
    yield from hands.click(hands.pixel((0, 0, 1)))
    yield from hands.move(hands.pixel((1, 0, 1)))
    assert hands.modals() == ["TUG_OT_draw_trajectory"]
    yield from hands.key("ESC")
    assert not hands.modals()
    assert (sorted(bpy.data.objects.keys()), sorted(bpy.data.curves.keys())) == before


def draws_on_the_ground_and_in_the_view(hands, cart):
    take(cart)
    path = [(-3.0, -2.2, 0.0), (-1.0, -2.5, 0.0), (1.0, -2.0, 0.0), (2.6, -1.0, 0.0)]
    yield from draw(hands, path, "G")
    yield from hands.shot("trajectory_ground")
    yield from hands.release()
    yield from hands.wait(10)
    points = points_of(newest())
    assert np.abs(points[:, 2]).max() < 1e-4 and np.abs(points[-1] - path[-1]).max() < 0.05
    take(cart)
    yield from draw(hands, [cart.matrix_world.translation, *wave()], "V")
    yield from hands.release()
    yield from hands.wait(10)
    points = points_of(newest())
    forward = hands.view().view_rotation @ Vector((0, 0, -1))
    depths = points @ np.array(forward)
    assert np.ptp(depths) < 1e-3
    assert abs(depths[0] - forward.dot(cart.matrix_world.translation)) < 1e-3
    yield from hands.shot("trajectory_view")


def clicks_points(hands, cart):
    count = len(all_of())
    take(cart)
    places = [(-1.2, -1.0, 1.0), (-0.2, 0.6, 1.0), (0.8, -0.8, 1.0)]
    for spot in (*places, (1.5, 0.9, 1.0)):
        yield from hands.click(hands.pixel(spot))
    yield from hands.move(hands.pixel((1.7, 0.0, 1.0)))
    yield from hands.shot("trajectory_clicking")
    yield from hands.key("BACK_SPACE")
    hands.hold("ctrl")
    yield from hands.key("Z")
    hands.hold()
    yield from hands.click(hands.pixel(places[2]))
    assert len(all_of()) == count
    yield from hands.key("RET")
    yield from hands.wait(10)
    obj = newest()
    knots = [obj.matrix_world @ point.co for point in obj.data.splines[0].bezier_points]
    assert np.abs(np.array(knots) - places).max() < 0.02 and len(all_of()) == count + 1
    assert {p.handle_left_type for p in obj.data.splines[0].bezier_points} == {"AUTO"}
    yield from hands.shot("trajectory_clicked")
    take(cart)
    for spot in places[:2]:
        yield from hands.click(hands.pixel(spot))
    yield from hands.move(hands.pixel(places[2]))
    yield from hands.press()
    yield from hands.release()
    hands.event("LEFTMOUSE", "DOUBLE_CLICK")
    yield
    yield from hands.release()
    yield from hands.wait(6)
    assert not hands.modals() and len(all_of()) == count + 2
    assert len(newest().data.splines[0].bezier_points) == 3


def closes_a_loop(hands, cart):
    take(cart)
    angles = np.linspace(0.0, 2.0 * np.pi, 24)
    ring = [(1.2 * np.cos(a), 0.9 * np.sin(a), 1.0) for a in angles]
    yield from draw(hands, ring)
    yield from hands.shot("trajectory_closing")
    yield from hands.release()
    yield from hands.wait(10)
    (spline,) = newest().data.splines
    assert spline.use_cyclic_u and len(spline.bezier_points) <= 8
    yield from hands.shot("trajectory_closed")


def uses_what_is_there(hands, cart):
    for obj in all_of():
        bpy.data.objects.remove(obj)
    data = bpy.data.curves.new("Rail", "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("NURBS")
    spline.points.add(3)
    for point, co in zip(
        spline.points, [(-2, 1, 1), (-1, 2, 1), (1, 0, 1), (2, 1, 1)], strict=True
    ):
        point.co = (*co, 1.0)
    spline.use_endpoint_u = True
    rail = bpy.data.objects.new("Rail", data)
    bpy.context.scene.collection.objects.link(rail)
    take(cart)
    rail.select_set(True)
    bpy.context.view_layer.objects.active = rail
    yield from hands.wait(6)
    yield from hands.click_button("tug.use_curve", (0.25,))
    yield from hands.wait(8)
    assert all_of() == [rail] and rail.tug_trajectory.target_name == "Cart"
    yield from hands.shot("trajectory_from_curve")
    with hands.override():
        bpy.ops.object.select_all(action="DESELECT")
        bpy.ops.object.grease_pencil_add(type="STROKE")
    pencil = bpy.context.active_object
    pencil.location = (0, 0, 1.05)
    cart.select_set(True)
    yield from hands.wait(6)
    yield from hands.click_button("tug.use_stroke", (0.75,))
    yield from hands.wait(8)
    assert len(all_of()) == 2 and newest().tug_trajectory.target_name == "Cart"
    assert len(newest().data.splines[0].bezier_points) < 12
    yield from hands.shot("trajectory_from_stroke")


def is_refused(hands, cart):
    """A click and Enter is no way; the file stays as it was."""
    take(cart)
    before = len(bpy.data.curves)
    yield from hands.click(hands.pixel((0, 0, 1)))
    yield from hands.key("RET")
    yield from hands.wait(4)
    assert not hands.modals() and len(bpy.data.curves) == before
    yield from hands.shot("trajectory_refused")
