"""What the scenarios about trajectories have in common: a cart on a table, and what is drawn."""

from __future__ import annotations

import bpy
import numpy as np
from tug import add_box, empty_scene, module

tool = "tug.trajectory"


def set_up(hands):
    """Have a cart on a table, the sidebar open and the tool taken."""
    empty_scene()
    add_box("Table", (4.0, 3.0, 1.0), (0.0, 0.0, 0.5))
    cart = add_box("Cart", (0.4, 0.3, 0.3), (0.0, 0.0, 0.15))
    cart.location = (-1.5, -1.0, 1.0)
    bpy.ops.ed.undo_push(message="Table and Cart")
    module("runtime").preferences().first_steps = False
    look(hands)
    yield from hands.open_sidebar()
    use(hands, tool)
    yield from hands.wait(5)


def use(hands, name):
    """Take a tool from the toolbar."""
    with hands.override():
        bpy.ops.wm.tool_set_by_id(name=name)


def look(hands):
    view = hands.view()
    view.view_perspective = "PERSP"
    view.view_location, view.view_distance = (0.0, 0.0, 0.8), 9.0
    view.view_rotation = (0.83, 0.46, 0.15, 0.27)


def take_cart():
    """Select the cart alone, as a click does."""
    for other in bpy.context.selected_objects:
        other.select_set(False)
    cart = bpy.data.objects["Cart"]
    cart.select_set(True)
    bpy.context.view_layer.objects.active = cart
    bpy.ops.ed.undo_push(message="Select")
    return cart


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


def undo(hands, redo=False):
    yield from hands.move(middle(hands))
    hands.hold("ctrl", *(["shift"] if redo else []))
    yield from hands.key("Z")
    hands.hold()
    yield from hands.wait(10)


def middle(hands):
    region = hands.region()
    return region.x + 0.35 * region.width, region.y + 0.2 * region.height
