"""The sample cabinet in the scene."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ..core.sample import Board, cabinet
from .instances import boxes

colors = {"Sample Cabinet": (0.42, 0.28, 0.17, 1.0)}
front_color = (0.62, 0.45, 0.30, 1.0)
gap = 0.6
corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
sides = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
)


def add_cabinet(context: bpy.types.Context) -> bpy.types.Object:
    """Add the cabinet, to the right of all that is seen; return its body, selected and active."""
    place = _free_place(context)
    collection = bpy.data.collections.new("Tug Sample")
    context.scene.collection.children.link(collection)
    body, *others = [_object(name, boards, collection) for name, boards in cabinet().items()]
    for other in others:
        other.parent = body
    body.location = place
    for obj in context.selected_objects:
        obj.select_set(False)
    body.select_set(True)
    context.view_layer.objects.active = body
    context.view_layer.update()
    return body


def _free_place(context: bpy.types.Context) -> tuple[float, float, float]:
    seen = [obj for obj in context.visible_objects if obj.type == "MESH"]
    found = boxes(set(seen))
    if not found:
        return 0.0, 0.0, 0.0
    return max(float(box.high[0]) for box in found.values()) + gap, 0.0, 0.0


def _object(
    name: str, boards: Sequence[Board], collection: bpy.types.Collection
) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    points = np.concatenate([corners * board.size + board.centre for board in boards])
    faces = np.concatenate([sides + 8 * index for index in range(len(boards))])
    mesh.from_pydata(points.tolist(), [], faces.tolist())
    mesh.materials.append(_material(colors.get(name, front_color)))
    obj = bpy.data.objects.new(name, mesh)
    collection.objects.link(obj)
    return obj


def _material(color: tuple[float, float, float, float]) -> bpy.types.Material:
    name = f"Tug Wood {'Dark' if color != front_color else 'Light'}"
    known = bpy.data.materials.get(name)
    if known:
        return known
    material = bpy.data.materials.new(name)
    material.diffuse_color = color
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = color
    return material
