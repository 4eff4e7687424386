"""Drags pulled in an orthographic, a camera's and a quad view, at 200 %, and from the sidebar."""

import bpy
from mathutils import Quaternion, Vector
from tug import cabinet, empty_scene, look, module, use_drag_tool

start = (0.3, -0.255, 0.6)


def steps(hands):
    parts = module("scene.parts")
    empty_scene()
    _, door, _ = cabinet()
    parts.add_part(door)
    look(hands, 3.0)
    yield from use_drag_tool(hands)

    def pull(by, number=0, keys=(), name=""):
        """Pull the door that many pixels aside; return the drag, which is removed again."""
        x, y = hands.pixel(start, number)
        yield from hands.move((x, y))
        yield from hands.press()
        assert hands.modals() == ["TUG_OT_draw_drag"]
        yield from hands.move((x + by[0], y + by[1]))
        for key in keys:
            yield from (hands.type(key) if len(key) > 1 else hands.key(key))
        if name:
            yield from hands.shot(f"drag_{name}")
        yield from hands.release()
        yield from hands.wait(4)
        (drag,) = parts.drags_world(door, door.tug.parts[0])
        door.tug.parts[0].drags.clear()
        assert (Vector(drag[0]) - Vector(start)).length < 0.02, drag
        seen = Vector(hands.pixel(drag[1], number)) - Vector((x, y))
        return Vector(drag[1]) - Vector(drag[0]), seen

    # From the front and parallel: nothing leaves the plane, and Y points at the viewer.
    view = hands.view()
    view.view_perspective, view.view_rotation = "ORTHO", Quaternion((1, 0, 0), 1.5707963)
    yield from hands.wait(4)
    pulled, seen = yield from pull((-90, 40))
    assert abs(pulled.y) < 1e-4 and (seen - Vector((-90, 40))).length < 2.0, (pulled, seen)
    pulled, _ = yield from pull((-90, 40), keys=("Y", ".4"), name="at_the_viewer")
    assert (pulled - Vector((0, -0.4, 0))).length < 1e-3, pulled

    # Through the camera, which is elsewhere than the view was.
    camera = next(obj for obj in bpy.data.objects if obj.type == "CAMERA")
    camera.location, camera.rotation_euler = (1.6, -3.2, 1.9), (1.2, 0.0, 0.45)
    bpy.context.scene.camera = camera
    view.view_perspective = "CAMERA"
    yield from hands.wait(4)
    pulled, seen = yield from pull((-80, -40), name="camera_view")
    looks = camera.matrix_world.to_3x3() @ Vector((0, 0, -1))
    assert abs(pulled @ looks) < 1e-4 and (seen - Vector((-80, -40))).length < 2.0, (pulled, seen)

    # At 200 %.
    look(hands, 3.0)
    bpy.context.preferences.view.ui_scale = 2.0
    yield from hands.wait(20)
    _, seen = yield from pull((-120, -70), name="200_percent")
    assert (seen - Vector((-120, -70))).length < 2.0
    bpy.context.preferences.view.ui_scale = 1.0
    yield from hands.wait(20)

    # In two of the four views of a quad view: each pulls in its own plane.
    with hands.override():
        bpy.ops.screen.region_quadview()
    yield from hands.wait(20)
    tried = 0
    for number in range(4):
        forward = -Vector(hands.view(number).view_matrix[2][:3])
        if abs(forward.y) < 0.5:
            continue  # the door is not seen from there
        pulled, seen = yield from pull((-40, -30), number, name=f"quad_view_{number}")
        assert abs(pulled @ forward.normalized()) < 1e-3, (number, pulled)
        assert (seen - Vector((-40, -30))).length < 2.0, (number, seen)
        tried += 1
    assert tried >= 1
    with hands.override():
        bpy.ops.screen.region_quadview()
    yield from hands.wait(10)

    # The sidebar's buttons work in the viewport beside them.
    look(hands, 3.0)
    parts.add_drag(door, door.tug.parts[0], start, (0.3, -0.6, 0.6))
    yield from hands.open_sidebar()
    yield from hands.click_button("tug.duplicate_drag", (0.92, 0.97))
    assert hands.modals() == ["TUG_OT_duplicate_drag"]
    yield from hands.click(hands.pixel((-0.2, -0.255, 0.4)))
    assert hands.modals() == []
    copy = parts.drags_world(door, door.tug.parts[0])[1]
    assert (Vector(copy[0]) - Vector((-0.2, -0.255, 0.4))).length < 0.02, copy
    yield from hands.shot("drag_sidebar")
