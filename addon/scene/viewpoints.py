"""From where the user looks: a camera, or a 3D viewport."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from .cameras import pose_of
from .cameras import read as read_camera


class Viewpoint(NamedTuple):
    """`pose` (4, 4) of an eye to world, -z ahead; one that is `flat` sees no perspective."""

    pose: NDArray[np.float64]
    flat: bool = False


def of_camera(obj: bpy.types.Object, scene: bpy.types.Scene) -> Viewpoint:
    """Return from where a camera looks. Raises TugError `bad_input` for unusual ones."""
    if isinstance(obj, bpy.types.Object) and obj.type == "CAMERA" and obj.data.type == "ORTHO":
        return Viewpoint(pose_of(obj), flat=True)
    return Viewpoint(np.array(read_camera(obj, scene).pose))


def of_scene(scene: bpy.types.Scene) -> Viewpoint:
    """Return from where the scene's camera looks. Raises TugError `bad_input` without one."""
    if scene.camera is None:
        raise failure("bad_input", "The scene has no camera; add one, or look by the 3D view.")
    return of_camera(scene.camera, scene)


def of_view(context: bpy.types.Context) -> Viewpoint:
    """Return from where the 3D viewport is looked into. Raises TugError `bad_input` without one."""
    space = _space(context)
    if space is None:
        raise failure(
            "bad_input", "There is no 3D viewport here; look from a camera, or from all around."
        )
    view = space.region_3d
    if view.view_perspective == "CAMERA" and space.camera:
        return of_camera(space.camera, context.scene)
    pose = np.array(view.view_matrix.inverted(), np.float64)
    left, _, right = np.linalg.svd(pose[:3, :3])
    pose[:3, :3] = left @ right
    return Viewpoint(pose, flat=view.view_perspective == "ORTHO")


def _space(context: bpy.types.Context) -> bpy.types.SpaceView3D | None:
    """Return the viewport that the user is in, else the first of any window."""
    if context.space_data and context.space_data.type == "VIEW_3D":
        return context.space_data
    if bpy.app.background:
        return None  # its windows show nothing
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                return area.spaces.active
    return None
