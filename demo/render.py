"""Runs inside Blender: the stills and the frames of the film, each with a layer of arrows.

Cycles on the CPU gives the pictures. Workbench gives the arrows alone, which are later laid
faintly over them, so that what a drawer hides can still be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

still_size = (560, 640)
film_size = (336, 384)
film_frames = 13


def set_size(scene: bpy.types.Scene, size: Sequence[int] = still_size) -> None:
    """Set the picture's width and height, on which the camera's framing depends."""
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100


def stills(out: Path, frames: tuple[int, ...]) -> None:
    """Render rest.png, half.png, open.png and arrows.png."""
    scene = bpy.context.scene
    _cycles(scene, samples=10)
    for name, frame in zip(("rest", "half", "open"), frames, strict=False):
        _render(scene, out / f"{name}.png", frame)
    _arrows_only(scene, out / "arrows.png", frames[0])


def film(out: Path, frames: tuple[int, ...]) -> None:
    """Render film-00.png and so on, from rest to open."""
    scene = bpy.context.scene
    _cycles(scene, samples=4)
    scene.render.resolution_x, scene.render.resolution_y = film_size
    for index in range(film_frames):
        share = index / (film_frames - 1)
        frame = frames[0] + share * (frames[2] - frames[0])
        _render(scene, out / f"film-{index:02}.png", round(frame))


def picture(path: Path, frame: int, samples: int = 8) -> None:
    """Render one picture of it all."""
    _cycles(bpy.context.scene, samples)
    _render(bpy.context.scene, path, frame)


def _cycles(scene: bpy.types.Scene, samples: int) -> None:
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.seed = 0
    scene.cycles.use_denoising = True
    scene.cycles.max_bounces = 4
    scene.render.film_transparent = False
    scene.render.use_persistent_data = True
    scene.view_settings.view_transform = "Standard"


def _arrows_only(scene: bpy.types.Scene, path: Path, frame: int) -> None:
    arrows = set(scene.collection.children["arrows"].objects)
    hidden = [item for item in scene.objects if item not in arrows]
    for item in hidden:
        item.hide_render = True
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.film_transparent = True
    scene.display.shading.light = "FLAT"
    scene.display.shading.color_type = "MATERIAL"
    _render(scene, path, frame)
    for item in hidden:
        item.hide_render = False


def _render(scene: bpy.types.Scene, path: Path, frame: int) -> None:
    scene.frame_set(frame)
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
