from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backend.metrics import lpips  # noqa: E402
from protocol.errors import TugError  # noqa: E402

# torchvision's names and shapes of AlexNet's convolutions
published = {
    "features.0": (64, 3, 11, 11),
    "features.3": (192, 64, 5, 5),
    "features.6": (384, 192, 3, 3),
    "features.8": (256, 384, 3, 3),
    "features.10": (256, 256, 3, 3),
}


def weights(folder: Path) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    backbone = {"classifier.6.bias": torch.zeros(1000)}
    for name, shape in published.items():
        backbone[f"{name}.weight"] = 0.05 * torch.randn(shape, generator=generator)
        backbone[f"{name}.bias"] = 0.05 * torch.randn(shape[0], generator=generator)
    heads = {
        f"lin{k}.model.1.weight": torch.rand((1, shape[0], 1, 1), generator=generator)
        for k, shape in enumerate(published.values())
    }
    torch.save(backbone, folder / lpips.backbone)
    torch.save(heads, folder / lpips.heads)
    return backbone | heads


def pictures(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)


def test_the_distance_is_the_published_formula(tmp_path: Path) -> None:
    w = weights(tmp_path)
    found = lpips.lpips(lpips.load(tmp_path), pictures(0), pictures(1))
    f = torch.nn.functional
    wanted, x = torch.zeros(2), torch.from_numpy(np.concatenate([pictures(0), pictures(1)]))
    x = x.permute(0, 3, 1, 2) / 255 * 2 - 1
    x = (x - torch.tensor([-0.030, -0.088, -0.188]).view(3, 1, 1)) / torch.tensor(
        [0.458, 0.448, 0.450]
    ).view(3, 1, 1)
    for k, name in enumerate(published):
        if k in (1, 2):
            x = f.max_pool2d(x, 3, 2)
        stride, padding = (4, 2) if k == 0 else (1, 2 if k == 1 else 1)
        x = f.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], stride, padding).relu()
        unit = x / (x.pow(2).sum(1, keepdim=True).sqrt() + 1e-10)
        head = w[f"lin{k}.model.1.weight"]
        wanted += ((unit[:2] - unit[2:]).pow(2) * head).sum(1).mean((1, 2))
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-4)


def test_equal_pictures_have_no_distance(tmp_path: Path) -> None:
    weights(tmp_path)
    np.testing.assert_array_equal(lpips.lpips(lpips.load(tmp_path), pictures(2), pictures(2)), 0)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TugError, match=r"alexnet.*alex\.pth") as caught:
        lpips.load(tmp_path)
    assert caught.value.error.code == "missing_model" and "lpips" in caught.value.error.fix
