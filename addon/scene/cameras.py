"""Cameras of Blender as requests have them, and cameras of results in the scene."""

from __future__ import annotations

from typing import cast

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.bundles import file_name
from ..core.cameras import Lens, Picture, lens, pixels
from ..protocol.errors import failure
from ..protocol.meshes import Matrix as Rows
from ..protocol.views import Camera
from .parenting import world

collection_name = "Tug Views"
key = "tug_view"  # on a camera: the name of the view that it shows
kinds = {"ORTHO": "an orthographic", "PANO": "a panoramic", "CUSTOM": "a custom"}


def read(
    obj: bpy.types.Object, scene: bpy.types.Scene, size: tuple[int, int] | None = None
) -> Camera:
    """Return a camera as it is now; `size` takes the place of the scene's resolution.

    Raises TugError `bad_input` for other than perspective ones.
    """
    if not isinstance(obj, bpy.types.Object) or obj.type != "CAMERA":
        raise failure("bad_input", f"{getattr(obj, 'name', obj)!r} is no camera; choose one.")
    data = obj.data
    if data.type != "PERSP":
        raise failure(
            "bad_input",
            f"'{obj.name}' is {kinds.get(data.type, 'an unusual')} camera; views are seen by "
            "perspective ones.",
        )
    picture = picture_of(scene, size)
    focal, centre = pixels(
        Lens(
            data.lens,
            data.sensor_width,
            data.sensor_height,
            data.sensor_fit,
            data.shift_x,
            data.shift_y,
        ),
        picture,
    )
    return Camera(
        name=file_name(obj.get(key) or obj.name),
        pose=_rows(pose_of(obj)),
        focal=focal,
        centre=centre,
        width=picture.width,
        height=picture.height,
        near=data.clip_start,
        far=data.clip_end,
    )


def pose_of(obj: bpy.types.Object) -> NDArray[np.float64]:
    """Return (4, 4): a camera's frame to world, without its scale, which pictures do not show.

    Raises TugError `bad_input` where it is mirrored or sheared.
    """
    pose = world(obj)
    lengths = np.linalg.norm(pose[:3, :3], axis=0)
    if not (np.isfinite(pose).all() and lengths.min() > 1e-12):
        raise failure("bad_input", f"'{obj.name}' has a scale of zero; give it a size.")
    pose[:3, :3] /= lengths
    turn = pose[:3, :3]
    if np.linalg.det(turn) < 0.0 or np.abs(turn.T @ turn - np.eye(3)).max() > 1e-4:
        raise failure(
            "bad_input", f"'{obj.name}' is mirrored or sheared by its scale; apply the scale."
        )
    left, _, right = np.linalg.svd(turn)
    pose[:3, :3] = left @ right
    return pose


def picture_of(scene: bpy.types.Scene, size: tuple[int, int] | None = None) -> Picture:
    """Return the picture that the scene renders, or one of another size with the same pixels."""
    render = scene.render
    share = render.resolution_percentage / 100.0
    width, height = size or (int(render.resolution_x * share), int(render.resolution_y * share))
    return Picture(width, height, render.pixel_aspect_x, render.pixel_aspect_y)


def build(cameras: tuple[Camera, ...], scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Have the collection of views hold these cameras and no others; return their objects.

    Those that it has already are changed, not replaced.
    """
    collection = _collection(scene)
    there = (obj for obj in collection.objects if obj.type == "CAMERA")
    known = {obj[key]: obj for obj in there if obj.get(key)}
    made = [_built(camera, known.pop(camera.name, None), collection) for camera in cameras]
    for obj in known.values():
        data = obj.data
        bpy.data.objects.remove(obj)
        if not data.users:
            bpy.data.cameras.remove(data)
    return made


def views_of(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the cameras of the scene's collection of views, by name."""
    found = _existing(scene)
    cameras = [obj for obj in found.objects if obj.type == "CAMERA"] if found else []
    return sorted(cameras, key=lambda obj: obj.name)


def _built(
    camera: Camera, known: bpy.types.Object | None, collection: bpy.types.Collection
) -> bpy.types.Object:
    obj = known or bpy.data.objects.new(camera.name, bpy.data.cameras.new(camera.name))
    if known is None:
        collection.objects.link(obj)
    obj[key] = camera.name
    obj.matrix_world = Matrix(camera.pose)
    found, _ = lens(camera.focal, camera.centre, camera.width, camera.height)
    data = obj.data
    data.type, data.lens_unit, data.sensor_fit = "PERSP", "MILLIMETERS", found.fit
    data.sensor_width, data.sensor_height = found.sensor_width, found.sensor_height
    data.lens, data.shift_x, data.shift_y = found.lens, found.shift_x, found.shift_y
    data.clip_start, data.clip_end = camera.near, camera.far
    return obj


def _collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    found = _existing(scene)
    if found is None:
        found = bpy.data.collections.new(collection_name)
        scene.collection.children.link(found)
    return found


def _existing(scene: bpy.types.Scene) -> bpy.types.Collection | None:
    """Return the scene's own collection of views, whatever number its name got."""
    named = (c for c in scene.collection.children_recursive if c.library is None)
    return next((c for c in named if c.name.startswith(collection_name)), None)


def _rows(matrix: NDArray) -> Rows:
    return cast(Rows, tuple(tuple(row) for row in matrix.tolist()))
