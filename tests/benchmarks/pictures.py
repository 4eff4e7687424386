"""Shaded pictures of one object against Blender's own Workbench. Run by run.py, with bpy.

The backend draws all pictures, in a process of its own, before and after Blender's turn, each
with another state of the object, camera and light. Of Workbench some are rendered. Counted is the
time of processors, of all threads: a training renders on every core. Samples of Drag-a-Move are
drawn as well, which is how many pairs a training would see.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.benchmarks.inside import module
from tests.benchmarks.measure import table

root = Path(__file__).parents[2]
family, seed = "cabinet", 3
sizes = (64, 256)
pictures, sampled, rounds = 32, 12, 2
samples = 120


def processor_seconds(action: Callable[[], object]) -> float:
    """How long all threads of this process compute for one call."""
    began = time.process_time()
    action()
    return time.process_time() - began


def by_backend(path: Path) -> dict:
    """Seconds of the backend's rounds, by size; the object is written to `path`."""
    program = [os.environ["TUG_BACKEND_PYTHON"], "-m", "tests.benchmarks.pictures", str(path)]
    ran = subprocess.run(program, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def draw_all(path: Path) -> None:
    """In the backend's process: draw all pictures some times, and samples."""
    from backend.datasets import generate
    from backend.datasets.drag_a_move import animation, pool
    from backend.geometry.mesh import Mesh
    from backend.pictures import looks, studio

    item = generate(family, seed)
    rng = np.random.default_rng(0)
    movers = animation.movable(item)
    states = [animation.draw(rng, item, movers).after for _ in range(pictures)]
    motion = np.stack([item.pose(state) for state in states])
    meshes = [Mesh(link.vertices, link.faces) for link in item.links]
    actors = [studio.Actor(mesh, looks.clay(mesh), motion[:, i]) for i, mesh in enumerate(meshes)]
    lights = [studio.light(k) for k in range(pictures)]
    kept: dict = {f"vertices_{i}": mesh.vertices for i, mesh in enumerate(meshes)}
    kept |= {f"faces_{i}": mesh.faces for i, mesh in enumerate(meshes)}
    took = {}
    for size in sizes:
        cameras = studio.cameras_around(meshes, pictures, 0, size)
        kept["poses"] = np.stack([camera.pose for camera in cameras])
        kept["angles"] = np.array([2 * math.atan(size / 2 / c.focal[0]) for c in cameras])

        def shoot(cameras: list = cameras) -> None:
            studio.shoot(actors, cameras, lights, frames=pictures)

        took[str(size)] = [processor_seconds(shoot) for _ in range(rounds + 1)][1:]  # not the first
    pairs = processor_seconds(lambda: pool("train", samples, seed=0)) / samples
    np.savez(path, motion=motion, **kept)
    faces = sum(len(mesh.faces) for mesh in meshes)
    print(json.dumps({"seconds": took, "pairs": pairs, "faces": faces}))


def workbench(path: Path) -> dict[str, list[float]]:
    """Seconds of each picture that Blender renders, by size; the first is thrown away."""
    bpy, matrix = module("bpy"), module("mathutils").Matrix
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    stored = np.load(path)
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.display.render_aa = "5"
    scene.display.shading.background_type = "VIEWPORT"
    scene.display.shading.background_color = (1.0, 1.0, 1.0)
    camera = bpy.data.objects.new("view", bpy.data.cameras.new("view"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    links = [link_of(stored, i) for i in range(stored["motion"].shape[1])]
    found: dict[str, list[float]] = {}
    for size in sizes:
        scene.render.resolution_x = scene.render.resolution_y = size
        took = []
        for k in range(sampled + 1):
            camera.matrix_world, camera.data.angle = matrix(stored["poses"][k]), stored["angles"][k]
            for i, link in enumerate(links):
                link.matrix_world = matrix(stored["motion"][k, i])
            took.append(processor_seconds(bpy.ops.render.render))
        found[str(size)] = took[1:]
    return found


def link_of(stored, index: int):
    bpy = module("bpy")
    mesh = bpy.data.meshes.new("link")
    mesh.from_pydata(stored[f"vertices_{index}"].tolist(), [], stored[f"faces_{index}"].tolist())
    link = bpy.data.objects.new("link", mesh)
    bpy.context.scene.collection.objects.link(link)
    return link


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tug-") as folder:
        path = Path(folder) / "object.npz"
        before = by_backend(path)
        took = workbench(path)
        after = by_backend(path)
    tell(before, after, took)


def tell(before: dict, after: dict, took: dict[str, list[float]]) -> None:
    pairs = statistics.median([before["pairs"], after["pairs"]])
    print(
        f"## Pictures to train on\n\nA {family} of {before['faces']:,} triangles, each time with "
        f"another state of its doors and drawers, from another side: Tug draws {pictures} in one "
        f"call, each with its own light; Workbench, without a GPU, one at a time, {sampled} of "
        "them. Both are antialiased (4 samples of a pixel here, 5 there), and the time is that of "
        "all threads on the processor. A pair of Drag-a-Move "
        "at 64 pixels, from building the object to drags, masks and flow, takes "
        f"{1000 * pairs:.1f} ms of one core: {1 / pairs:.0f} pairs a second.\n"
    )
    cells = []
    for size in map(str, sizes):
        ours = statistics.median([*before["seconds"][size], *after["seconds"][size]]) / pictures
        theirs = statistics.median(took[size])
        each = [f"{1000 * theirs:.1f}", f"{1000 * ours:.2f}", f"{1 / ours:.0f}"]
        cells.append([f"{size} x {size}", *each, f"{theirs / ours:.1f}"])
    heads = ["pixels", "Workbench, ms", "Tug, ms", "Tug, a second and core", "times as fast"]
    print(table(heads, cells))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        draw_all(Path(sys.argv[1]))
    else:
        main()
