"""What a network's output means: the noise, what to add to the reference, or where it came from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from .config import Config
from .drags import nearest_drag


def outputs(config: Config) -> int:
    """Numbers a cell that the network puts out."""
    return config.channels + (6 * config.cell**2 if config.prediction == "carry" else 0)


def pulled(config: Config, predicted: Tensor, drags: Tensor) -> Tensor:
    """Return the output (B, C, h, w) with its offsets counted from the way the drags pull.

    It is float32 then: half a precision would cost tenths of a pixel. A network that carries
    pixels need not learn that what is pulled comes from where the drag comes from; it learns
    how a joint's motion differs from that.
    """
    if config.prediction != "carry":
        return predicted
    back = functional.pixel_unshuffle(-nearest_drag(drags, config.picture), config.cell)
    first = config.channels
    after = predicted.shape[1] - first - back.shape[1]
    return predicted.float() + functional.pad(back, (0, 0, 0, 0, first, after))


def changed(config: Config, reference: Tensor, predicted: Tensor) -> Tensor:
    """Return the clean codes (B, C, h, w) of a network that predicts against its reference."""
    if config.prediction == "change":
        return reference.float() + predicted.float()
    picture = functional.pixel_shuffle(reference.float(), config.cell)
    clean = carry(config, predicted).of(picture)
    return functional.pixel_unshuffle(clean, config.cell)


@dataclass(frozen=True)
class Carry:
    """What becomes of each pixel of a reference picture (B, 3, S, S) in -1..1.

    `colours` (B, 3, S, S) are those of pixels that nothing was carried to. `offsets` (B, 2, S, S)
    are x and y in shares of the picture, from a pixel to where it was; `shade` (B, 1, S, S) is
    by what share it is lighter than it was there. `stirring` and `bare` (B, 1, S, S) are the log
    odds that a pixel changes, and that nothing was carried to it if it does. `leaving` (B, 1, S, S)
    are those that the reference shows there what moves.
    """

    colours: Tensor
    offsets: Tensor
    shade: Tensor
    stirring: Tensor
    bare: Tensor
    leaving: Tensor

    def at(self, size: int) -> Carry:
        """Return the same for pictures of another size, smooth in between."""
        values = (getattr(self, field.name) for field in fields(self))
        wide = [functional.interpolate(v, (size, size), mode="bilinear") for v in values]
        return Carry(*wide)

    def of(self, picture: Tensor) -> Tensor:
        """Return the picture after."""
        moved = (fetched(picture, self.offsets) + 1.0) * (1.0 + self.shade) - 1.0
        new = moved + torch.sigmoid(self.bare) * (self.colours - moved)
        return picture + torch.sigmoid(self.stirring) * (new - picture)


def carry(config: Config, predicted: Tensor) -> Carry:
    """Read the output (B, C, h, w) of a network that carries pixels."""
    colours, rest = predicted.float().tensor_split([config.channels], 1)
    numbers = functional.pixel_shuffle(rest, config.cell)
    parts = numbers.split([2, 1, 1, 1, 1], 1)
    return Carry(functional.pixel_shuffle(colours, config.cell), *parts)


def fetched(pictures: Tensor, offset: Tensor) -> Tensor:
    """Return pictures (B, 3, S, S) with each pixel taken from elsewhere, its edge beyond it."""
    size = pictures.shape[-1]
    middle = (torch.arange(size, device=pictures.device) + 0.5) / size
    y, x = torch.meshgrid(middle, middle, indexing="ij")
    place = torch.stack([x, y], -1) + offset.permute(0, 2, 3, 1)
    return functional.grid_sample(
        pictures, 2.0 * place - 1.0, padding_mode="border", align_corners=False
    )
