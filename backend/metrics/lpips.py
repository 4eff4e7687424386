"""LPIPS (Zhang et al., CVPR 2018), version 0.1 on AlexNet, where its weights are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from protocol.errors import failure

backbone, heads = "alexnet-owt-7be5be79.pth", "alex.pth"
fix = (
    f"Put {backbone} (torchvision's AlexNet) and {heads} (the linear weights, v0.1, of the lpips "
    "project) into a folder and name it."
)
widths = (64, 192, 384, 256, 256)
mean, spread = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Lpips(nn.Module):
    """Distances of pictures: features of AlexNet, compared channel by channel."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
        )
        self.heads = nn.ParameterList(nn.Parameter(torch.zeros(1, w, 1, 1)) for w in widths)

    def forward(self, found: Tensor, true: Tensor) -> Tensor:
        """Return the distances (N,) of pictures (N, 3, H, W) in -1..1."""
        pairs = zip(self._layers(found), self._layers(true), self.heads, strict=True)
        spans = [(((a - b) ** 2) * head).sum(1).mean((1, 2)) for a, b, head in pairs]
        return torch.stack(spans).sum(0)

    def _layers(self, pictures: Tensor) -> list[Tensor]:
        """What follows each rectifier, each place's channels of length one."""
        shift, scale = (pictures.new_tensor(v)[:, None, None] for v in (mean, spread))
        values, found = (pictures - shift) / scale, []
        for layer in self.features:
            values = layer(values)
            if isinstance(layer, nn.ReLU):
                found.append(functional.normalize(values, dim=1, eps=1e-10))
        return found


def load(folder: Path | None = None) -> Lpips:
    """Return the network with its published weights, of a folder or of torch's own cache.

    Raises TugError(missing_model) that says which files are wanted.
    """
    folder = folder or Path(torch.hub.get_dir()) / "checkpoints"
    missing = [name for name in (backbone, heads) if not (folder / name).is_file()]
    if missing:
        raise failure("missing_model", f"LPIPS lacks {' and '.join(missing)} in {folder}.", fix=fix)
    network = Lpips().eval().requires_grad_(False)
    known = torch.load(folder / backbone, map_location="cpu", weights_only=True)
    linear = torch.load(folder / heads, map_location="cpu", weights_only=True)
    prefix = "features."
    network.features.load_state_dict(
        {k.removeprefix(prefix): v for k, v in known.items() if k.startswith(prefix)}
    )
    for k, head in enumerate(network.heads):
        head.copy_(linear[f"lin{k}.model.1.weight"])
    return network


@torch.no_grad()
def lpips(network: Lpips, found: NDArray[np.uint8], true: NDArray[np.uint8]) -> np.ndarray:
    """Return the distances (N,) of pictures (N, H, W, 3)."""
    codes = [
        torch.from_numpy(p.astype(np.float32) / 127.5 - 1).permute(0, 3, 1, 2)
        for p in (found, true)
    ]
    return np.concatenate(
        [network(a, b).numpy() for a, b in zip(*(c.split(32) for c in codes), strict=True)]
    )
