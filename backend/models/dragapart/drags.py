"""Drags as a network sees them: maps with four channels a drag (section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import Config

field_channels = 9
nearness = 2 * 0.06**2  # of what counts as near, in shares of the picture, squared


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


def drag_field(drags: Tensor, size: int) -> Tensor:
    """Return a map (B, 9, size, size) that tells every cell of the drag that starts nearest.

    Its channels: 1, the way from the drag's start to the cell, the drag, its direction, how
    near start and end are. All are 0 where there is no drag. Ours, not the paper's: with
    `drag_map` a network must first learn to carry two cells' numbers across the picture.
    """
    cells = _middles(size, drags.device)
    start, end = _nearest(drags, cells, by=0)
    way, drag = cells - start, end - start
    length = drag.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    near = [torch.exp(-(cells - p).square().sum(-1, True) / nearness) for p in (start, end)]
    told = torch.cat([torch.ones_like(length), 4 * way, 4 * drag, drag / length, *near], -1)
    told = told * present(drags).any(1)[:, None, None]
    return told.transpose(1, 2).reshape(len(drags), -1, size, size)


def nearest_drag(drags: Tensor, size: int) -> Tensor:
    """Return for each cell (B, 2, size, size) the drag that ends nearest, 0 where there is none."""
    start, end = _nearest(drags, _middles(size, drags.device), by=1)
    return (end - start).transpose(1, 2).reshape(len(drags), 2, size, size)


def _middles(size: int, device: torch.device) -> Tensor:
    """The middles (1, size * size, 2) of cells, as shares of the picture, row by row."""
    middle = (torch.arange(size, device=device) + 0.5) / size
    y, x = torch.meshgrid(middle, middle, indexing="ij")
    return torch.stack([x, y], -1).reshape(1, -1, 2)


def _nearest(drags: Tensor, cells: Tensor, *, by: int) -> tuple[Tensor, Tensor]:
    """Start and end (B, N, 2) of the drag whose start, or end (`by` 1), is nearest each cell."""
    ends = drags.float().unflatten(-1, (2, 2))
    off = (cells[:, None] - ends[:, :, None, by]).square().sum(-1)
    off = off.masked_fill(~present(drags)[..., None], torch.inf)
    nearest = off.argmin(1)[..., None].expand(-1, -1, 4)
    found = drags.float().gather(1, nearest).unflatten(-1, (2, 2))
    return found[:, :, 0], found[:, :, 1]


class DragMaps:
    """The maps of the drags that are at work, made when a resolution asks for its own."""

    def __init__(self, config: Config) -> None:
        self.channels = field_channels if config.drag_map == "field" else 4 * config.drags
        self._map = drag_field if config.drag_map == "field" else drag_map
        self._single = config.grid if config.injection == "block" else None
        self._drags: Tensor | None = None
        self._maps: dict[int, Tensor] = {}

    def set(self, drags: Tensor) -> None:
        """From now on these: (B, D, 4)."""
        self._drags = drags
        self._maps = {}

    def at(self, size: int) -> Tensor:
        """Return the map (B, C, size, size) of the drags."""
        if size not in self._maps:
            self._maps[size] = self._make(size)
        return self._maps[size]

    def _make(self, size: int) -> Tensor:
        assert self._drags is not None
        if self._single is None:
            return self._map(self._drags, size)
        return functional.adaptive_avg_pool2d(self._map(self._drags, self._single), size)


class DragConv(nn.Conv2d):
    """A convolution of the drag map that is added to features; zero at first, no bias."""

    def __init__(self, maps: DragMaps, width: int) -> None:
        super().__init__(maps.channels, width, 3, padding=1, bias=False)
        self.maps = maps
        nn.init.zeros_(self.weight)

    def added(self, _module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        """Hook of the layer whose features (B, width, h, h) the drags are added to."""
        return output + self(self.maps.at(output.shape[-1]).to(output.dtype))
