"""Pictures between the user's sizes and a network's."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from protocol.errors import failure


def resized(pictures: NDArray[np.uint8], size: int, *, smooth: bool = True) -> NDArray[np.uint8]:
    """Return pictures (K, H, W, 3) as (K, size, size, 3), by Lanczos or by bicubic filtering."""
    if pictures.shape[1:3] == (size, size):
        return pictures
    kind = Image.Resampling.LANCZOS if smooth else Image.Resampling.BICUBIC
    scaled = [np.asarray(Image.fromarray(one).resize((size, size), kind)) for one in pictures]
    return np.stack(scaled)


def check(pictures: NDArray, drags: NDArray, most: int) -> None:
    """Raise TugError bad_input unless these are pictures, and at most so many drags for each."""
    if pictures.ndim != 4 or pictures.shape[3] != 3 or pictures.dtype != np.uint8:
        raise failure("bad_input", "Pictures are (K, H, W, 3) bytes: send them so.")
    if not len(pictures) or not pictures.size:
        raise failure("bad_input", "There is no picture: send at least one.")
    if drags.shape != (len(pictures), drags.shape[1] if drags.ndim > 1 else 0, 4):
        raise failure("bad_input", "Drags are (K, D, 4) numbers, four for each: send them so.")
    if drags.shape[1] > most:
        raise failure(
            "bad_input",
            f"There are {drags.shape[1]} drags and the model takes {most}: send the longest.",
        )
    if not np.isfinite(drags).all():
        raise failure("bad_input", "A drag has a coordinate that is no number.")


def padded(drags: NDArray, count: int) -> Tensor:
    """Return drags (K, D, 4) with absent ones added, (K, count, 4) float32."""
    found = np.zeros((len(drags), count, 4), np.float32)
    found[:, : drags.shape[1]] = drags
    return torch.from_numpy(found)


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """Return pictures (B, S, S, 3) uint8 as (B, 3, S, S) float32 in -1..1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pictures(tensor: Tensor) -> NDArray[np.uint8]:
    """Return (B, 3, S, S) in -1..1, clipped, as (B, S, S, 3) uint8."""
    scaled = ((tensor.float() + 1) * 127.5).round().clamp(0, 255)
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
