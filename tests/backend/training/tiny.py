"""A network and pairs so small that a training step takes milliseconds."""

from __future__ import annotations

import numpy as np

from backend.models.dragapart.config import Config
from backend.training.dragapart_pool import Pool

config = Config(
    picture=16,
    codec="pixels",
    cell=4,
    widths=(16, 32),
    layers=1,
    attention=(False, True),
    drag_levels=(True, True),
    heads=2,
    groups=4,
    token="learned",
    token_width=16,
    reference_attention=False,
    reference_input=True,
    noise_input=False,
    prediction="carry",
    steps=1,
    guidance=1.0,
)


def squares(count: int, seed: int = 0, side: int = 16) -> Pool:
    """Dark squares that are dragged to the right or down by a quarter of a white picture."""
    generator = np.random.default_rng(seed)
    before = np.full((count, side, side, 3), 255, np.uint8)
    after = before.copy()
    drags = np.zeros((count, 10, 4), np.float32)
    masks = np.zeros((2, count, side, side), bool)
    flow = np.zeros((count, side, side, 2), np.float16)
    for k in range(count):
        row, column = generator.integers(0, side // 2, 2)
        right = generator.random() < 0.5
        shift = (0, side // 4) if right else (side // 4, 0)
        own = (slice(row, row + 4), slice(column, column + 4))
        moved = (slice(row + shift[0], row + shift[0] + 4),)
        moved += (slice(column + shift[1], column + shift[1] + 4),)
        before[k][own], after[k][moved] = (80, 20, 40), (80, 20, 40)
        masks[0, k][own], masks[1, k][moved] = True, True
        start = np.array([column + 2, row + 2]) / side
        flow[k][own] = shift[::-1]
        drags[k, 0] = [*start, *(start + np.array(shift[::-1]) / side)]
    look = (np.arange(count) % 3).astype(np.uint8)
    return Pool(before, after, drags, masks[0], masks[1], flow, look)
