"""Pictures of a training run: grids of what the model makes of pairs, and the curve of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

ink: Colour = (50, 54, 62)
faint: Colour = (214, 218, 224)
paper: Colour = (255, 255, 255)
arrow: Colour = (214, 40, 90)
loss_colour: Colour = (36, 110, 190)
gain_colour: Colour = (206, 110, 30)
wide, high, margin = 640, 320, 52


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


def curve(path: Path, log: Sequence[dict[str, float]]) -> None:
    """Draw the loss of a log over its steps, and the PSNR on moving pixels where it is told."""
    image = Image.new("RGB", (wide + 2 * margin, high + 2 * margin), paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle([margin, margin, margin + wide, margin + high], outline=faint)
    last = max((line["step"] for line in log), default=1)
    for name, label, colour, right in (
        ("loss", "loss (log)", loss_colour, False),
        ("psnr_pooled", "PSNR of all moving pixels of validation pairs, dB", gain_colour, True),
    ):
        own = [line for line in log if name in line]
        if own:
            x = np.array([line["step"] for line in own]) / last
            y = np.array([line[name] for line in own])
            _line(draw, x, np.log10(np.maximum(y, 1e-12)) if name == "loss" else y, colour, right)
            at = (margin + wide, margin - 8) if right else (margin, margin - 8)
            draw.text(at, label, colour, ImageFont.load_default(14), "rs" if right else "ls")
    small = ImageFont.load_default(12)
    draw.text((margin + wide, margin + high + 6), f"step {last:.0f}", ink, small, "ra")
    image.save(path, optimize=True)


def _line(
    draw: ImageDraw.ImageDraw, x: np.ndarray, y: np.ndarray, colour: Colour, right: bool
) -> None:
    low, top = float(y.min()), float(y.max())
    v = (y - low) / max(top - low, 1e-9)
    points = [(margin + a * wide, margin + (1 - b) * high) for a, b in zip(x, v, strict=True)]
    draw.line(points if len(points) > 1 else points * 2, colour, 2)
    for value, at in ((top, margin), (low, margin + high)):
        text = f"{value:.1f}" if right else f"{10**value:.2g}"
        where = (margin + wide + 4, at) if right else (margin - 4, at)
        draw.text(where, text, colour, ImageFont.load_default(12), "lm" if right else "rm")
