"""Controls of 8 views against Blender's own Workbench render of them. Run by run.py, with bpy.

The backend draws every frame, in a process of its own, before and after Blender's turn. Of
Workbench some frames of each view are rendered and the time of all is reckoned from them.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.inside import module
from tests.benchmarks.measure import seconds, table

root = Path(__file__).parents[2]
frames, size, sampled, rounds = 240, 256, 3, 3
scenery, segments = 20, (64, 33)
movers, mover_segments = 2, (100, 51)


def build() -> dict:
    """A floor with balls on it, and two balls that roll about among them: 100,000 triangles."""
    bpy = module("bpy")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.mesh.primitive_plane_add(size=14.0, location=(0.0, 0.0, -0.5))
    objects = [(bpy.context.object, False)]
    for k in range(scenery):
        turn, far = math.tau * k / scenery, 3.2 + 0.9 * (k % 3)
        at = (far * math.cos(turn), far * math.sin(turn), 0.0)
        objects.append((ball(segments, 0.5, at), False))
    for k in range(movers):
        mover = ball(mover_segments, 0.45, (0.0, 0.0, 0.0))
        for frame in range(1, frames + 1, 8):
            turn = math.tau * (frame / frames + k / movers)
            mover.location = (2.2 * math.cos(turn), 1.4 * math.sin(2.0 * turn), 0.0)
            mover.rotation_euler = (0.0, 0.0, 3.0 * turn)
            mover.keyframe_insert("location", frame=frame)
            mover.keyframe_insert("rotation_euler", frame=frame)
        objects.append((mover, True))
    return arrays_of(objects)


def ball(cuts: tuple[int, int], radius: float, at: tuple[float, ...]):
    bpy = module("bpy")
    bpy.ops.mesh.primitive_uv_sphere_add(
        segments=cuts[0], ring_count=cuts[1], radius=radius, location=at
    )
    return bpy.context.object


def arrays_of(objects: list) -> dict:
    """Vertices in world at frame 1, triangles, and for what moves its motion from there."""
    bpy = module("bpy")
    scene, found = bpy.context.scene, {}
    scene.frame_set(1)
    rest = {}
    for k, (obj, moves) in enumerate(objects):
        obj.data.calc_loop_triangles()
        rest[k] = np.array(obj.matrix_world)
        points = np.array([vertex.co for vertex in obj.data.vertices])
        found[f"vertices_{k}"] = points @ rest[k][:3, :3].T + rest[k][:3, 3]
        faces = [triangle.vertices for triangle in obj.data.loop_triangles]
        found[f"faces_{k}"] = np.array(faces, np.int32)
        if moves:
            found[f"motion_{k}"] = np.empty((frames, 4, 4))
    for frame in range(frames):
        scene.frame_set(1 + frame)
        for k, (obj, moves) in enumerate(objects):
            if moves:
                pose = np.array(obj.matrix_world) @ np.linalg.inv(rest[k])
                found[f"motion_{k}"][frame] = pose
    return found


def by_backend(path: Path) -> dict:
    """Seconds of the backend's rounds, and the cameras' settings."""
    program = [os.environ["TUG_BACKEND_PYTHON"], "-m", "tests.benchmarks.views", str(path)]
    ran = subprocess.run(program, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def draw_all(path: Path) -> None:
    """In the backend's process: draw all views some times, and one of them into files."""
    from backend.geometry.mesh import Mesh
    from backend.views import bundle
    from backend.views.engine import Wish, prepare, render
    from backend.views.manifest import described
    from backend.views.scene import Body, Part, Scene
    from protocol.views import Rig

    stored = np.load(path)
    bodies = []
    for k in range(sum(name.startswith("faces_") for name in stored.files)):
        motion = stored[f"motion_{k}"] if f"motion_{k}" in stored.files else None
        mesh = Mesh(stored[f"vertices_{k}"], stored[f"faces_{k}"])
        bodies.append(Body(f"body {k}", (Part("all", mesh, motion),), motion is not None))
    scene = Scene(tuple(bodies), frames)
    wish = Wish(rig=Rig(width=size, height=size), unclear="keep", tracks=4)
    cameras: list = []

    def draw() -> None:
        views = render(prepare(scene, wish), keep=False)
        cameras[:] = [described(view.camera) for view in views]

    took = [seconds(draw) for _ in range(rounds + 1)][1:]  # the first one loads the kernels
    prepared = prepare(scene, wish)
    view = next(iter(render(prepared)))
    with tempfile.TemporaryDirectory() as folder:
        written = seconds(lambda: bundle.write(prepared, view, Path(folder)))
    tracked = seconds(lambda: projected(prepare(scene, wish)))
    print(
        json.dumps(
            {
                "seconds": took,
                "written": written,
                "tracked": tracked,
                "cameras": cameras,
                "faces": scene.faces,
            }
        )
    )


def projected(prepared) -> None:
    for view in prepared.views:
        view.camera.project(prepared.tracks.ways)


def workbench(cameras: list[dict]) -> list[float]:
    """Seconds of each frame that Blender renders: some of each view, the first thrown away."""
    bpy, matrix = module("bpy"), module("mathutils").Matrix
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.display.render_aa = "OFF"
    scene.render.resolution_x = scene.render.resolution_y = size
    took = []
    for settings in cameras:
        lens = settings["blender"]
        camera = bpy.data.objects.new("view", bpy.data.cameras.new("view"))
        scene.collection.objects.link(camera)
        scene.camera, camera.matrix_world = camera, matrix(lens["camera_to_world"])
        camera.data.sensor_fit, camera.data.angle = lens["sensor_fit"], lens["angle"]
        camera.data.shift_x, camera.data.shift_y = lens["shift_x"], lens["shift_y"]
        camera.data.clip_start, camera.data.clip_end = settings["near"], settings["far"]
        for frame in np.linspace(1, frames, sampled + 1).round().astype(int)[1:].tolist():
            took.append(seconds(lambda frame=frame: shoot(scene, frame)))
    return took[1:]


def shoot(scene, frame: int) -> None:
    bpy = module("bpy")
    scene.frame_set(frame)
    bpy.ops.render.render()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tug-") as folder:
        path = Path(folder) / "scene.npz"
        np.savez(path, **build())  # type: ignore[arg-type]
        before = by_backend(path)
        took = workbench(before["cameras"])
        after = by_backend(path)
    tell(before, after, took)


def tell(before: dict, after: dict, took: list[float]) -> None:
    views = len(before["cameras"])
    ours = statistics.median([*before["seconds"], *after["seconds"]])
    theirs = statistics.median(took) * views * frames
    tracked = statistics.median([before["tracked"], after["tracked"]])
    written = ours + views * statistics.median([before["written"], after["written"]])
    print(
        f"## Controls of views\n\n{views} views of {frames} frames, {size} x {size} pixels, of "
        f"{before['faces']:,} triangles: tracks, masks of bodies and parts, depth and flow. "
        f"Workbench renders without antialiasing, without a GPU, and its time is reckoned from "
        f"{len(took)} of the {views * frames:,} frames; the files are those of one view, times "
        f"{views}. The goal was to be faster than Workbench.\n"
    )
    rows = [
        ("Blender, Workbench: one colour picture a frame", theirs),
        ("Tug: all controls", ours),
        ("Tug: all controls, written as OpenEXR, PNG and npz", written),
        ("Tug: rig and tracks alone", tracked),
    ]
    cells = [[name, f"{value:.2f}", f"{theirs / value:.1f}"] for name, value in rows]
    print(table(["", "s", "times as fast as Workbench"], cells))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        draw_all(Path(sys.argv[1]))
    else:
        main()
