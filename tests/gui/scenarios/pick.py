"""Parts are picked at every level, added to, removed from and painted; each is one undo step."""

import bpy
import numpy as np
from tug import add_box, empty_scene, look, module

front, knob, side = (0.25, -0.34, 1.0), (0.0, -0.36, 1.0), (0.5, -0.1, 0.6)
upper_front, lower_front = range(6, 12), range(12, 18)


def chest():
    """Add a mesh of a corpus, two drawer fronts with a face set, and two knobs of brass."""
    boxes = (
        ((1.0, 0.6, 1.2), (0.0, 0.0, 0.7)),
        ((0.9, 0.04, 0.45), (0.0, -0.32, 1.0)),
        ((0.9, 0.04, 0.45), (0.0, -0.32, 0.45)),
        ((0.1, 0.04, 0.1), (0.0, -0.36, 1.0)),
        ((0.1, 0.04, 0.1), (0.0, -0.36, 0.45)),
    )
    pieces = [add_box("Chest", *box) for box in boxes]
    for name, piece in zip(("Wood", "Wood", "Wood", "Brass", "Brass"), pieces, strict=True):
        piece.data.materials.append(bpy.data.materials.get(name) or bpy.data.materials.new(name))
    with bpy.context.temp_override(active_object=pieces[0], selected_editable_objects=pieces):
        bpy.ops.object.join()
    mesh = pieces[0].data
    sets = mesh.attributes.new(".sculpt_face_set", "INT", "FACE")
    sets.data.foreach_set("value", [1] * 6 + [2] * 12 + [1] * 12)
    bpy.context.view_layer.objects.active = pieces[0]
    bpy.ops.ed.undo_push(message="Chest")
    return pieces[0]


def parts():
    return list(bpy.data.objects["Chest"].tug.parts)


def faces(part):
    """Return the polygons of a part of faces."""
    values = bpy.data.objects["Chest"].data.attributes[part.source_name].data
    mask = np.zeros(len(values), bool)
    values.foreach_get("value", mask)
    return np.flatnonzero(mask).tolist()


def undo(hands):
    hands.hold("ctrl")
    yield from hands.key("Z")
    hands.hold()
    yield from hands.wait(4)


def steps(hands):
    empty_scene()
    chest()
    look(hands, 3.5)
    hover, manager = module("tools.hover"), bpy.context.window_manager
    yield from hands.open_sidebar()
    yield from hands.click_button("tug.pick")
    tools = bpy.context.workspace.tools
    assert tools.from_space_view3d_mode("OBJECT").idname == "tug.pick"

    yield from hands.move(hands.pixel(front))
    yield from hands.wait(4)
    assert hover.shown().words == "Loose piece of Chest", hover.shown()
    yield from hands.shot("pick_hover_piece")
    yield from hands.wheel(up=True)
    assert manager.tug_pick_level == "object" and hover.shown().words == "Chest"
    yield from hands.shot("pick_hover_object")
    for level in ("piece", "material", "face_set", "region"):
        yield from hands.key("NUMPAD_MINUS")
        assert manager.tug_pick_level == level, (manager.tug_pick_level, level)
        yield from hands.shot(f"pick_hover_{level}")
    for _ in range(3):
        yield from hands.key("NUMPAD_PLUS")
    assert manager.tug_pick_level == "piece"

    yield from hands.click(hands.pixel(front))
    (part,) = parts()
    assert faces(part) == list(upper_front)
    yield from hands.move(hands.pixel(side))
    yield from hands.wait(6)
    yield from hands.shot("pick_taken")
    hands.hold("shift")
    yield from hands.click(hands.pixel(knob))
    hands.hold()
    assert faces(parts()[0]) == [*upper_front, *range(18, 24)]
    hands.hold("ctrl")
    yield from hands.click(hands.pixel(front))
    hands.hold()
    assert faces(parts()[0]) == list(range(18, 24))
    yield from hands.shot("pick_removed")
    yield from undo(hands)
    assert faces(parts()[0]) == [*upper_front, *range(18, 24)]
    yield from undo(hands)
    assert faces(parts()[0]) == list(upper_front)
    yield from undo(hands)
    assert not parts()
    yield from hands.shot("pick_undone")

    yield from paint(hands)
    yield from modified(hands)


def paint(hands):
    """Paint over three pieces, out of one, and think better of it."""
    manager = bpy.context.window_manager
    yield from hands.move(hands.pixel(side))
    before = manager.tug_pick_radius
    yield from hands.key("RIGHT_BRACKET")
    assert manager.tug_pick_radius > before
    yield from hands.key("LEFT_BRACKET")
    start, end = hands.pixel((-0.3, -0.34, 1.1)), hands.pixel((0.3, -0.34, 1.1))
    yield from hands.move(start)
    yield from hands.press()
    yield from hands.move(end)
    assert hands.modals() == ["TUG_OT_brush_part"], hands.modals()
    yield from hands.shot("pick_brush")
    yield from hands.release()
    yield from hands.wait(4)
    (part,) = parts()
    assert upper_front[2] in faces(part) and not hands.modals()
    painted = faces(part)
    yield from hands.shot("pick_painted")
    yield from hands.drag(hands.pixel(side), hands.pixel((0.5, 0.1, 0.6)))
    assert faces(parts()[0]) == sorted([*painted, 1])
    hands.hold("ctrl")
    yield from hands.drag(hands.pixel((0.5, 0.1, 0.6)), hands.pixel(side))
    hands.hold()
    assert faces(parts()[0]) == painted
    for button in ("ESC", "RIGHTMOUSE"):
        yield from hands.move(hands.pixel(side))
        yield from hands.press()
        yield from hands.move(hands.pixel((0.5, 0.1, 0.6)))
        assert hands.modals() == ["TUG_OT_brush_part"], hands.modals()
        yield from hands.key(button)
        yield from hands.release()
        assert not hands.modals() and faces(parts()[0]) == painted
    for _ in range(3):
        yield from undo(hands)
    assert not parts()


def modified(hands):
    """Pick on what modifiers made: mirrored and smoothed faces are traced to the mesh's own."""
    obj = bpy.data.objects["Chest"]
    mirror = obj.modifiers.new("Mirror", "MIRROR")
    mirror.use_axis, mirror.use_mirror_merge = (True, False, False), False
    obj.modifiers.new("Subdivision", "SUBSURF").levels = 2
    obj.location.x = -0.8
    for vertex in obj.data.vertices:
        vertex.co.x += 0.8
    bpy.ops.ed.undo_push(message="Modifiers")
    look(hands, 6.0)
    yield from hands.wait(10)
    mirrored_front = hands.pixel((-1.5, -0.32, 1.0))
    yield from hands.move(mirrored_front)
    hover = module("tools.hover")
    yield from hands.until(lambda: hover.shown().words == "Loose piece of Chest", 5.0, "the look")
    yield from hands.shot("pick_modifiers_hover")
    yield from hands.click()
    assert faces(parts()[0]) == list(upper_front), faces(parts()[0])
    yield from hands.move(hands.pixel((-0.8, -0.32, 0.1)))
    yield from hands.wait(6)
    yield from hands.shot("pick_modifiers_taken")
