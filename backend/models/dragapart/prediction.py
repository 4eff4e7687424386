"""What a network's output means: the noise, what to add to the reference, or where it came from."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from .config import Config


def outputs(config: Config) -> int:
    """Numbers a cell that the network puts out."""
    return config.channels + (3 * config.cell**2 if config.prediction == "carry" else 0)


def changed(config: Config, reference: Tensor, predicted: Tensor) -> Tensor:
    """Return the clean codes (B, C, h, w) of a network that predicts against its reference.

    `change` is added to it. `carry` takes each pixel that changes from where it was in the
    reference before that, and leaves the others as they are; both come after the codes in the
    output, and only codes that are pixels have them.
    """
    if config.prediction == "change":
        return reference.float() + predicted.float()
    picture = functional.pixel_shuffle(reference.float(), config.cell)
    change = functional.pixel_shuffle(predicted[:, : config.channels].float(), config.cell)
    moved = fetched(picture, offsets(config, predicted)) + change - picture
    clean = picture + torch.sigmoid(stirring(config, predicted)) * moved
    return functional.pixel_unshuffle(clean, config.cell)


def offsets(config: Config, predicted: Tensor) -> Tensor:
    """Return (B, 2, S, S), x and y in shares of the picture: from a pixel to where it was."""
    first, last = config.channels, config.channels + 2 * config.cell**2
    return functional.pixel_shuffle(predicted[:, first:last].float(), config.cell)


def stirring(config: Config, predicted: Tensor) -> Tensor:
    """Return the log odds (B, 1, S, S) that a pixel changes."""
    first = config.channels + 2 * config.cell**2
    return functional.pixel_shuffle(predicted[:, first:].float(), config.cell)


def fetched(pictures: Tensor, offset: Tensor) -> Tensor:
    """Return pictures (B, 3, S, S) with each pixel taken from elsewhere, its edge beyond it."""
    size = pictures.shape[-1]
    middle = (torch.arange(size, device=pictures.device) + 0.5) / size
    y, x = torch.meshgrid(middle, middle, indexing="ij")
    place = torch.stack([x, y], -1) + offset.permute(0, 2, 3, 1)
    return functional.grid_sample(
        pictures, 2.0 * place - 1.0, padding_mode="border", align_corners=False
    )
