"""CLIP's class tokens of the reference picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .pictures import resized

side = 224
mean = (0.48145466, 0.4578275, 0.40821073)
spread = (0.26862954, 0.26130258, 0.27577711)


class ClipTokens:
    """CLIP's vision tower (a `CLIPVisionModel`), asked for the class token of every layer."""

    def __init__(self, model: Any) -> None:
        self.model = model

    @torch.no_grad()
    def __call__(self, pictures: NDArray[np.uint8]) -> Tensor:
        """Return (B, L, C) of pictures (B, S, S, 3): the embedding's first, the last layer's last.

        Pictures are resized as CLIP's own preparation does, bicubic to 224 pixels.
        """
        prepared = prepare(pictures, self.model.config.image_size)
        prepared = prepared.to(self.model.device, self.model.dtype)
        found = self.model(pixel_values=prepared, output_hidden_states=True)
        return torch.stack([layer[:, 0] for layer in found.hidden_states], 1)


def prepare(pictures: NDArray[np.uint8], size: int = side) -> Tensor:
    """Return pictures (B, S, S, 3) uint8 as CLIP takes them, (B, 3, size, size)."""
    small = torch.from_numpy(resized(pictures, size, smooth=False)).float() / 255.0
    return ((small - torch.tensor(mean)) / torch.tensor(spread)).permute(0, 3, 1, 2)
