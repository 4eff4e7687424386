"""Pictures to the codes that a network works on, and back."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from .config import Config

vae_scale = 0.18215  # of Stable Diffusion's autoencoder


class Codec(Protocol):
    """Both ways between pictures (B, 3, S, S) in -1..1 and codes (B, C, h, w)."""

    def encode(self, pictures: Tensor, generator: torch.Generator | None = None) -> Tensor: ...

    def decode(self, codes: Tensor) -> Tensor: ...


class PixelCodec:
    """The pixels of a cell as its channels: exact, and no weights."""

    def __init__(self, config: Config) -> None:
        self.cell = config.cell

    def encode(self, pictures: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return (B, 3 cell², S / cell, S / cell)."""
        return functional.pixel_unshuffle(pictures, self.cell)

    def decode(self, codes: Tensor) -> Tensor:
        """Return (B, 3, S, S), not clipped."""
        return functional.pixel_shuffle(codes, self.cell)


class VaeCodec:
    """Stable Diffusion's autoencoder (an `AutoencoderKL`); `chunk` pictures at once."""

    def __init__(self, vae: Any, chunk: int = 4) -> None:
        self.vae = vae
        self.chunk = chunk

    def encode(self, pictures: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return latents (B, 4, S / 8, S / 8), drawn from their distribution as published."""
        parts = [
            self.vae.encode(part.to(self.vae.dtype)).latent_dist.sample(generator)
            for part in pictures.split(self.chunk)
        ]
        return vae_scale * torch.cat(parts)

    def decode(self, codes: Tensor) -> Tensor:
        """Return (B, 3, S, S), not clipped."""
        codes = codes.to(self.vae.dtype) / vae_scale
        parts = [self.vae.decode(part, return_dict=False)[0] for part in codes.split(self.chunk)]
        return torch.cat(parts)
