"""What scenarios have in common: the add-on's modules, things to look at, the backend."""

from __future__ import annotations

import importlib
import os
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
