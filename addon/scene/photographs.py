"""Pictures of objects with their materials, as Blender's Workbench renders them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.cameras import lens
from ..protocol.errors import failure
from ..protocol.views import Camera
from . import corners
from .instances import Placed
from .meshes import Surface

Pixels = NDArray[np.uint8]


class Figure(NamedTuple):
    """A mesh as it is seen: everything that a picture of it needs, in arrays."""

    surface: Surface
    uvs: NDArray[np.float32] | None
    slots: NDArray[np.int32]
    smooth: NDArray[np.bool_]
    materials: tuple[bpy.types.Material | None, ...]
    matrix: NDArray[np.float64]


def figure(item: Placed, mesh: bpy.types.Mesh, surface: Surface) -> Figure:
    """Copy what is seen of a mesh."""
    materials = tuple(s.material and s.material.original for s in item.object.material_slots)
    return Figure(
        surface,
        corners.triangle_uvs(mesh, surface),
        corners.triangle_slots(mesh, surface),
        corners.triangle_smooth(mesh, surface),
        materials,
        item.matrix,
    )


def photograph(figures: Sequence[Figure], cameras: Sequence[Camera]) -> list[Pixels]:
    """Return (H, W, 3) uint8 of each camera on a white background; leaves nothing in the file.

    Raises TugError `bad_input` where Blender cannot render.
    """
    with _studio(figures) as scene:
        return [_shot(scene, camera) for camera in cameras]


@contextmanager
def _studio(figures: Sequence[Figure]) -> Iterator[bpy.types.Scene]:
    """Lend a scene with copies of the meshes, and take all that was made away afterwards."""
    data = bpy.data
    had_result = "Render Result" in data.images
    scene = data.scenes.new("Tug Studio")
    camera = data.objects.new("Tug Studio", data.cameras.new("Tug Studio"))
    meshes: list[bpy.types.Mesh] = []
    try:
        scene.collection.objects.link(camera)
        scene.camera = camera
        for shown in figures:
            meshes.append(_mesh(shown))
            obj = data.objects.new("Tug Studio", meshes[-1])
            obj.matrix_world = Matrix(shown.matrix)
            scene.collection.objects.link(obj)
        _set_up(scene)
        yield scene
    finally:
        lens_data = camera.data
        for obj in list(scene.collection.objects):
            data.objects.remove(obj)
        data.cameras.remove(lens_data)
        for mesh in meshes:
            data.meshes.remove(mesh)
        data.scenes.remove(scene)
        rendered = data.images.get("Render Result")
        if rendered and not had_result:
            data.images.remove(rendered)


def _set_up(scene: bpy.types.Scene) -> None:
    render, shading = scene.render, scene.display.shading
    render.engine, render.film_transparent = "BLENDER_WORKBENCH", True
    render.resolution_percentage = 100
    render.use_compositing = render.use_sequencer = False
    render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGBA"
    scene.view_settings.view_transform = "Standard"
    scene.display.render_aa = "8"
    shading.light, shading.color_type = "STUDIO", "TEXTURE"
    shading.show_cavity = shading.show_shadows = False


def _shot(scene: bpy.types.Scene, camera: Camera) -> Pixels:
    found, picture = lens(camera.focal, camera.centre, camera.width, camera.height)
    obj, render = scene.camera, scene.render
    obj.matrix_world, data = Matrix(camera.pose), obj.data
    data.sensor_fit, data.lens = found.fit, found.lens
    data.sensor_width, data.sensor_height = found.sensor_width, found.sensor_height
    data.shift_x, data.shift_y = found.shift_x, found.shift_y
    data.clip_start, data.clip_end = camera.near, camera.far
    render.resolution_x, render.resolution_y = picture.width, picture.height
    render.pixel_aspect_x, render.pixel_aspect_y = picture.aspect_x, picture.aspect_y
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        render.filepath = str(file)
        try:
            bpy.ops.render.render(scene=scene.name, write_still=True)
        except RuntimeError as problem:
            raise _cannot() from problem
        if not file.is_file():
            raise _cannot()
        return _on_white(file)


def _on_white(file: Path) -> Pixels:
    """Read a picture with transparency, and put it on white."""
    image = bpy.data.images.load(str(file), check_existing=False)
    try:
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    values = values.reshape(height, width, 4)[::-1]
    alpha = values[..., 3:]
    seen = values[..., :3] * alpha + (1.0 - alpha)
    return np.rint(np.clip(seen, 0.0, 1.0) * 255.0).astype(np.uint8)


def _mesh(shown: Figure) -> bpy.types.Mesh:
    surface = shown.surface
    count = len(surface.triangles)
    mesh = bpy.data.meshes.new("Tug Studio")
    mesh.vertices.add(len(surface.vertices))
    mesh.loops.add(3 * count)
    mesh.polygons.add(count)
    mesh.vertices.foreach_set("co", surface.vertices.reshape(-1))
    mesh.loops.foreach_set("vertex_index", surface.triangles.reshape(-1))
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    for material in shown.materials:
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", shown.slots)
    mesh.polygons.foreach_set("use_smooth", shown.smooth)
    if shown.uvs is not None:
        layer = mesh.uv_layers.new(name="UVMap")
        layer.uv.foreach_set("vector", shown.uvs.reshape(-1))
    mesh.update(calc_edges=True)
    return mesh


def _cannot() -> Exception:
    return failure(
        "bad_input", "Blender cannot render here, for want of a graphics context; use clay."
    )
