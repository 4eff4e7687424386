"""Strokes that an artist has drawn already: grease pencil and annotations."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..core.geometry import transformed
from ..core.strokes import Floats
from ..protocol.errors import failure


def grease_pencil_stroke(obj: bpy.types.Object) -> tuple[Floats, bool]:
    """Return the world points of the stroke that is meant, and whether it is closed.

    In edit mode the selected stroke, else the last one of the active layer at this frame.
    Raises TugError when there is none.
    """
    if obj.type != "GREASEPENCIL":
        raise failure("bad_input", f"'{obj.name}' is no grease pencil; select one.")
    layer = obj.data.layers.active
    frame = layer.current_frame() if layer else None
    strokes = list(frame.drawing.strokes) if frame and frame.drawing else []
    if obj.mode == "EDIT":
        strokes = [stroke for stroke in strokes if stroke.select] or strokes
    if not strokes:
        raise failure(
            "bad_input", f"The active layer of '{obj.name}' has no stroke at this frame; draw one."
        )
    points = np.array([point.position for point in strokes[-1].points], np.float64).reshape(-1, 3)
    matrix = np.array(_layer_matrix(obj, layer), np.float64)
    return transformed(matrix, points), bool(strokes[-1].cyclic)


def annotation_stroke(scene: bpy.types.Scene) -> Floats:
    """Return the world points of the last stroke of the scene's annotations.

    Raises TugError when there is none.
    """
    data: Any = getattr(scene, "annotation", None) or getattr(scene, "grease_pencil", None)
    layer = data.layers[data.layers.active_index] if data and len(data.layers) else None
    frame = layer.active_frame if layer else None
    strokes = [s for s in frame.strokes if s.display_mode == "3DSPACE"] if frame else []
    if not strokes:
        raise failure(
            "bad_input",
            "There is no stroke to use; select a grease pencil object, or draw an annotation.",
        )
    return np.array([point.co for point in strokes[-1].points], np.float64).reshape(-1, 3)


def _layer_matrix(obj: bpy.types.Object, layer: Any) -> Matrix:
    if layer.parent:
        return layer.parent.matrix_world @ layer.matrix_parent_inverse @ layer.matrix_local
    return obj.matrix_world @ layer.matrix_local
