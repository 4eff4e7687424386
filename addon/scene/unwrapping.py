"""UV maps by Smart UV Project, made on a copy so that nothing changes before it is wanted."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from .corners import layer_values, shown_layer, triangle_uvs
from .faces import shown_mesh
from .meshes import read
from .modes import edit_mode, object_mode
from .watching import unheard

layer_name = "UVMap"
island_margin = 0.01  # share of the texture that stays free between islands


class Unwrapped(NamedTuple):
    """`own` (corners, 2) float32 for the object's own mesh; `shown` (T, 3, 2) for the triangles
    that are seen, modifiers applied."""

    own: NDArray[np.float32]
    shown: NDArray[np.float32]


def unwrap(obj: bpy.types.Object) -> Unwrapped | None:
    """Return texture coordinates for an object that has none; None where modifiers lose them."""
    copy = obj.copy()
    copy.data = mesh = obj.data.copy()
    view_layer = bpy.context.view_layer
    selected = list(bpy.context.selected_objects)
    with unheard(), object_mode():
        try:
            bpy.context.scene.collection.objects.link(copy)
            for other in selected:
                other.select_set(False)
            copy.hide_set(False)
            copy.select_set(True)
            _project(copy)
            view_layer.update()
            with shown_mesh(copy) as seen:
                shown = triangle_uvs(seen, read(seen)) if seen else None
            layer = shown_layer(mesh)
            own = layer_values(layer) if layer else None
        finally:
            bpy.data.objects.remove(copy)
            bpy.data.meshes.remove(mesh)
            for other in selected:
                other.select_set(True)
            view_layer.update()
    return None if own is None or shown is None else Unwrapped(own, shown)


def give(mesh: bpy.types.Mesh, values: NDArray[np.float32]) -> str:
    """Give a mesh a UV map of (corners, 2) values; return its name."""
    layer = mesh.uv_layers.new(name=layer_name, do_init=False)
    layer.uv.foreach_set("vector", np.ascontiguousarray(values, np.float32).reshape(-1))
    layer.active = layer.active_render = True
    return layer.name


def _project(obj: bpy.types.Object) -> None:
    with edit_mode(obj):
        bpy.ops.mesh.reveal(select=False)
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(island_margin=island_margin)
