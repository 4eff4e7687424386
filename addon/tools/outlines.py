"""The edges that make a part readable while it is pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..scene.parts import mesh_sources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..scene.pulled import Pulled

most_faces = 100_000  # of more, an outline would be waited for


def outline(pulled: Pulled) -> NDArray[np.float32]:
    """Return (E, 2, 3) edges in the world of what is pulled; none of what is too large."""
    import numpy as np

    from ..scene.selection import marked_faces, whole_objects, with_children

    obj, part = pulled.obj, pulled.part
    depsgraph = bpy.context.evaluated_depsgraph_get()
    if pulled.faces is not None:
        return _edges(obj, obj.data, pulled.faces)
    if part and part.source in mesh_sources:
        evaluated = obj.evaluated_get(depsgraph)
        return _edges(obj, evaluated.data, marked_faces(obj, evaluated.data, part))
    movers = with_children(whole_objects(obj, part) if part else [obj])
    meshes = [m for m in movers if m.type == "MESH" and m.visible_get()]
    found = [_edges(m, m.evaluated_get(depsgraph).data, None) for m in meshes]
    return np.concatenate([np.zeros((0, 2, 3), np.float32), *found])


def _edges(
    obj: bpy.types.Object, mesh: bpy.types.Mesh, mask: NDArray[np.bool_] | None
) -> NDArray[np.float32]:
    import numpy as np

    from ..core.geometry import transformed
    from ..core.overlay import feature_edges
    from ..scene.meshes import read

    if not 0 < len(mesh.polygons) <= most_faces:
        return np.zeros((0, 2, 3), np.float32)
    surface = read(mesh)
    triangles = surface.triangles if mask is None else surface.triangles[mask[surface.polygons]]
    edges = feature_edges(surface.vertices, triangles)
    world = transformed(np.array(obj.matrix_world), surface.vertices[edges].astype(np.float64))
    return world.astype(np.float32)
