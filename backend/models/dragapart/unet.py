"""The network: Stable Diffusion's UNet, drags added at every resolution, a reference to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from .attention import OneSided
from .config import Config
from .drags import DragConv, DragMaps
from .network import Network
from .prediction import outputs, pulled
from .tokens import token


class DragUNet(Network):
    """DragAPart's network with any of the options of `Config` (section 3)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.unet = _unet(config)
        self.token = token(config)
        self.maps = DragMaps(config)
        if config.reference_attention:
            for attention in chain.from_iterable(map(_attentions, self._blocks())):
                attention.set_processor(OneSided())
        if config.injection == "input":
            self._add(self.unet, [self.unet.conv_in], config.widths[0])
        else:
            for block, width in _dragged(self.unet, config):
                self._add(block, block.resnets, width)
        if config.prediction != "epsilon":
            for parameter in self.unet.conv_out.parameters():
                nn.init.zeros_(parameter)

    def forward(
        self,
        noisy: Tensor,
        reference: Tensor,
        timestep: Tensor,
        drags: Tensor,
        hidden: Tensor | None = None,
    ) -> Tensor:
        context = self.token(reference, hidden)
        count = len(noisy)
        noisy, timestep = self._seen(noisy, reference, timestep)
        self.maps.set(drags)
        if self.config.reference_attention:
            clean = torch.cat([reference] * (2 if self.config.reference_input else 1), 1)
            noisy = torch.cat([clean, noisy])
            timestep, context = torch.cat([timestep] * 2), torch.cat([context] * 2)
            self.maps.set(torch.cat([torch.zeros_like(drags), drags]))
        found = self.unet(noisy, timestep, context, return_dict=False)[0][-count:]
        return pulled(self.config, found, drags)

    def feature_layers(self) -> Iterator[nn.Module]:
        for block in self._blocks():
            yield from _attentions(block) or block.resnets

    def _blocks(self) -> tuple[Any, ...]:
        return (*self.unet.down_blocks, self.unet.mid_block, *self.unet.up_blocks)

    def _add(self, owner: nn.Module, layers: Iterable[nn.Module], width: int) -> None:
        owner.drag_convs = nn.ModuleList()
        for layer in layers:
            conv = DragConv(self.maps, width)
            layer.register_forward_hook(conv.added)
            owner.drag_convs.append(conv)


def _unet(config: Config) -> UNet2DConditionModel:
    down = tuple("CrossAttnDownBlock2D" if here else "DownBlock2D" for here in config.attention)
    up = tuple("CrossAttnUpBlock2D" if here else "UpBlock2D" for here in config.attention[::-1])
    return UNet2DConditionModel(
        sample_size=config.grid,
        in_channels=config.inputs,
        out_channels=outputs(config),
        down_block_types=down,
        up_block_types=up,
        block_out_channels=config.widths,
        layers_per_block=config.layers,
        norm_num_groups=config.groups,
        cross_attention_dim=config.token_width,
        attention_head_dim=config.heads,  # diffusers takes this for the number of heads
    )


def _dragged(unet: UNet2DConditionModel, config: Config) -> Iterator[tuple[Any, int]]:
    """The blocks whose resnets take drags, with their widths."""
    levels = list(zip(config.drag_levels, config.widths, strict=True))
    for block, (wanted, width) in zip(unet.down_blocks, levels, strict=True):
        if wanted:
            yield block, width
    yield unet.mid_block, config.widths[-1]
    for block, (wanted, width) in zip(unet.up_blocks, reversed(levels), strict=True):
        if wanted:
            yield block, width


def _attentions(block: Any) -> list[Any]:
    """The self-attentions of a block."""
    transformers = getattr(block, "attentions", None) or ()
    return [layer.attn1 for one in transformers for layer in one.transformer_blocks]
