"""The Drag tool: cancelled, nothing is left; two ways to click; the part is found by itself."""

import bpy
from mathutils import Vector
from tug import cabinet, empty_scene, look, module, state, use_drag_tool

on_door = (0.3, -0.255, 0.5)


def near(a, b, within=2e-3):
    return (Vector(a) - Vector(b)).length < within


def steps(hands):
    empty_scene()
    _, door, drawer = cabinet()
    door.rotation_euler.z = -0.3
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Ajar")
    look(hands, 3.0)
    yield from use_drag_tool(hands)
    start = Vector((0.2, -0.26, 1.24))
    at = hands.pixel(start)
    aside = (at[0] - 160, at[1] - 90)
    before = state()

    # Nothing is left of what is cancelled, and nothing of a press on the void.
    for way_out in ("ESC", "RIGHTMOUSE"):
        yield from hands.move(at)
        yield from hands.press()
        assert hands.modals() == ["TUG_OT_draw_drag"]
        yield from hands.move(aside)
        hands.hold("ctrl")
        yield from hands.key("Z")
        hands.hold()
        assert hands.modals() == ["TUG_OT_draw_drag"], "there is nothing to undo yet"
        yield from hands.key(way_out)
        yield from hands.release()
        assert hands.modals() == [] and state() == before, way_out
    region = hands.region()
    yield from hands.click((region.x + 300, region.y + 60))
    assert hands.modals() == [] and state() == before
    yield from hands.drag(at, aside, at)
    assert hands.modals() == ["TUG_OT_draw_drag"], "it follows on when let go where it began"
    yield from hands.key("RET")
    assert hands.modals() == [] and state() == before, "a drag without length is refused"

    # Click, move, click; the view may be turned meanwhile.
    yield from hands.click(at)
    assert hands.modals() == ["TUG_OT_draw_drag"]
    yield from hands.move(aside)
    yield from hands.key("Y")
    before_turn = hands.view().view_rotation.copy()
    yield from hands.press("MIDDLEMOUSE")
    yield from hands.move((aside[0] + 80, aside[1] + 10))
    yield from hands.release("MIDDLEMOUSE")
    yield from hands.wait(4)
    assert hands.view().view_rotation != before_turn, "the view did not turn"
    assert hands.modals() == ["TUG_OT_draw_drag"]
    look(hands, 3.0)
    yield from hands.wait(4)
    yield from hands.move(aside)
    yield from hands.click()
    (part,) = drawer.tug.parts
    assert hands.modals() == [] and len(part.drags) == 1 and part.source == "object"

    # The door is turned: its own X is not the world's.
    place = door.matrix_world @ Vector(on_door)
    at = hands.pixel(place)
    yield from hands.move(at)
    yield from hands.press()
    yield from hands.move((at[0] - 120, at[1] - 20))
    yield from hands.key("X")
    yield from hands.key("X")
    yield from hands.shot("drag_local_axis")
    yield from hands.release()
    yield from hands.wait(4)
    (begun, end), *_ = module("scene.parts").drags_world(door, door.tug.parts[0])
    own = door.matrix_world.to_3x3() @ Vector((1, 0, 0))
    assert near((Vector(end) - Vector(begun)).normalized(), -own), (begun, end)
    assert bpy.context.active_object == door
