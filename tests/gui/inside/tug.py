"""What scenarios have in common: the add-on's modules, things to look at, the backend."""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
from hands import Hands, Steps

package = "bl_ext.user_default.tug"


def module(name: str) -> ModuleType:
    """Return a module of the installed add-on, such as `scene.parts`."""
    return importlib.import_module(f"{package}.{name}")


def empty_scene() -> None:
    """Take away what Blender starts with, but the camera."""
    for obj in list(bpy.data.objects):
        if obj.type != "CAMERA":
            bpy.data.objects.remove(obj)
    bpy.ops.ed.undo_push(message="Empty Scene")


def add_box(name: str, size: tuple[float, ...], centre: tuple[float, ...]) -> bpy.types.Object:
    """Add a box placed by its vertices; its faces are -x, +x, -y, +y, -z, +z."""
    corners = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new(name)
    points = [tuple(c * s + o for c, s, o in zip(p, size, centre, strict=True)) for p in corners]
    mesh.from_pydata(points, [], faces)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def cabinet() -> tuple[bpy.types.Object, bpy.types.Object, bpy.types.Object]:
    """Add an open-fronted body with a door and a drawer parented to it; return all three."""
    boards = (
        ((1.0, 0.5, 0.04), (0.0, 0.0, 0.02)),
        ((1.0, 0.5, 0.04), (0.0, 0.0, 1.48)),
        ((0.04, 0.5, 1.42), (-0.48, 0.0, 0.75)),
        ((0.04, 0.5, 1.42), (0.48, 0.0, 0.75)),
        ((0.92, 0.04, 1.42), (0.0, 0.23, 0.75)),
        ((0.92, 0.46, 0.04), (0.0, -0.02, 1.0)),
    )
    pieces = [add_box("Body", *board) for board in boards]
    with bpy.context.temp_override(active_object=pieces[0], selected_editable_objects=pieces):
        bpy.ops.object.join()
    body = pieces[0]
    door = add_box("Door", (0.9, 0.03, 0.92), (0.0, -0.24, 0.51))
    drawer = add_box("Drawer", (0.9, 0.42, 0.4), (0.0, -0.05, 1.24))
    for part in (door, drawer):
        part.parent = body
    bpy.ops.ed.undo_push(message="Cabinet")
    return body, door, drawer


def add_tube(
    name: str, radius: float, height: float, centre: tuple[float, ...]
) -> bpy.types.Object:
    """Add an upright cylinder of 32 sides around its origin."""
    mesh = bpy.data.meshes.new(name)
    angles = [2.0 * math.pi * k / 32 for k in range(32)]
    rim = [(radius * math.cos(a), radius * math.sin(a)) for a in angles]
    points = [(*place, z) for z in (-0.5 * height, 0.5 * height) for place in rim]
    sides = [(k, (k + 1) % 32, 32 + (k + 1) % 32, 32 + k) for k in range(32)]
    mesh.from_pydata(points, [], [*sides, tuple(range(31, -1, -1)), tuple(range(32, 64))])
    obj = bpy.data.objects.new(name, mesh)
    obj.location = centre
    bpy.context.scene.collection.objects.link(obj)
    return obj


def asked_door(hands: Hands, before: Callable[[], object] = lambda: None) -> Steps:
    """Have the joint of the cabinet's pulled door proposed; return the door.

    The sidebar is open without the first steps. `before` is called just before asking.
    """
    empty_scene()
    _, door, _ = cabinet()
    look(hands)
    module("runtime").preferences().first_steps = False
    yield from hands.open_sidebar()
    yield from connect(hands)
    bpy.context.view_layer.objects.active = door
    parts = module("scene.parts")
    part = parts.add_part(door, "object", prompt="the door swings open")
    parts.add_drag(door, part, (0.35, -0.26, 0.5), (0.2, -0.7, 0.5))
    before()
    bpy.ops.ed.undo_push(message="Drag")
    job = module("api").articulate(door, part)
    yield from hands.until(lambda: job.state == "done", what="the answer")
    yield from hands.wait(10)
    return door


def look(hands: Hands, away: float = 4.0) -> None:
    """Look at the cabinet from its front, a little from the right and above."""
    view = hands.view()
    view.view_perspective = "PERSP"
    view.view_location = (0.0, 0.0, 0.75)
    view.view_distance = away
    view.view_rotation = (0.83, 0.46, 0.15, 0.27)


def connect(hands: Hands, arguments: str = "") -> Steps:
    """Start the backend through the add-on and wait for it; `--null` answers as it is told."""
    (Path(os.environ["TUG_HOME"]) / "arguments").write_text(arguments, encoding="ascii")
    session = module("runtime").session
    bpy.ops.tug.connect("INVOKE_DEFAULT")
    yield from hands.until(lambda: session().connected, what="the connection")


def use_drag_tool(hands: Hands) -> Steps:
    """Take the Drag tool from the toolbar."""
    with hands.override():
        bpy.ops.wm.tool_set_by_id(name="tug.drag")
    yield from hands.wait(5)


def state() -> dict:
    """Return what pulling may change: parts, their drags, marks on meshes, what is selected."""
    objects = bpy.context.view_layer.objects
    return {
        "active": objects.active.name if objects.active else "",
        "objects": {
            obj.name: (
                obj.select_get(),
                list(obj.data.attributes.keys()) if obj.type == "MESH" else [],
                [
                    (part.name, part.drag_index, [(*d.start, *d.end) for d in part.drags])
                    for part in obj.tug.parts
                ],
            )
            for obj in bpy.data.objects
        },
    }
