"""A contact sheet of samples: before with the drags, after, masks, and flow as colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.datasets.drag_a_move.sample import Sample
from backend.pictures.sheets import enlarged, ink, paper, with_drags
from backend.views.sheet import flow_picture, palette

shown = 24
columns = 2
least_side = 128  # pixels of a panel
gap, caption = 4, 14


def write(path: Path, samples: Sequence[Sample]) -> None:
    """Write the sheet of some samples as an image."""
    cells = [_cell(sample) for sample in samples]
    height, width = cells[0].shape[:2]
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * (width + gap), rows * (height + gap)), paper)
    for k, cell in enumerate(cells):
        corner = (k % columns * (width + gap), k // columns * (height + gap))
        sheet.paste(Image.fromarray(cell), corner)
    sheet.save(path)


def _cell(sample: Sample) -> NDArray[np.uint8]:
    """Panels side by side, and what they show in words."""
    panels = [
        _large(sample.before),
        np.asarray(with_drags(sample.before, sample.drags, _times(sample.before))),
        _large(sample.after),
        _large(_mask(sample.moving_before)),
        _large(_mask(sample.moving_after)),
        _large(flow_picture(sample.flow.astype(np.float16))),
    ]
    row = np.concatenate(panels, axis=1)
    words = np.full((caption, *row.shape[1:]), 255, np.uint8)
    cell = Image.fromarray(np.concatenate([words, row]))
    text = f"{sample.family} {sample.seed}, {sample.look}: {', '.join(sample.names)}"
    ImageDraw.Draw(cell).text((2, 1), text.encode("ascii", "replace").decode(), fill=ink)
    return np.asarray(cell)


def _mask(numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = np.concatenate([np.ones((1, 3)), 0.85 * palette(int(numbers.max(initial=0)))])
    return np.round(255 * colours[numbers]).astype(np.uint8)


def _large(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(enlarged(picture, _times(picture)))


def _times(picture: NDArray[np.uint8]) -> int:
    return -(-least_side // len(picture))
