"""Features of what is generated, as its layers have them (section 5.1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from .network import Network


@contextmanager
def recorded(network: Network, count: int) -> Iterator[list[Tensor]]:
    """Keep the outputs (count, C, h, w) of the layers while the network runs on so many codes."""
    found: list[Tensor] = []
    keep = _keeper(found, count)
    handles = [layer.register_forward_hook(keep) for layer in network.feature_layers()]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def joined(layers: list[Tensor], size: int) -> Tensor:
    """Return layers (B, C, h, w) of any sizes as one (B, size, size, sum of C) float32."""
    resized = [
        functional.interpolate(one.float(), (size, size), mode="bilinear", align_corners=False)
        for one in layers
    ]
    return torch.cat(resized, 1).permute(0, 2, 3, 1)


def _keeper(found: list[Tensor], count: int) -> Callable[[nn.Module, tuple, Tensor], None]:
    def keep(_module: nn.Module, _inputs: tuple, output: Tensor) -> None:
        generated = output[-count:]
        found.append(_as_map(generated) if generated.ndim == 3 else generated)

    return keep


def _as_map(tokens: Tensor) -> Tensor:
    """(B, N, C) as (B, C, h, h)."""
    side = math.isqrt(tokens.shape[1])
    return tokens.transpose(1, 2).unflatten(-1, (side, side))
