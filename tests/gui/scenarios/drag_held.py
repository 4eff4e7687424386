"""Drags held to the view, the normal and axes, typed, snapped, in round steps; keys remove them."""

import bpy
from mathutils import Vector
from tug import cabinet, empty_scene, look, module, use_drag_tool


def near(a, b, within=2e-3):
    return (Vector(a) - Vector(b)).length < within


def steps(hands):
    empty_scene()
    _, _, drawer = cabinet()
    look(hands, 3.0)
    yield from use_drag_tool(hands)
    start = Vector((0.2, -0.26, 1.24))
    at = hands.pixel(start)
    aside = (at[0] - 160, at[1] - 90)

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
            yield from (hands.type(key) if len(key) > 1 else hands.key(key))
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
        yield from hands.wait(10)  # until its handles are gone from the screen, too
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
