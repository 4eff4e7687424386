"""The contact sheet of part proposals: the worst cases with truth, best proposal and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from backend.evaluation.drawing import Colour, best_camera, paper, picture
from backend.geometry.mesh import Mesh, subset

ink: Colour = (50, 54, 62)
truth: Colour = (52, 150, 84)
best: Colour = (66, 120, 200)
meant: Colour = (206, 62, 120)
shown = 12
columns = 2
side = 240  # pixels of a panel
caption = 44
panels = (("the part", truth), ("nearest proposal", best), ("what the words found", meant))


@dataclass(frozen=True, eq=False)
class Cell:
    """A case: its mesh, and the faces (K,) of the part, the best proposal and the words'."""

    title: str
    words: str
    mesh: Mesh
    truth: NDArray[np.int64]
    best: NDArray[np.int64]
    meant: NDArray[np.int64]


def write(path: Path, cells: Sequence[Cell]) -> None:
    """Write the sheet of some cells as an image."""
    rows = -(-len(cells) // columns)
    wide, high = len(panels) * side + 20, side + caption
    sheet = Image.new("RGB", (min(columns, len(cells)) * wide, rows * high), paper)
    for index, cell in enumerate(cells):
        _draw(sheet, (index % columns * wide + 10, index // columns * high), cell)
    sheet.save(path, optimize=True)


def _draw(sheet: Image.Image, corner: tuple[int, int], cell: Cell) -> None:
    draw, (x, y) = ImageDraw.Draw(sheet), corner
    draw.text((x, y + 4), cell.title, ink, ImageFont.load_default(16))
    draw.text((x, y + 24), cell.words, meant, ImageFont.load_default(14))
    camera = best_camera(*_split(cell.mesh, cell.truth), cell.mesh.vertices, side)
    for index, (words, colour) in enumerate(panels):
        part, body = _split(cell.mesh, (cell.truth, cell.best, cell.meant)[index])
        image = picture(camera, body, part, colour)
        ImageDraw.Draw(image).text((side / 2, side - 4), words, ink, anchor="md")
        sheet.paste(image, (x + index * side, y + caption))


def _split(mesh: Mesh, faces: NDArray[np.int64]) -> tuple[Mesh, Mesh]:
    chosen = np.zeros(len(mesh.faces), bool)
    chosen[faces] = True
    return subset(mesh, chosen), subset(mesh, ~chosen)
