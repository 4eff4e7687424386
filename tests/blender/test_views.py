"""What the backend says that cameras see, against Blender's own projection and render passes."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Matrix, Vector

from tests.blender.conftest import add_box
from tests.conftest import backend_python, root

width, height, frames = 120, 80, (1, 4, 7)


def add_ball(name: str, radius: float, at: tuple[float, ...]) -> bpy.types.Object:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=24, ring_count=12, radius=radius, location=at)
    ball = bpy.context.object
    ball.name = name
    return ball


def add_camera() -> bpy.types.Object:
    """One with a shifted lens that is turned about all axes."""
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    camera.location = (3.5, -5.0, 2.6)
    camera.rotation_euler = (math.radians(65.0), 0.15, math.radians(36.0))
    camera.data.lens, camera.data.shift_x, camera.data.shift_y = 32.0, 0.05, -0.08
    return camera


def numbers(matrix) -> list[list[float]]:
    return [list(row) for row in matrix]


def pinhole(camera: bpy.types.Object) -> dict:
    """Blender's camera in the terms of the protocol, out of its projection matrix."""
    graph = bpy.context.evaluated_depsgraph_get()
    matrix = camera.calc_matrix_camera(graph, x=width, y=height)
    return {
        "name": camera.name,
        "pose": numbers(camera.matrix_world),
        "focal": (0.5 * width * matrix[0][0], 0.5 * height * matrix[1][1]),
        "centre": (0.5 * width * (1.0 - matrix[0][2]), 0.5 * height * (1.0 + matrix[1][2])),
        "width": width,
        "height": height,
    }


def body(obj: bpy.types.Object, motion: list) -> dict:
    """A mesh object in world at the first frame, and how it moves from there."""
    bpy.context.scene.frame_set(frames[0])
    mesh = obj.data
    mesh.calc_loop_triangles()
    return {
        "name": obj.name,
        "vertices": [list(obj.matrix_world @ vertex.co) for vertex in mesh.vertices],
        "faces": [list(triangle.vertices) for triangle in mesh.loop_triangles],
        "motion": motion,
    }


def motion_of(obj: bpy.types.Object) -> list:
    poses = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        poses.append(np.array(obj.matrix_world))
    return [(pose @ np.linalg.inv(poses[0])).tolist() for pose in poses]


def render_passes(folder: Path) -> list[Path]:
    """Depth and object index of each frame by Cycles, one sample in the middle of each pixel."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.cycles.samples, scene.cycles.device = 1, "CPU"
    scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
    layer = bpy.context.view_layer
    layer.use_pass_z = layer.use_pass_object_index = True
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format, settings.color_depth = "OPEN_EXR_MULTILAYER", "32"
    paths = []
    for frame in frames:
        scene.frame_set(frame)
        paths.append(folder / f"frame{frame}.exr")
        scene.render.filepath = str(paths[-1])
        bpy.ops.render.render(write_still=True)
    return paths


def by_backend(folder: Path, tree: dict, *paths: Path):
    source, out = folder / "scene.json", folder / "seen.npz"
    source.write_text(json.dumps(tree))
    program = [backend_python(), "-m", "tests.blender.views_by_backend", source, out, *paths]
    ran = subprocess.run(program, cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return np.load(out)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A turning box and a ball that pass over a floor: by Blender and by the backend."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    folder = tmp_path_factory.mktemp("views")
    floor = add_box("Floor", (8.0, 8.0, 0.1), (0.0, 0.0, -0.6))
    box = add_box("Box", (1.0, 0.7, 0.9), (0.0, 0.0, 0.0))
    ball = add_ball("Ball", 0.5, (0.4, -0.9, 0.1))
    for obj, far in ((box, (1.2, 0.5, 0.2)), (ball, (-1.0, 0.6, 0.3))):
        obj.keyframe_insert("location", frame=frames[0])
        obj.keyframe_insert("rotation_euler", frame=frames[0])
        obj.location = [a + b for a, b in zip(obj.location, far, strict=True)]
        obj.rotation_euler = (0.2, 0.1, 1.1)
        obj.keyframe_insert("location", frame=frames[-1])
        obj.keyframe_insert("rotation_euler", frame=frames[-1])
    for index, obj in enumerate((floor, box, ball), 1):
        obj.pass_index = index
    camera = add_camera()
    paths = render_passes(folder)
    tree = {
        "bodies": [body(floor, []), body(box, motion_of(box)), body(ball, motion_of(ball))],
        "frames": len(frames),
        "cameras": [pinhole(camera)],
        "rig": True,
    }
    found = by_backend(folder, tree, *paths)
    yield found
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def projected(camera: bpy.types.Object, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Where Blender's own function sees points (N, 3), in pixels from the top left corner."""
    scene = bpy.context.scene
    spots = [world_to_camera_view(scene, camera, Vector(point)) for point in points]
    return np.array([(x * size[0], (1.0 - y) * size[1]) for x, y, _ in spots])


def test_projections_are_blenders_own(seen):
    camera = bpy.data.objects["Camera"]
    for frame in range(len(frames)):
        ours = seen["tracks_0"][frame]
        theirs = projected(camera, seen["world"][frame], (width, height))
        assert np.abs(ours - theirs).max() < 0.01


def test_the_rigs_cameras_are_cameras_in_blender(seen):
    """A camera set up by a view's settings sees every track where the view says."""
    settings = json.loads(str(seen["settings"]))
    assert len(settings) == 9
    scene = bpy.context.scene
    for k, view in enumerate(settings):
        camera = bpy.data.objects.new(f"view {k}", bpy.data.cameras.new(f"view {k}"))
        scene.collection.objects.link(camera)
        lens = view["blender"]
        camera.data.sensor_fit = lens["sensor_fit"]
        camera.data.angle = lens["angle"]
        camera.data.shift_x, camera.data.shift_y = lens["shift_x"], lens["shift_y"]
        camera.matrix_world = Matrix(lens["camera_to_world"])
        scene.render.resolution_x, scene.render.resolution_y = view["width"], view["height"]
        bpy.context.view_layer.update()
        for frame in range(len(frames)):
            size = (view["width"], view["height"])
            theirs = projected(camera, seen["world"][frame], size)
            assert np.abs(seen[f"tracks_{k}"][frame] - theirs).max() < 0.01


def test_masks_are_blenders_object_indices(seen):
    for frame in range(len(frames)):
        ours, theirs = seen["instances_0"][frame], seen[f"blender_index_{frame}"].round()
        assert (ours == theirs).mean() > 0.998
        for index in (1, 2, 3):
            one, other = ours == index, theirs == index
            assert one.sum() > 100
            assert (one & other).sum() / (one | other).sum() > 0.98, index


def test_depth_is_blenders(seen):
    for frame in range(len(frames)):
        ours, theirs = seen["depth_0"][frame], seen[f"blender_depth_{frame}"]
        same = seen["instances_0"][frame] == seen[f"blender_index_{frame}"].round()
        nothing = ~np.isfinite(ours)
        assert nothing.any() and (theirs[nothing & same] > 1e9).all()
        off = np.abs(ours / theirs - 1.0)[same & ~nothing]
        assert np.quantile(off, 0.99) < 1e-3 and off.max() < 0.05
