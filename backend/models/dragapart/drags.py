"""Drags as a network sees them: maps with four channels a drag (section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import Config


def present(drags: Tensor) -> Tensor:
    """Return (B, D) which of the drags (B, D, 4) there are: those not all zero."""
    return (drags != 0).any(-1)


def drag_map(drags: Tensor, size: int) -> Tensor:
    """Return the map (B, 4 D, size, size) of drags (B, D, 4) given as shares (x0, y0, x1, y1).

    A drag's start lies in the two channels x, y of its start's cell, its end in the next two of
    its end's cell, each counted from the corner of the cell; all else is -1. A point outside the
    picture belongs to the nearest cell, and its numbers tell how far off it is.
    """
    batch, count = drags.shape[:2]
    places = drags.float().reshape(batch, count, 2, 2) * size
    cells = torch.round(places - 0.5).clamp(0, size - 1)  # ties to even, as published
    inside = places - cells
    values = torch.where(present(drags)[..., None, None], inside, -1.0)
    column, row = cells.long().unbind(-1)
    found = drags.new_full((batch, count, 2, 2, size * size), -1.0, dtype=torch.float32)
    index = (row * size + column)[..., None, None].expand(-1, -1, -1, 2, 1)
    found.scatter_(-1, index, values[..., None])
    return found.reshape(batch, 4 * count, size, size)


class DragMaps:
    """The maps of the drags that are at work, made when a resolution asks for its own."""

    def __init__(self, config: Config) -> None:
        self._single = config.grid if config.injection == "block" else None
        self._drags: Tensor | None = None
        self._maps: dict[int, Tensor] = {}

    def set(self, drags: Tensor) -> None:
        """From now on these: (B, D, 4)."""
        self._drags = drags
        self._maps = {}

    def at(self, size: int) -> Tensor:
        """Return the map (B, 4 D, size, size) of the drags."""
        if size not in self._maps:
            self._maps[size] = self._make(size)
        return self._maps[size]

    def _make(self, size: int) -> Tensor:
        assert self._drags is not None
        if self._single is None:
            return drag_map(self._drags, size)
        return functional.adaptive_avg_pool2d(drag_map(self._drags, self._single), size)


class DragConv(nn.Conv2d):
    """A convolution of the drag map that is added to features; zero at first, no bias."""

    def __init__(self, maps: DragMaps, drags: int, width: int) -> None:
        super().__init__(4 * drags, width, 3, padding=1, bias=False)
        self.maps = maps
        nn.init.zeros_(self.weight)

    def added(self, _module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        """Hook of the layer whose features (B, width, h, h) the drags are added to."""
        return output + self(self.maps.at(output.shape[-1]).to(output.dtype))
