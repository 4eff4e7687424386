"""The paper's other backbone: a transformer whose every token is modulated by its drags (A.1)."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from torch import Tensor, nn
from torch.nn import functional

from .attention import heads, joined, twice
from .config import Config
from .drags import DragMaps
from .network import Network
from .prediction import outputs, pulled
from .tokens import token

time_width = 256


class DragDiT(Network):
    """DiT with adaLN-Zero of each token: time, reference and the drags of its own cell.

    There is one resolution, the tokens': with the injection `multi` the map is made at it, with
    `block` at the cells' and then shrunk. With `input` drags are added to the tokens once and the
    modulation knows nothing of them.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        width = config.widths[0]
        self.side = config.grid // config.patch
        self.embed = nn.Conv2d(config.inputs, width, config.patch, config.patch)
        self.places = nn.Parameter(0.02 * torch.randn(1, self.side**2, width))
        self.time = nn.Sequential(
            Timesteps(time_width, flip_sin_to_cos=True, downscale_freq_shift=0),
            TimestepEmbedding(time_width, width),
        )
        self.token = token(config)
        self.picture = nn.Linear(config.token_width, width)
        self.maps = DragMaps(config)
        self.drags = nn.Linear(self.maps.channels, width)
        self.blocks = nn.ModuleList(
            Block(width, config.heads, one_sided=config.reference_attention)
            for _ in range(config.layers)
        )
        self.norm = Modulated(width)
        self.out = nn.Linear(width, config.patch**2 * outputs(config))
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(
        self,
        noisy: Tensor,
        reference: Tensor,
        timestep: Tensor,
        drags: Tensor,
        hidden: Tensor | None = None,
    ) -> Tensor:
        count = len(noisy)
        picture = self.token(reference, hidden)
        noisy, timestep = self._seen(noisy, reference, timestep)
        self.maps.set(drags)
        if self.config.reference_attention:
            clean = torch.cat([reference] * (2 if self.config.reference_input else 1), 1)
            noisy = torch.cat([clean, noisy])
            timestep, picture = torch.cat([timestep] * 2), torch.cat([picture] * 2)
            self.maps.set(torch.cat([torch.zeros_like(drags), drags]))
        tokens = self.embed(noisy).flatten(2).transpose(1, 2) + self.places
        pulls = self._pulls(tokens.dtype)
        condition = self._time(timestep, tokens.dtype) + self.picture(picture)
        if self.config.injection == "input":
            tokens = tokens + pulls
            condition = condition.expand_as(tokens)
        else:
            condition = condition + pulls
        for block in self.blocks:
            tokens = block(tokens, condition)
        found = self.out(self.norm(tokens[-count:], condition[-count:])[0])
        cells = found.transpose(1, 2).unflatten(-1, (self.side, self.side))
        return pulled(self.config, functional.pixel_shuffle(cells, self.config.patch), drags)

    def feature_layers(self) -> Iterator[nn.Module]:
        for block in self.blocks:
            assert isinstance(block, Block)
            yield block.attention

    def _pulls(self, kind: torch.dtype) -> Tensor:
        """What each token is told of the drags, (B, N, W)."""
        return self.drags(self.maps.at(self.side).flatten(2).transpose(1, 2).to(kind))

    def _time(self, timestep: Tensor, kind: torch.dtype) -> Tensor:
        waves, embedding = self.time
        return embedding(waves(timestep).to(kind))[:, None]


class Modulated(nn.Module):
    """Layer norm, scaled and shifted for each token, and a gate for what comes next; 0 at first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.linear = nn.Linear(width, 3 * width)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, tokens: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return the tokens (B, N, W), modulated, and their gates."""
        shift, scale, gate = self.linear(functional.silu(condition)).chunk(3, -1)
        return self.norm(tokens) * (1 + scale) + shift, gate


class Block(nn.Module):
    """Attention and a perceptron, each added through its gate."""

    def __init__(self, width: int, count: int, *, one_sided: bool) -> None:
        super().__init__()
        self.before_attention = Modulated(width)
        self.attention = Attention(width, count, one_sided=one_sided)
        self.before_perceptron = Modulated(width)
        self.perceptron = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width)
        )

    def forward(self, tokens: Tensor, condition: Tensor) -> Tensor:
        inner, gate = self.before_attention(tokens, condition)
        tokens = tokens + gate * self.attention(inner)
        inner, gate = self.before_perceptron(tokens, condition)
        return tokens + gate * self.perceptron(inner)


class Attention(nn.Module):
    """Self-attention; `one_sided`, the first half of the batch answers for both halves."""

    def __init__(self, width: int, count: int, *, one_sided: bool) -> None:
        super().__init__()
        self.count = count
        self.one_sided = one_sided
        self.ask = nn.Linear(width, width)
        self.answer = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        looked_at = tokens[: len(tokens) // 2] if self.one_sided else tokens
        query = heads(self.ask(tokens), self.count)
        key, value = (heads(x, self.count) for x in self.answer(looked_at).chunk(2, -1))
        if self.one_sided:
            key, value = twice(key), twice(value)
        return self.out(joined(functional.scaled_dot_product_attention(query, key, value)))
