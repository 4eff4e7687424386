"""The Drag tool: each constraint, numbers, snaps, two ways to click; cancelled, nothing is left."""

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

    def pull(to, keys=(), name="", ctrl=False):
        """Press, go there, press keys, look, let go; return how far the drag goes that came of it.

        It is removed again, so that its handles are not in the way of the next.
        """
        yield from hands.move(at)
        yield from hands.press()
        if ctrl:
            hands.hold("ctrl")
        yield from hands.move(to)
        for key in keys:
            if len(key) > 1:
                yield from hands.type(key)
            else:
                yield from hands.key(key)
        yield from hands.move((to[0] + 2, to[1]))
        yield from hands.wait(2)
        if name:
            yield from hands.shot(f"drag_{name}")
        yield from hands.release()
        hands.hold()
        yield from hands.wait(4)
        assert hands.modals() == []
        part = module("scene.parts").active_part(drawer)
        begun, end = module("scene.parts").drags_world(drawer, part)[-1]
        assert near(begun, start, 0.004), (begun, start)
        yield from hands.key("X" if len(keys) % 2 else "DEL")
        assert not part.drags and drawer.name in bpy.data.objects
        return Vector(end) - Vector(begun)

    pulled = yield from pull(aside, (), "free")
    forward = Vector(hands.view().view_matrix[2][:3])
    assert abs(pulled @ forward) < 1e-4, "the end is in the plane of the view"
    assert near((*hands.pixel(start + pulled), 0), (aside[0] + 2, aside[1], 0), 3.0)
    (part,) = drawer.tug.parts
    assert part.source == "object" and bpy.context.active_object == drawer
    assert bpy.context.selected_objects == [drawer]

    ways = {
        "normal": (("N",), Vector((0, -1, 0))),
        "x": (("X",), Vector((-1, 0, 0))),
        "y": (("Y",), Vector((0, -1, 0))),
        "z": (("Z",), Vector((0, 0, -1))),
    }
    for name, (keys, way) in ways.items():
        pulled = yield from pull(aside, keys, name)
        assert near(pulled.normalized(), way), (name, pulled)
    pulled = yield from pull(aside, ("Y", "30cm"), "typed")
    assert near(pulled, (0, -0.3, 0)), pulled
    pulled = yield from pull(aside, ("X", "X", "X", "25cm"))
    assert abs(pulled.length - 0.25) < 1e-4
    assert abs(pulled @ forward) < 1e-3, "the third press sets it free"
    pulled = yield from pull(aside, ("Y", "-.5"))
    assert near(pulled, (0, 0.5, 0)), pulled

    # Ctrl: the corner under the mouse, and along a line round steps.
    corner = Vector((0.5, -0.25, 1.5))
    x, y = hands.pixel(corner)
    pulled = yield from pull((x - 5, y - 1), (), "snapped", ctrl=True)
    assert near(start + pulled, corner, 0.004), start + pulled
    pulled = yield from pull(aside, ("Y",), "steps", ctrl=True)
    length = pulled.length
    assert abs(length / 0.1 - round(length / 0.1)) < 1e-3 and length > 0.05, length

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
    assert hands.modals() == [] and len(part.drags) == 1

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
