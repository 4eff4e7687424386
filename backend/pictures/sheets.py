"""Pictures of pairs laid out to be looked at: enlarged, with their drags, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

ink: Colour = (50, 54, 62)
paper: Colour = (255, 255, 255)
arrow: Colour = (214, 40, 90)


def with_drags(picture: Picture, drags: NDArray[np.floating], zoom: int) -> Image.Image:
    """Return a picture (S, S, 3), enlarged, with its drags (D, 4) drawn as arrows."""
    image = enlarged(picture, zoom)
    draw = ImageDraw.Draw(image)
    for x0, y0, x1, y1 in drags[(drags != 0.0).any(axis=1)] * image.width:
        draw.line([x0, y0, x1, y1], arrow, 2)
        draw.ellipse([x0 - 4, y0 - 4, x0 + 4, y0 + 4], outline=arrow, width=2)
        draw.ellipse([x1 - 2, y1 - 2, x1 + 2, y1 + 2], arrow)
    return image


def enlarged(picture: Picture, zoom: int) -> Image.Image:
    """Return a picture (S, S, 3) with square pixels of `zoom` pixels."""
    image = Image.fromarray(picture)
    return image.resize((zoom * image.width, zoom * image.height), Image.Resampling.NEAREST)


def sheet(
    path: Path, rows: Sequence[Sequence[Image.Image]], heads: Sequence[str], columns: int = 1
) -> None:
    """Write rows of pictures, all of one size, under their heads, in some columns of rows."""
    side = rows[0][0].width
    gap, top = 6, 22
    across, down = len(heads) * (side + gap) + 2 * gap, -(-len(rows) // columns)
    image = Image.new("RGB", (columns * across, top + down * (side + gap)), paper)
    draw = ImageDraw.Draw(image)
    for k in range(columns):
        for i, head in enumerate(heads):
            x = k * across + i * (side + gap) + side // 2
            draw.text((x, 4), head, ink, ImageFont.load_default(13), anchor="ma")
    for index, row in enumerate(rows):
        x, y = index // down * across, top + index % down * (side + gap)
        for i, picture in enumerate(row):
            image.paste(picture, (x + i * (side + gap), y))
    image.save(path, optimize=True)
