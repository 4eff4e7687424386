"""Who is parented to whom, as numbers that can be kept and put back."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..protocol.errors import failure
from .identity import find, identify

Transform = NDArray[np.float64]


def world(obj: bpy.types.Object) -> Transform:
    """Return the object's (4, 4) world matrix as last evaluated."""
    return np.array(_evaluated(obj).matrix_world, np.float64)


def basis(obj: bpy.types.Object) -> Transform:
    """Return (4, 4): the object's own channels, before its parent."""
    return np.array(_evaluated(obj).matrix_basis, np.float64)


def parent_inverse(obj: bpy.types.Object) -> Transform:
    """Return (4, 4): from the object's channels into its parent's space."""
    return np.array(obj.matrix_parent_inverse, np.float64)


def frame(obj: bpy.types.Object) -> Transform:
    """Return (4, 4): the world frame of the object's channels; unity without a parent."""
    return world(obj) @ inverted(basis(obj), obj) if obj.parent else np.eye(4)


def parent_frame(obj: bpy.types.Object) -> Transform:
    """Return (4, 4): the world matrix of what `obj` hangs on, be it an object, bone or vertex."""
    return frame(obj) @ inverted(parent_inverse(obj), obj) if obj.parent else np.eye(4)


def inverted(matrix: Transform, obj: bpy.types.Object) -> Transform:
    """Return the inverse; raises TugError `bad_input`, naming `obj`, where there is none."""
    found = np.full((4, 4), np.nan)
    with contextlib.suppress(np.linalg.LinAlgError):
        found = np.asarray(np.linalg.inv(matrix), np.float64)
    if not np.isfinite(found).all() or not np.isfinite(matrix).all():
        raise failure(
            "bad_input", f"'{obj.name}' or its parent has a scale of zero; give it a size."
        )
    return found


def describe(obj: bpy.types.Object) -> dict[str, Any]:
    """Return how `obj` is parented, as plain data for `put_back`."""
    return {
        "parent": identify(obj.parent) if obj.parent else "",
        "type": obj.parent_type,
        "bone": obj.parent_bone,
        "vertices": list(obj.parent_vertices),
        "inverse": parent_inverse(obj).tolist(),
    }


def below(parent: bpy.types.Object) -> dict[str, Any]:
    """Return the description of an object parented plainly to `parent`."""
    return {
        "parent": identify(parent),
        "type": "OBJECT",
        "bone": "",
        "vertices": [0, 0, 0],
        "inverse": np.eye(4).tolist(),
    }


def put_back(
    obj: bpy.types.Object, described: dict[str, Any], offset: Transform | None = None
) -> None:
    """Parent `obj` as described, to nothing when that parent was deleted.

    `offset` (4, 4) takes the place of the described parent inverse.
    """
    obj.parent = find(described["parent"])
    if obj.parent:
        obj.parent_type = described["type"]
        obj.parent_bone = described["bone"]
        obj.parent_vertices = described["vertices"]
    obj.matrix_parent_inverse = Matrix(described["inverse"] if offset is None else offset.tolist())


def _evaluated(obj: bpy.types.Object) -> bpy.types.Object:
    return obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
