"""A cart is animated along a drawn way, its door opens at a marker, and the keys follow edits."""

import bpy
import numpy as np
from tug import add_box, add_tube, connect, empty_scene, module
from ways import middle, points_of, undo


def steps(hands):
    yield from set_up(hands)
    curve = drawn()
    yield from hands.wait(10)
    yield from hands.shot("animate_before")
    yield from is_proposed(hands, curve)
    yield from is_accepted(hands)
    yield from follows_an_edit(hands)
    yield from is_removed_and_live(hands)


def set_up(hands):
    """Have a cart with a door and two wheels on the ground, and a wall in its way."""
    empty_scene()
    add_box("Floor", (12.0, 12.0, 0.2), (0.0, 0.0, -0.1))
    add_box("Wall", (0.3, 2.0, 1.5), (2.6, 1.4, 0.75))
    cart = add_box("Cart", (0.8, 1.2, 0.7), (0.0, 0.0, 0.2))
    cart.location = (-3.0, -3.0, 0.3)
    door = add_box("Door", (0.05, 0.8, 0.5), (-3.43, -3.0, 0.55))
    bpy.context.view_layer.update()
    adopt(cart, door)
    joint("Door", door, "revolute", (0, 0, 1), (-3.43, -2.6, 0.5), 1.7)
    for side in (-1, 1):
        wheel = add_tube(f"Wheel {side}", 0.3, 0.1, (-3.0 + 0.46 * side, -3.0, 0.3))
        wheel.rotation_euler = (0.0, np.pi / 2.0, 0.0)
        bpy.context.view_layer.update()
        adopt(cart, wheel)
        joint("Wheel", wheel, "continuous", (1, 0, 0), tuple(wheel.matrix_world.translation), 6.28)
    module("runtime").preferences().first_steps = False
    view = hands.view()
    view.view_perspective = "PERSP"
    view.view_location, view.view_distance = (0.0, -0.3, 0.3), 13.0
    view.view_rotation = (0.83, 0.46, 0.15, 0.27)
    yield from hands.open_sidebar()
    yield from connect(hands)


def adopt(parent, child):
    child.parent = parent
    child.matrix_parent_inverse = parent.matrix_world.inverted()
    bpy.context.view_layer.update()


def joint(name, obj, kind, axis, origin, upper):
    made = module("protocol.joint").Joint(
        type=kind, axis=axis, origin=origin, lower=0.0, upper=upper
    )
    part = module("scene.parts").add_part(obj, "object", name)
    module("scene.joints").apply(obj, part, made)


def drawn():
    """Draw the way, set markers and what is to happen; return the curve."""
    x = np.linspace(0.0, 1.0, 40)
    way = np.stack([-3.0 + 6.4 * x, -3.0 + 4.2 * x**2, np.full(40, 0.3)], axis=1)
    bpy.context.scene.frame_end = 97
    cart = bpy.data.objects["Cart"]
    curve = module("api").trajectory(way, cart, (1, 97), tolerance=0.005)
    for name, frame in (("Start", 10), ("Open", 40)):
        bpy.context.scene.timeline_markers.new(name, frame=frame).select = False
    module("api").set_timing(curve, "EASE")
    module("api").add_joint_step(curve, "Door", "Open", 1.0, 1.0)
    for obj in bpy.context.selected_objects:
        obj.select_set(False)
    curve.select_set(True)
    bpy.context.view_layer.objects.active = curve
    bpy.ops.ed.undo_push(message="Way")
    return curve


def is_proposed(hands, curve):
    runtime = module("runtime")
    yield from hands.move(middle(hands))
    bpy.ops.tug.animate("INVOKE_DEFAULT")
    yield from hands.until(
        lambda: any(job.finished for job in runtime.book), what="the proposed motion"
    )
    (job,) = runtime.book
    assert job.result, job.error
    bpy.context.scene.frame_set(60)
    yield from hands.wait(20)
    assert module("tools.animation_preview")._tracks[job.id]
    assert job.tracks[0].collisions[0].other == "Wall", job.tracks[0].collisions
    assert not bpy.data.objects["Cart"].animation_data and not curve.tug_animation.state
    yield from hands.shot("animate_proposed")


def is_accepted(hands):
    yield from hands.move(middle(hands))
    yield from hands.key("RET")
    yield from hands.wait(5)
    cart, curve = bpy.data.objects["Cart"], bpy.data.objects["Trajectory"]
    yield from hands.wait(10)
    for frame in (1, 40, 70, 97):
        bpy.context.scene.frame_set(frame)
        yield from hands.wait(4)
        yield from hands.shot(f"animate_frame_{frame}")
    path = points_of(curve)
    assert np.abs(np.array(cart.matrix_world.translation) - path[-1]).max() < 0.05
    control = curve.tug_animation.steps[0].control
    assert abs(module("scene.identity").find(control)["tug_open"] - 1.0) < 1e-3


def follows_an_edit(hands):
    runtime = module("runtime")
    curve = bpy.data.objects["Trajectory"]
    yield from hands.move(middle(hands))
    yield from hands.key("G")
    yield from hands.key("Y")
    yield from hands.type("-1")
    yield from hands.key("RET")
    yield from hands.until(
        lambda: curve.tug_animation.source == source(curve), what="the keys to follow"
    )
    yield from hands.wait(10)
    cart = bpy.data.objects["Cart"]
    assert np.abs(np.array(cart.matrix_world.translation) - points_of(curve)[-1]).max() < 0.05
    assert not len([job for job in runtime.book if not job.finished])
    yield from hands.shot("animate_followed")
    yield from undo(hands)
    yield from hands.wait(30)
    cart, curve = bpy.data.objects["Cart"], bpy.data.objects["Trajectory"]
    assert curve.tug_animation.source == source(curve)
    bpy.context.scene.frame_set(97)
    assert np.abs(np.array(cart.matrix_world.translation) - points_of(curve)[-1]).max() < 0.05


def source(curve):
    return module("scene.movers").source_of(curve, bpy.context.scene)


def is_removed_and_live(hands):
    cart, curve = bpy.data.objects["Cart"], bpy.data.objects["Trajectory"]
    with hands.override():
        bpy.ops.tug.remove_animation("EXEC_DEFAULT", True)
    yield from hands.wait(10)
    assert np.abs(np.array(cart.matrix_world.translation) - (-3.0, -3.0, 0.3)).max() < 1e-4
    curve.tug_animation.kind = "LIVE"
    with hands.override():
        bpy.ops.tug.animate_live("EXEC_DEFAULT", True)
    bpy.context.scene.frame_set(70)
    yield from hands.wait(10)
    assert cart.constraints and curve.tug_animation.state == "LIVE"
    yield from hands.shot("animate_live")
