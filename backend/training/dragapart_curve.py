"""The curve of a training run: its loss, and how well it does on validation pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from backend.pictures.sheets import Colour, ink, paper

faint: Colour = (214, 218, 224)
loss_colour: Colour = (36, 110, 190)
gain_colour: Colour = (206, 110, 30)
wide, high, margin = 640, 320, 52


def write(path: Path, log: Sequence[dict[str, float]]) -> None:
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
