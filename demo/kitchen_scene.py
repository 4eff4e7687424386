"""Runs inside Blender: articulate a trolley, place it, drive it round a table, see it from 8 sides.

python kitchen_scene.py TASK.json
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any

import bpy
import render
from mathutils import Vector
from scene import install, tell

Checks = list[dict[str, Any]]
samples = 6


def main(task: dict[str, Any]) -> None:
    """Do it all and leave found.json, kitchen.blend, the views and their pictures."""
    out = Path(task["out"])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    install(task["extension"])
    bpy.ops.import_scene.gltf(filepath=task["room"], loglevel=40)
    see_through_from_behind("wall_back", "wall_left")
    bpy.ops.import_scene.gltf(filepath=task["trolley"], loglevel=40)
    trolley = bpy.data.objects[task["body"]]
    light(bpy.context.scene)
    from bl_ext.user_default.tug import api

    api.connect(connection_file=task["connection"])
    tell("finding the trolley's joints")
    articulate(api, trolley)
    checks: Checks = []
    place(api, trolley, task["way"][0], checks)
    keys = drive(api, trolley, task, checks)
    tell("looking from all sides")
    seen = api.render_controls([trolley], folder=out / "views", size=(256, 256))
    seen.result()
    cameras = list(seen.cameras)
    api.disconnect()

    names = [camera.name for camera in cameras]
    found = {"checks": checks, "keys": keys, "views": names}
    bpy.context.scene.camera = cameras[-1]
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "kitchen.blend"), compress=True)
    tell("rendering the contact sheet")
    show(out, cameras, task["shown"], task["tile"])
    (out / "found.json").write_text(json.dumps(found, indent=2), encoding="utf-8")


def articulate(api: Any, trolley: bpy.types.Object) -> None:
    """Give all parts of the trolley their joints: what does not slide, turns without end."""
    job = api.articulate_object(trolley, joint_types=("prismatic", "continuous"))
    for part in job.result().parts:
        tell(f"  {part.name}: {part.joints[0].type}")
    job.apply(keyframes=False)


def place(api: Any, trolley: bpy.types.Object, spot: list[float], checks: Checks) -> None:
    """Put the trolley down where its way begins."""
    job = api.place(trolley, at=spot)
    (stands,) = job.result().placements
    job.apply()
    tell(f"the trolley stands on {stands.support}")
    check(checks, "placed: penetration, share of its size", stands.penetration / stands.size, 0.005)
    check(checks, "placed: gap, share of its size", stands.gap / stands.size, 0.005)
    check(checks, "placed: unstable by, share of its size", -stands.stability, 0.0)


def drive(api: Any, trolley: bpy.types.Object, task: dict[str, Any], checks: Checks) -> str:
    """Animate the trolley along its way, the drawer opening on it; say how many keys it took."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = task["frames"]
    curve = api.trajectory(task["way"], trolley, frames=task["frames"])
    first, last = task["drawer_opens"]
    scene.timeline_markers.new("Drawer", frame=first)
    job = api.animate(
        curve,
        orientation="follow",
        on_ground=True,
        ease="both",
        steps=[{"part": "drawer", "marker": "Drawer", "open": 1.0, "frames": last - first}],
    )
    (track,) = job.result().tracks
    job.apply()
    check(checks, "driven: keys stray, share of its size", track.strays, 0.001)
    check(checks, "driven: wheels slip, share of the way", track.slip, 0.01)
    check(checks, "driven: off the ground, share of its size", track.gap, 0.005)
    check(checks, "driven: collisions", len(track.collisions), 0)
    check(checks, "driven: off the curve in Blender, metres", off_way(trolley, curve, task), 0.005)
    check(checks, "driven: drawer short of open, share", short_of_open(task["frames"][1]), 0.001)
    keys = sum(channel.keys.shape[0] for channel in track.channels)
    frames = track.poses.shape[0] * len(track.channels)
    return f"{keys} keys for what {frames} baked ones would say ({frames / keys:.0f} times fewer)"


def off_way(trolley: bpy.types.Object, curve: bpy.types.Object, task: dict[str, Any]) -> float:
    """Return how far the trolley's origin gets from the curve, seen from above, as evaluated."""
    from bl_ext.user_default.tug.scene.trajectories import path_of

    line = [Vector(point[:2]) for point in path_of(curve).points]
    scene, worst = bpy.context.scene, 0.0
    for frame in range(task["frames"][0], task["frames"][1] + 1):
        scene.frame_set(frame)
        at = trolley.matrix_world.translation.to_2d()
        worst = max(worst, min(off_segment(at, a, b) for a, b in itertools.pairwise(line)))
    return worst


def off_segment(point: Vector, a: Vector, b: Vector) -> float:
    """Return the distance of a point from a segment."""
    way = b - a
    share = (point - a).dot(way) / max(way.length_squared, 1e-12)
    return (a + min(max(share, 0.0), 1.0) * way - point).length


def short_of_open(frame: int) -> float:
    """Return what is missing of the drawer being open at a frame."""
    bpy.context.scene.frame_set(frame)
    control = next(o for o in bpy.data.objects if "tug_open" in o and "drawer" in o.name)
    return abs(1.0 - control["tug_open"])


def check(checks: Checks, what: str, value: float, most: float) -> None:
    """Note a figure and what it may be at most."""
    checks.append({"what": what, "value": float(value), "most": most})


def show(out: Path, cameras: list[bpy.types.Object], frames: list[int], size: int) -> None:
    """Render each camera's view at each frame as view-INDEX-FRAME.png."""
    scene = bpy.context.scene
    render.set_size(scene, (size, size))
    for index, camera in enumerate(cameras):
        scene.camera = camera
        for frame in frames:
            render.picture(out / f"view-{index}-{frame}.png", frame, samples)


def see_through_from_behind(*names: str) -> None:
    """Let these objects be seen from their inside only, as in a doll's house."""
    for name in names:
        for slot in bpy.data.objects[name].material_slots:
            tree = slot.material.node_tree
            shader = tree.nodes["Principled BSDF"]
            inside = tree.nodes.new("ShaderNodeNewGeometry")
            turned = tree.nodes.new("ShaderNodeMath")
            turned.operation = "SUBTRACT"
            turned.inputs[0].default_value = 1.0
            tree.links.new(inside.outputs["Backfacing"], turned.inputs[1])
            tree.links.new(turned.outputs[0], shader.inputs["Alpha"])


def light(scene: bpy.types.Scene) -> None:
    """Add a sun, a lamp over the table and a bright surrounding."""
    world = bpy.data.worlds.new("kitchen")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.94, 0.96, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.9
    scene.world = world
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.data.angle = 2.0, math.radians(8.0)
    sun.rotation_euler = Vector((0.5, 0.6, -1.0)).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(sun)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
