"""Hovering in every kind of view, behind what a local view hides, and over what goes away."""

import bpy
from mathutils import Vector
from tug import add_box, cabinet, empty_scene, look, module

door_middle = (0.0, -0.255, 0.5)


def words():
    shown = module("tools.hover").shown()
    return shown.words if shown else None


def void(hands):
    """Return a place of the viewport where nothing is."""
    region = hands.region()
    return region.x + 200, region.y + 100


def activate(hands):
    with hands.override():
        bpy.ops.wm.tool_set_by_id(name="tug.pick")
    yield from hands.wait(5)


def pointing_says(hands, place, expected, number=0):
    yield from hands.move(hands.pixel(place, number))
    yield from hands.until(lambda: words() == expected, 5.0, f"'{expected}', not '{words()}'")


def steps(hands):
    empty_scene()
    _, door, _ = cabinet()
    look(hands)
    yield from activate(hands)
    yield from pointing_says(hands, door_middle, "Door")
    yield from hands.move(void(hands))
    yield from hands.until(lambda: words() is None, 5.0, "the end of the highlight")
    distance = hands.view().view_distance
    yield from hands.wheel(up=True)
    assert hands.view().view_distance < distance, "the wheel zooms over nothing"
    hands.view().view_distance = distance

    yield from pointing_says(hands, door_middle, "Door")
    outliner = next(a for a in hands.window.screen.areas if a.type == "OUTLINER")
    yield from hands.move((outliner.x + 50, outliner.y + 50))
    yield from hands.until(lambda: words() is None, 5.0, "the end of the highlight elsewhere")

    yield from in_local_view(hands, door)
    yield from in_other_views(hands)
    yield from over_what_goes(hands)


def in_local_view(hands, door):
    """A screen before the door is hidden by the local view, so the door is pointed at."""
    add_box("Screen", (2.0, 0.02, 2.0), (0.0, -0.6, 0.75))
    yield from hands.wait(4)
    yield from pointing_says(hands, door_middle, "Screen")
    for obj in bpy.context.selected_objects:
        obj.select_set(False)
    door.select_set(True)
    with hands.override():
        bpy.ops.view3d.localview(frame_selected=False)
    yield from hands.wait(40)
    yield from hands.move(hands.pixel((0.1, -0.255, 0.6)))
    yield from pointing_says(hands, door_middle, "Door")
    yield from hands.shot("pick_local_view")
    with hands.override():
        bpy.ops.view3d.localview(frame_selected=False)
    bpy.data.objects.remove(bpy.data.objects["Screen"])
    yield from hands.wait(40)


def in_other_views(hands):
    yield from activate(hands)
    with hands.override():
        bpy.ops.view3d.view_axis(type="FRONT")
    yield from hands.wait(40)
    hands.view().view_perspective = "ORTHO"
    yield from pointing_says(hands, door_middle, "Door")
    yield from hands.shot("pick_orthographic")
    camera = bpy.data.objects["Camera"]
    camera.location = (1.5, -4.0, 2.0)
    camera.rotation_euler = Vector((-1.5, 4.0, -1.3)).to_track_quat("-Z", "Y").to_euler()
    with hands.override():
        bpy.ops.view3d.view_camera()
    yield from hands.wait(40)
    yield from pointing_says(hands, door_middle, "Door")
    yield from hands.shot("pick_camera")
    with hands.override():
        bpy.ops.view3d.view_camera()
    yield from hands.wait(40)
    look(hands)
    with hands.override():
        bpy.ops.screen.region_quadview()
    yield from hands.wait(20)
    for number in range(4):
        for view in hands.area().spaces.active.region_quadviews:
            view.view_location, view.view_distance = (0.0, 0.0, 0.75), 3.0
        yield from hands.wait(5)
        place = {0: (0.0, -0.1, 1.24), 2: (0.0, -0.1, 1.4)}.get(number, door_middle)
        yield from hands.move(hands.pixel(place, number))
        yield from hands.wait(5)
        here = module("tools.hover").shown()
        region = hands.region(number=number).as_pointer()
        assert here and here.region == region, (number, here)
    yield from hands.shot("pick_quad_view")
    with hands.override():
        bpy.ops.screen.region_quadview()
    yield from hands.wait(10)


def over_what_goes(hands):
    """The object under the mouse is deleted, instanced, and another file is opened."""
    look(hands)
    yield from activate(hands)
    yield from hands.move(void(hands))
    yield from pointing_says(hands, door_middle, "Door")
    bpy.data.objects.remove(bpy.data.objects["Door"])
    yield from hands.shot("pick_deleted")
    yield from hands.click()
    group = bpy.data.collections.new("Group")
    group.objects.link(add_box("Slab", (0.5, 0.1, 0.5), (0.0, 0.0, 0.0)))
    holder = bpy.data.objects.new("Holder", None)
    holder.instance_type, holder.instance_collection = "COLLECTION", group
    holder.location = (0.0, -1.0, 0.5)
    bpy.context.scene.collection.objects.link(holder)
    yield from hands.wait(5)
    yield from hands.move(hands.pixel((0.0, -1.05, 0.55)))
    yield from hands.until(lambda: "instance of 'Slab'" in (words() or ""), 5.0, "the sentence")
    yield from hands.shot("pick_instance")
    bpy.ops.wm.read_homefile(use_factory_startup=True, load_ui=False)
    yield from hands.wait(20)
    assert words() is None
    yield from hands.move(hands.pixel((0.0, 0.0, 0.0)))
    yield from hands.wait(10)
