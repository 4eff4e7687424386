"""The one token of cross-attention: what the reference picture shows, in a vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import Config


class ClipToken(nn.Module):
    """From the class token of all of CLIP's layers (section 3.1)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.clip_width
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(config.clip_layers))
        self.final = nn.Linear(width, config.token_width)

    def forward(self, reference: Tensor, hidden: Tensor | None) -> Tensor:
        """Return (B, 1, W) of the class tokens `hidden` (B, L, C), the embedding's first.

        The published order is the reverse: the first projection is of the last layer.
        """
        if hidden is None:
            raise ValueError("this network needs CLIP's hidden class tokens")
        layers = reversed(hidden.unbind(1))
        projected = [layer(h) for layer, h in zip(self.layers, layers, strict=True)]
        return self.final(functional.silu(torch.stack(projected).mean(0)))[:, None]


class LearnedToken(nn.Module):
    """From the reference's codes by a few convolutions, trained with the network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.token_width
        self.first = nn.Conv2d(config.channels, width, 3, stride=2, padding=1)
        self.second = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.final = nn.Linear(width, width)

    def forward(self, reference: Tensor, hidden: Tensor | None) -> Tensor:
        """Return (B, 1, W) of the reference's codes (B, C, h, w)."""
        features = functional.silu(self.first(reference))
        features = functional.silu(self.second(features))
        return self.final(features.mean((2, 3)))[:, None]


def token(config: Config) -> nn.Module:
    """Build the encoder of the token that the configuration wants."""
    return ClipToken(config) if config.token == "clip" else LearnedToken(config)
