"""Small things to build scenes from."""

from __future__ import annotations

import bpy
import numpy as np


def cuboid(name, size=1.0, at=(0.0, 0.0, 0.0)):
    """A cube with a corner at `at`, placed by its vertices; face 5 is its top."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    vertices = [tuple(size * c + o for c, o in zip(p, at, strict=True)) for p in corners]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return add_mesh(name, vertices, faces)


def add_mesh(name, vertices, faces):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def empty_file():
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def world_vertices(obj):
    """(V, 3) float64 as seen: modifiers, drivers, constraints and parents applied."""
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    local = np.empty((len(evaluated.data.vertices), 3), np.float32)
    evaluated.data.attributes["position"].data.foreach_get("vector", local.reshape(-1))
    matrix = np.array(evaluated.matrix_world, np.float64)
    return local @ matrix[:3, :3].T + matrix[:3, 3]


def _in_window(operator, **arguments):
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        operator(**arguments)


def push_undo(message):
    _in_window(bpy.ops.ed.undo_push, message=message)


def undo():
    _in_window(bpy.ops.ed.undo)


def redo():
    _in_window(bpy.ops.ed.redo)
