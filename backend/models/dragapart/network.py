"""What all of DragAPart's networks are to those who train them and sample from them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from .config import Config


class Network(nn.Module):
    """A network of some configuration."""

    config: Config

    @abstractmethod
    def forward(
        self,
        noisy: Tensor,
        reference: Tensor,
        timestep: Tensor,
        drags: Tensor,
        hidden: Tensor | None = None,
    ) -> Tensor:
        """Return the prediction (B, C, h, w).

        `noisy` and `reference` are codes (B, C, h, w), `timestep` (B,) whole numbers, `drags`
        (B, D, 4) shares of the picture, all zero where there is none. `hidden` are CLIP's class
        tokens (B, L, C), for networks that take them. The reference, where it runs along, sees
        the same timestep, no noise and no drags.
        """

    def _seen(self, noisy: Tensor, reference: Tensor, timestep: Tensor) -> tuple[Tensor, Tensor]:
        """What comes in at the input, and the step: of a network that sees no noise always one."""
        if not self.config.noise_input:
            return reference, torch.zeros_like(timestep)
        if not self.config.reference_input:
            return noisy, timestep
        return torch.cat([noisy, reference], 1), timestep

    @abstractmethod
    def feature_layers(self) -> Iterator[nn.Module]:
        """The layers whose outputs tell what moves, in the order in which they run.

        Self-attentions as in section 5.1, and the resnets of blocks that have none. Outputs are
        (B, N, C) or (B, C, h, w), the reference's, where it runs along, first.
        """


def network(config: Config) -> Network:
    """Build the network that a configuration describes, with random weights."""
    if config.backbone == "dit":
        from .dit import DragDiT

        return DragDiT(config)
    from .unet import DragUNet

    return DragUNet(config)
