"""Trajectories on the ground, in the view, by clicks, closed, of curves and strokes; or none."""

import bpy
import numpy as np
from ways import all_of, draw, newest, points_of, set_up, take_cart, tool, use, wave


def steps(hands):
    yield from set_up(hands)
    yield from escape_leaves_nothing(hands)
    yield from draws_on_the_ground_and_in_the_view(hands)
    yield from clicks_points(hands)
    yield from closes_a_loop(hands)
    yield from uses_what_is_there(hands)
    yield from is_refused(hands)


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


def draws_on_the_ground_and_in_the_view(hands):
    cart = take_cart()
    path = [(-3.0, -2.2, 0.0), (-1.0, -2.5, 0.0), (1.0, -2.0, 0.0), (2.6, -1.0, 0.0)]
    yield from draw(hands, path, "G")
    yield from hands.shot("trajectory_ground")
    yield from hands.release()
    yield from hands.wait(10)
    points = points_of(newest())
    assert np.abs(points[:, 2]).max() < 1e-4 and np.abs(points[-1] - path[-1]).max() < 0.05
    take_cart()
    yield from draw(hands, [cart.matrix_world.translation, *wave()], "V")
    yield from hands.release()
    yield from hands.wait(10)
    points = points_of(newest())
    forward = -hands.view().view_matrix.to_3x3()[2]  # the rotation that was set is rounded
    depths = points @ np.array(forward)
    assert len(all_of()) == 2, "the stroke in the view plane was not taken"
    assert np.ptp(depths) < 1e-3, depths
    assert abs(depths[0] - forward.dot(cart.matrix_world.translation)) < 1e-3
    yield from hands.shot("trajectory_view")


def clicks_points(hands):
    count = len(all_of())
    take_cart()
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
    take_cart()
    for spot in places[:2]:
        yield from hands.click(hands.pixel(spot))
    yield from hands.click(hands.pixel(places[2]))
    assert hands.modals() == ["TUG_OT_draw_trajectory"]
    yield from hands.click()
    yield from hands.wait(6)
    assert not hands.modals() and len(all_of()) == count + 2
    assert len(newest().data.splines[0].bezier_points) == 3


def closes_a_loop(hands):
    take_cart()
    angles = np.linspace(0.0, 2.0 * np.pi, 24)
    ring = [(1.2 * np.cos(a), 0.9 * np.sin(a), 1.0) for a in angles]
    yield from draw(hands, ring)
    yield from hands.shot("trajectory_closing")
    yield from hands.release()
    yield from hands.wait(10)
    (spline,) = newest().data.splines
    assert spline.use_cyclic_u and len(spline.bezier_points) <= 8
    yield from hands.shot("trajectory_closed")


def uses_what_is_there(hands):
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
    cart = take_cart()
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
    pencil.select_set(False)
    use(hands, "builtin.annotate")
    yield from draw(hands, wave())
    yield from hands.release()
    cart = take_cart()
    yield from hands.wait(6)
    yield from hands.click_button("tug.use_stroke", (0.75,))
    yield from hands.wait(8)
    assert len(all_of()) == 3 and newest().tug_trajectory.target_name == "Cart"
    ends = [hands.pixel(point) for point in (points_of(newest())[-1], wave()[-1])]
    assert np.abs(np.subtract(*ends)).max() < 8.0
    yield from hands.shot("trajectory_from_annotation")
    use(hands, tool)


def is_refused(hands):
    """A click and Enter is no way; the file stays as it was."""
    take_cart()
    before = len(bpy.data.curves)
    yield from hands.click(hands.pixel((0, 0, 1)))
    yield from hands.key("RET")
    yield from hands.wait(4)
    assert not hands.modals() and len(bpy.data.curves) == before
    yield from hands.shot("trajectory_refused")
