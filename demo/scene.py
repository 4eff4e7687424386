"""Runs inside Blender: articulate every moving part of a model, accept, keyframe and render.

    python scene.py TASK.json

TASK.json names the extension's zip, the model, the backend's connection file, the folder for
the results, and for each part its drag, its prompt and the joint it was made with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import render
import stage
from mathutils import Matrix, Vector


def main(task: dict[str, Any]) -> None:
    """Do the whole job and leave found.json, demo.blend and the frames in the output folder."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    install(task["extension"])
    bpy.ops.import_scene.gltf(filepath=task["model"], loglevel=40)
    from bl_ext.user_default.tug import api

    tell("connecting over ZeroMQ")
    api.connect(connection_file=task["connection"])
    parts = {part["name"]: bpy.data.objects[part["name"]] for part in task["parts"]}
    jobs = {
        part["name"]: api.articulate(
            parts[part["name"]], drags=[part["drag"]], prompt=part["prompt"]
        )
        for part in task["parts"]
    }
    joints = {}
    for name, job in jobs.items():
        joints[name] = job.result().joints[0]
        tell(f"{name}: {joints[name].type}")
    resting = {name: stage.corners_of([item]) for name, item in parts.items()}
    rests = {name: item.matrix_world.copy() for name, item in parts.items()}
    for job in jobs.values():
        job.apply(keyframes=True)
    api.disconnect()

    out = Path(task["out"])
    frames = key_frames()
    bpy.context.scene.frame_end = frames[-1]
    moved = {name: moves(item, rests[name], joints[name], frames) for name, item in parts.items()}
    report(out / "found.json", joints, moved)
    present(task["parts"], joints, resting, frames)
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "demo.blend"), compress=True)
    tell("rendering the picture")
    render.stills(out, frames)
    tell("rendering the film")
    render.film(out, frames)


def install(zip_file: str) -> None:
    """Install the extension's zip and enable it, and the glTF importer, as the preferences do."""
    import addon_utils  # there once bpy is

    bpy.ops.extensions.package_install_files(
        filepath=zip_file, repo="user_default", enable_on_install=True, overwrite=True
    )
    addon_utils.enable("bl_ext.user_default.tug", default_set=True)
    addon_utils.enable("io_scene_gltf2")


def tell(text: str) -> None:
    """Print a line that run.py passes on."""
    print("demo:", text, flush=True)


def key_frames() -> tuple[int, int, int, int]:
    """Return the frames of rest, half-way, open and rest again, from the keys Tug has set."""
    times = {
        round(point.co.x)
        for action in bpy.data.actions
        for layer in action.layers
        for strip in layer.strips
        for bag in strip.channelbags
        for curve in bag.fcurves
        for point in curve.keyframe_points
    }
    first, opened, last = sorted(times)
    return first, (first + opened) // 2, opened, last


def moves(item: bpy.types.Object, rest: Matrix, joint: Any, frames: tuple[int, ...]) -> float:
    """Return how far, in Blender units, the keyed motion strays from the joint's own."""
    from bl_ext.user_default.tug.protocol.joint import motion

    strays = []
    for frame, value in ((frames[0], 0.0), (frames[2], joint.upper), (frames[3], 0.0)):
        bpy.context.scene.frame_set(frame)
        expected = Matrix(motion(joint, value).tolist()) @ rest
        corners = [Vector(corner) for corner in item.bound_box]
        strays += [(item.matrix_world @ c - expected @ c).length for c in corners]
    return max(strays)


def report(path: Path, joints: dict[str, Any], moved: dict[str, float]) -> None:
    """Write what was found, for the other side to compare with the truth."""
    import msgspec

    found = {
        name: {"joint": msgspec.to_builtins(joint), "stray": moved[name]}
        for name, joint in joints.items()
    }
    path.write_text(json.dumps(found, indent=2), encoding="utf-8")


def present(
    parts: list[dict[str, Any]],
    joints: dict[str, Any],
    resting: dict[str, list[Vector]],
    frames: tuple[int, ...],
) -> None:
    """Put lights, camera and arrows around the model, framed for all its poses."""
    scene = bpy.context.scene
    render.set_size(scene)
    meshes = [item for item in scene.objects if item.type == "MESH"]
    corners = []
    for frame in frames[:3]:
        scene.frame_set(frame)
        corners += stage.corners_of(meshes)
    scene.frame_set(frames[0])
    stage.build(scene, corners)
    for part in parts:
        stage.draw_joint(scene, part["name"], joints[part["name"]], resting[part["name"]])
        stage.draw_drag(scene, part["name"], *map(Vector, part["drag"]))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
