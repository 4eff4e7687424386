"""The authors' numbers, and their network filled by the rule that made them."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import torch

from backend.models.dragapart.config import Config

data = Path(__file__).with_name("data")
config = Config(widths=(32, 64, 64, 64), token_width=48, clip_width=64, groups=8)


def golden() -> dict[str, np.ndarray]:
    with np.load(data / "dragapart.npz") as arrays:
        return dict(arrays)


def by_rule(name: str, *shape: int) -> torch.Tensor:
    """The numbers that belong to a name."""
    generator = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
    return torch.from_numpy(generator.standard_normal(shape, dtype=np.float32))


def official_weights() -> dict[str, torch.Tensor]:
    """All weights under the names of the published checkpoint."""
    keys = json.loads((data / "dragapart.keys.json").read_text())
    norms = set(keys["norms"])
    return {
        key: 0.05 * by_rule(key, *shape) + (1.0 if key in norms else 0.0)
        for key, shape in keys["shapes"].items()
    }
