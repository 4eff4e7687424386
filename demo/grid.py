"""Runs inside Blender: articulate one part of each of many models with `api.batch`.

    python grid.py TASK.json

The first run puts the models into one file; one that comes after a crash opens that file and
goes on from the journal.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import render
import stage
from mathutils import Matrix
from scene import install, key_frames, tell


def main(task: dict[str, Any]) -> None:
    """Do the whole job and leave found.json, batch.blend and sheet.png in the output folder."""
    out = Path(task["out"])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    install(task["extension"])
    if (out / "models.blend").exists():
        bpy.ops.wm.open_mainfile(filepath=str(out / "models.blend"))
    else:
        gather(task["models"], task["bad"])
        bpy.ops.wm.save_as_mainfile(filepath=str(out / "models.blend"))
    report = ask(task)
    for line in str(report).splitlines():
        tell(line)
    (out / "found.json").write_text(json.dumps(found(report)), encoding="utf-8")

    scene = bpy.context.scene
    first, _, opened, last = key_frames()
    scene.frame_end = last
    stage.build_sheet(scene, task["view"])
    render.set_size(scene, task["size"])
    tell("rendering the picture")
    render.picture(out / "sheet.png", opened)
    scene.frame_set(first)
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "batch.blend"), compress=True)


def gather(models: list[dict[str, Any]], bad: str) -> None:
    """Import all models, each in its place; the part that is to be bad loses a coordinate."""
    tell(f"bringing {len(models)} objects into one file")
    for model in models:
        bpy.ops.import_scene.gltf(filepath=model["file"], loglevel=40)
        for item in bpy.context.selected_objects:
            if item.parent is None:
                item.matrix_world = Matrix(model["place"]) @ item.matrix_world
            if item.name.partition(".")[0] == model["part"]:
                item.name = model["name"]
    bpy.data.objects[bad].data.vertices[0].co.x = float("nan")


def ask(task: dict[str, Any]) -> Any:
    """Run the batch, telling each item that is new."""
    from bl_ext.user_default.tug import api

    def progress(report: Any, item: Any) -> None:
        if item.state in ("done", "failed") and not item.reloaded:
            ended = len(report.done) + len(report.failed)
            kind = item.result.joints[0].type if item.result else item.state
            tell(f"{ended} of {len(report.items)}  {item.name}: {kind}")

    api.connect(connection_file=task["connection"])
    asked = [
        {"obj": model["name"], "drags": [model["drag"]], "prompt": model["prompt"]}
        for model in task["models"]
    ]
    journal = Path(task["out"]) / "batch.journal"
    report = api.batch(asked, journal=journal, on_progress=progress, apply=True)
    api.disconnect()
    return report


def found(report: Any) -> dict[str, Any]:
    """Return the results by name, for the other side to compare with the truth."""
    import msgspec

    return {item.name: msgspec.to_builtins(item.result) for item in report.done}


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
