"""Runs inside Blender: show what a model imagines of pulled parts, and bake it onto them.

python imagined_scene.py TASK.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import render
import stage
from mathutils import Vector
from scene import install, key_frames, tell

samples = 16


def main(task: dict[str, Any]) -> None:
    """Do it for each model and leave found.json, its pictures and what was imagined."""
    out = Path(task["out"])
    found = []
    for index, model in enumerate(task["models"]):
        tell(model["name"])
        found.append(show(task, model, out / str(index)))
    (out / "found.json").write_text(json.dumps(found), encoding="utf-8")


def show(task: dict[str, Any], model: dict[str, Any], out: Path) -> dict[str, Any]:
    """Imagine, find the joint with it, bake, and render at rest and opened."""
    out.mkdir()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    install(task["extension"])
    bpy.ops.import_scene.gltf(filepath=model["file"], loglevel=40)
    import msgspec
    from bl_ext.user_default.tug import api

    scene = bpy.context.scene
    part = bpy.data.objects[model["part"]]
    meshes = [item for item in scene.objects if item.type == "MESH"]
    for item in meshes:  # their maps repeat over a tile; without one, Tug unwraps
        while item.data.uv_layers:
            item.data.uv_layers.remove(item.data.uv_layers[0])
        item.data.update()
    resting = stage.corners_of([part])
    api.connect(connection_file=task["connection"])
    asked = api.drag_views(part, drags=[model["drag"]], views=task["views"], look="clay")
    for view in range(task["views"]):
        pair = [asked.picture(view, name) for name in ("before", "after")]
        drags = asked.result().views[view].drags
        np.savez(out / f"view-{view}.npz", before=pair[0], after=pair[1], drags=drags)
    answer = api.articulate(part, evidence="dragapart")
    joint = answer.result().joints[0]
    answer.apply(keyframes=True)
    baked = api.bake_texture(asked)
    baked.apply()
    api.disconnect()

    first, _, opened, _ = key_frames()
    render.set_size(scene, task["size"])
    corners = []
    for frame in (opened, first):
        scene.frame_set(frame)
        corners += stage.corners_of(meshes)
    stage.build(scene, corners)
    stage.draw_drag(scene, "drag", *map(Vector, model["drag"]))
    render.picture(out / "rest.png", first, samples)
    stage.draw_joint(scene, "joint", joint, resting)
    render.picture(out / "opened.png", opened, samples)
    return {"joint": msgspec.to_builtins(joint), "evidence": said(joint)}


def said(joint: Any) -> str:
    """Return what the model's evidence for a joint says."""
    own = [each.text for each in joint.evidence if each.name == "dragapart"]
    return own[0] if own else "the model was not asked"


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
