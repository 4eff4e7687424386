"""The contact sheet of placing: some things where they came to stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from backend.evaluation.drawing import best_camera, paper, picture
from backend.evaluation.placement_trials import trial
from backend.formats.meshes import merged
from backend.formats.model import moved
from backend.geometry.mesh import subset

if TYPE_CHECKING:
    from backend.evaluation.placement import Scores

shown = 24
columns = 6
side = 220
caption = 24
colour = (226, 120, 50)
around = 1.0  # of the thing's size: how much of the scene is shown


def write(path: Path, scores: Sequence[Scores]) -> None:
    """Write pictures of some trials, spread over them, as one image."""
    chosen = [
        scores[k] for k in np.linspace(0, len(scores) - 1, min(shown, len(scores))).astype(int)
    ]
    if not chosen:
        return
    rows = -(-len(chosen) // columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + caption)), paper)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for k, one in enumerate(chosen):
        x, y = k % columns * side, k // columns * (side + caption)
        sheet.paste(_picture(one), (x, y))
        draw.text((x + 6, y + side + 4), f"{one.name} ({one.where})", (50, 54, 62), font)
    sheet.save(path, optimize=True)


def _picture(one: Scores) -> Image.Image:
    from backend.evaluation.placement import pose_of

    asked = trial(one.seed)
    mesh = merged([s.mesh for link in asked.item.model.links for s in link.shapes])
    thing = moved(mesh, pose_of(asked))
    low, high = thing.vertices.min(axis=0), thing.vertices.max(axis=0)
    reach = around * float(np.linalg.norm(high - low))
    scene = merged([part.mesh for part in asked.scene if not part.name.startswith("wall")])
    corners = scene.corners
    close = (corners.min(axis=1) <= high + reach) & (corners.max(axis=1) >= low - reach)
    shown_scene = subset(scene, close.all(axis=1))
    focus = subset(thing, np.ones(len(thing.faces), bool))
    camera = best_camera(focus, focus, np.stack([low - 0.3 * reach, high + 0.3 * reach]), side)
    return picture(camera, shown_scene, thing, colour)
