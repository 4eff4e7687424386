"""Several drags: their ends moved by handles, copied, mirrored, removed; one step back each."""

import bpy
from mathutils import Vector
from tug import add_box, cabinet, empty_scene, look, module, state, use_drag_tool


def near(a, b, within=0.005):
    return (Vector(a) - Vector(b)).length < within


def steps(hands):
    parts = module("scene.parts")
    empty_scene()
    body, door, _ = cabinet()
    left = add_box("Left", (0.44, 0.03, 0.4), (-0.23, -0.27, 1.24))
    right = add_box("Right", (0.44, 0.03, 0.4), (0.23, -0.27, 1.24))
    bpy.data.objects.remove(bpy.data.objects["Drawer"])
    left.parent = right.parent = body
    parts.add_part(left)
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Two Flaps")
    look(hands, 3.0)
    yield from use_drag_tool(hands)
    states = [state()]

    def stroke(start, *keys, to):
        x, y = hands.pixel(start)
        yield from hands.move((x, y))
        yield from hands.press()
        yield from hands.move((x + to[0], y + to[1]))
        for key in keys:
            yield from hands.key(key)
        yield from hands.release()
        yield from hands.wait(4)
        assert hands.modals() == []

    def drags(obj):
        return parts.drags_world(obj, obj.tug.parts[0])

    # Two strokes on the door are two drags, the last one active.
    yield from stroke((0.3, -0.255, 0.6), "Y", to=(-120, -70))
    states.append(state())
    yield from stroke((-0.2, -0.255, 0.3), "Y", to=(-90, -50))
    states.append(state())
    part = door.tug.parts[0]
    assert len(part.drags) == 2 and part.drag_index == 1
    yield from hands.shot("drag_two")

    # The end of the first by its handle: hover, Esc leaves it, then along Z.
    (start, end), second = drags(door)
    x, y = hands.pixel(end)
    yield from hands.move((x + 3, y + 2))
    yield from hands.wait(4)
    yield from hands.shot("drag_handle_hover")
    yield from hands.press()
    assert hands.modals() == ["TUG_OT_move_drag_point"]
    yield from hands.move((x + 60, y + 80))
    yield from hands.key("ESC")
    yield from hands.release()
    assert hands.modals() == [] and state() == states[-1]
    yield from stroke(end, "Z", to=(10, 170))
    states.append(state())
    moved = drags(door)[0]
    assert near(moved[0], start) and near(moved[1][:2], start[:2], 0.01), moved
    assert moved[1][2] > start[2] + 0.1 and near(drags(door)[1][1], second[1])
    assert part.drag_index == 0, "the one touched is the active one"

    # The start stays on the door, wherever the mouse goes.
    yield from stroke(start, to=(-70, 60))
    states.append(state())
    moved = drags(door)[0]
    assert abs(moved[0][1] + 0.255) < 1e-4 and not near(moved[0], start, 0.05), moved
    yield from hands.move(hands.pixel(moved[0]))
    yield from hands.press()
    yield from hands.move(hands.pixel((1.2, 0.0, 0.2)))
    yield from hands.shot("drag_start_off_the_part")
    yield from hands.release()
    yield from hands.wait(3)
    landed = drags(door)[0][0]
    assert abs(landed[1] + 0.255) < 1e-3 and abs(landed[0]) < 0.451, landed
    if state() != states[-1]:
        states.append(state())

    # Touching a handle makes its drag the active one; X takes it away.
    yield from hands.click(hands.pixel(second[1]))
    assert hands.modals() == [] and part.drag_index == 1
    states.append(state())
    yield from hands.key("X")
    states.append(state())
    assert len(part.drags) == 1 and near(drags(door)[0][0], landed)

    # A copy is put on another part, which is marked by that; one that is called off leaves nothing.
    for way_out in ("ESC", "RIGHTMOUSE"):
        hands.hold("shift")
        yield from hands.key("D")
        hands.hold()
        assert hands.modals() == ["TUG_OT_duplicate_drag"]
        yield from hands.move(hands.pixel((0.25, -0.285, 1.3)))
        yield from hands.key(way_out)
        assert hands.modals() == [] and state() == states[-1]
    hands.hold("shift")
    yield from hands.key("D")
    hands.hold()
    yield from hands.move(hands.pixel((0.3, -0.285, 1.24)))
    yield from hands.shot("drag_copy")
    yield from hands.click()
    states.append(state())
    assert hands.modals() == [] and bpy.context.active_object == right
    (copy,) = drags(right)
    assert near(copy[0], (0.3, -0.285, 1.24))
    original = drags(door)[0]
    assert near(Vector(copy[1]) - Vector(copy[0]), Vector(original[1]) - Vector(original[0]))

    # Mirrored, it belongs to the part on the other side.
    hands.hold("ctrl")
    yield from hands.key("M")
    hands.hold()
    yield from hands.wait(5)
    yield from hands.shot("drag_mirror_menu")
    yield from hands.key("RET")
    yield from hands.wait(5)
    if bpy.context.active_object != left:
        yield from hands.key("X", "x")
        yield from hands.wait(5)
    assert bpy.context.active_object == left, "the menu's first is X"
    states.append(state())
    (mirrored,) = drags(left)
    assert near(mirrored[0], (-copy[0][0], *copy[0][1:])), mirrored
    yield from hands.shot("drag_mirrored")

    # Each was one step.
    while len(states) > 1:
        states.pop()
        bpy.ops.ed.undo()
        yield from hands.wait(3)
        assert state() == states[-1], f"step {len(states)}"

    # The object goes away while it is pulled.
    yield from hands.move(hands.pixel((0.3, -0.255, 0.6)))
    yield from hands.press()
    yield from hands.move(hands.pixel((0.3, -0.5, 0.6)))
    assert hands.modals() == ["TUG_OT_draw_drag"]
    bpy.data.objects.remove(bpy.data.objects["Door"])
    yield from hands.move(hands.pixel((0.3, -0.6, 0.6)))
    yield from hands.release()
    assert hands.modals() == []
    assert module("tools.arrows").shown is None
