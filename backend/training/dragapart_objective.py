"""What DragAPart is trained to do: tell the picture after from noise, picture before and drags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from torch import Tensor, nn
from torch.nn import functional

from backend.models.dragapart.codec import Codec, PixelCodec, VaeCodec
from backend.models.dragapart.config import Config
from backend.models.dragapart.diffusion import Batch, chain, training_loss
from backend.models.dragapart.network import Network
from backend.models.dragapart.pictures import to_tensor
from backend.training.dragapart_pool import Pool

if TYPE_CHECKING:
    from backend.models.dragapart.clip import ClipTokens

enclosed = 0.4  # of a pixel and its neighbours: where so many are known, it is, too


@dataclass
class Objective:
    """The loss of section 3.1 with the choices of a run.

    `emphasis` is how much more pixels of moving parts count than others, before or after: they
    are a small share of a picture. `pure` is the share of pairs that start from nothing but
    noise, which is all that few-step sampling ever does. `dropout` of the pairs lose their
    drags (A.2), for guidance.
    """

    network: Network
    codec: Codec
    clip: ClipTokens | None = None
    emphasis: float = 1.0
    pure: float = 0.0
    dropout: float = 0.1
    device: torch.device | str = "cpu"

    @property
    def config(self) -> Config:
        return self.network.config

    def to(self, device: torch.device) -> Objective:
        """Move the network there, and what makes its inputs; pairs will follow."""
        self.network.to(device)
        if isinstance(self.codec, VaeCodec):
            self.codec.vae.to(device)
        if self.clip is not None:
            self.clip.model.to(device)
        self.device = device
        return self

    def loss(self, network: nn.Module, pairs: Pool, generator: torch.Generator) -> Tensor:
        """Return the loss of pairs, a scalar; `network` is the objective's own, or a wrapper of it.

        All chance comes from the generator, which lives on the CPU.
        """
        timesteps = self._timesteps(len(pairs), generator)
        batch = self.batch(pairs)
        return training_loss(
            cast(Network, network),
            batch,
            generator,
            dropout=self.dropout,
            timesteps=timesteps.to(self.device),
        )

    @torch.no_grad()
    def batch(self, pairs: Pool) -> Batch:
        """Return pairs as codes on the network's device."""
        before, after = (
            self.codec.encode(to_tensor(pictures).to(self.device))
            for pictures in (pairs.before, pairs.after)
        )
        drags = torch.from_numpy(pairs.drags).to(self.device)
        hidden = self.clip(pairs.before) if self.clip else None
        return Batch(before, after, drags, self._weight(pairs), hidden, self._origin(pairs))

    def _origin(self, pairs: Pool) -> Tensor | None:
        if self.config.prediction != "carry":
            return None
        return torch.from_numpy(origin(pairs)).to(self.device)

    def _weight(self, pairs: Pool) -> Tensor | None:
        if self.emphasis == 1.0:
            return None
        moving = torch.from_numpy(pairs.moving_before | pairs.moving_after)[:, None]
        weight = 1.0 + (self.emphasis - 1.0) * moving.to(self.device, torch.float32)
        if isinstance(self.codec, PixelCodec):
            return self.codec.encode(weight.expand(-1, 3, -1, -1))
        return functional.adaptive_avg_pool2d(weight, self.config.grid)

    def _timesteps(self, count: int, generator: torch.Generator) -> Tensor:
        steps = torch.randint(chain, (count,), generator=generator)
        pure = torch.rand(count, generator=generator) < self.pure
        return steps.masked_fill(pure, chain - 1)


def origin(pairs: Pool) -> NDArray[np.float32]:
    """Return (B, 5, S, S): where a pixel after was before, 1 where that is known, what moves.

    The offset, x and y, is in shares of the picture. It is known of what moved and can be seen
    both times. The last two are 1 where what moves is seen, before or after, and before.
    """
    count, size = pairs.moving_after.shape[:2]
    found = np.zeros((count, 5, size, size), np.float32)
    found[:, 3] = pairs.moving_before | pairs.moving_after
    found[:, 4] = pairs.moving_before
    b, y, x = np.nonzero(pairs.moving_before)
    flow = pairs.flow[b, y, x].astype(np.float32)
    to_x, to_y = (np.rint(a + flow[:, k]).astype(np.int64) for k, a in enumerate((x, y)))
    inside = (to_x >= 0) & (to_x < size) & (to_y >= 0) & (to_y < size)
    b, to_x, to_y, flow = b[inside], to_x[inside], to_y[inside], flow[inside]
    seen = pairs.moving_after[b, to_y, to_x]
    b, to_x, to_y, flow = b[seen], to_x[seen], to_y[seen], flow[seen]
    found[b, :2, to_y, to_x] = -flow / size
    found[b, 2, to_y, to_x] = 1.0
    _fill(found, pairs.moving_after)
    return found


def _fill(found: NDArray[np.float32], after: NDArray[np.bool_]) -> None:
    """Give pixels that nothing landed on, as what comes nearer grows, their neighbours' offset."""
    near = uniform_filter(found[:, :3], 3, mode="constant", axes=(2, 3))
    holes = after & (found[:, 2] == 0.0) & (near[:, 2] > enclosed)
    b, y, x = np.nonzero(holes)
    found[b, :2, y, x] = near[b, :2, y, x] / near[b, 2, y, x, None]
    found[b, 2, y, x] = 1.0
