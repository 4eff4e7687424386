"""DragAPart on this machine: a motion analysis's views at once against one at a time.

    python tests/benchmarks/models.py [--views 8]

The small network on the CPU through its own door, pictures in and pictures out, with its trained
weights where they are and random ones where not, which take the same time. The network of
published size, its autoencoder included, at 256 pixels and in half precision on a GPU, with
random weights and the authors' 50 steps with guidance: all views in one batch, one view at a
time as the authors' demonstration does, and all views in the 20 steps that this project takes.
Without a GPU it says NOT RUN.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

root = Path(__file__).parents[2]
sys.path.insert(0, str(root))

from backend.models.dragapart.codec import PixelCodec, VaeCodec  # noqa: E402
from backend.models.dragapart.config import preset  # noqa: E402
from backend.models.dragapart.diffusion import Way  # noqa: E402
from backend.models.dragapart.model import DragAPart  # noqa: E402
from backend.models.dragapart.network import network  # noqa: E402
from tests.benchmarks.measure import compared, interleaved, seconds  # noqa: E402

rounds = 3
published_steps = 50
authors_seconds = 2.0  # an image on an A40, as the paper says


def asked(views: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and a drag for each."""
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (views, size, size, 3), dtype=np.uint8)
    return pictures, generator.random((views, 1, 4))


def ways(
    model: DragAPart, views: int, steps: int | None, way: Way
) -> dict[str, Callable[[int], float]]:
    """All views in a batch, and one after the other."""
    pictures, drags = asked(views, model.size)

    def drag(chosen: slice) -> None:
        model.drag(pictures[chosen], drags[chosen], steps=steps, way=way)

    return {
        f"{views} views at once": lambda _: seconds(lambda: drag(slice(None))),
        "one view at a time": lambda _: sum(
            seconds(lambda k=k: drag(slice(k, k + 1))) for k in range(views)
        ),
    }


def small() -> DragAPart:
    """The small model on the CPU, trained where its weights are here."""
    from backend.models import registry
    from backend.models.dragapart import load
    from backend.models.dragapart.card import small as card

    if registry.is_present(card):
        return load("small", device="cpu")
    config = preset("small")
    return DragAPart(network(config), PixelCodec(config), revision="random")


def full() -> DragAPart:
    """The published size with random weights on the GPU; CLIP's tokens are random, too."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    config = preset("full")
    device, half = torch.device("cuda"), torch.float16
    widths: dict = {
        "block_out_channels": (128, 256, 512, 512),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    vae: Any = AutoencoderKL(layers_per_block=2, latent_channels=4, **widths)
    return DragAPart(
        network(config).to(device, half),
        VaeCodec(vae.to(device, half)),
        revision="random",
        tokens=lambda pictures: torch.randn(
            len(pictures), config.clip_layers, config.clip_width, device=device
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=8)
    views = parser.parse_args().views
    print("## Models\n")
    model = small()
    steps = model.config.steps
    print(
        f"DragAPart, small, {model.size} px, {steps} step{'s' if steps > 1 else ''}, "
        f"{torch.get_num_threads()} threads of the CPU:\n"
    )
    print(compared(interleaved(ways(model, views, None, "ddim"), rounds), f"{views} views at once"))
    if not torch.cuda.is_available():
        print("\nDragAPart of the published size at 256 px: NOT RUN, there is no GPU.")
        return
    print(
        f"\nDragAPart of the published size, random weights, 256 px, {published_steps} steps, "
        f"{torch.cuda.get_device_name()}:\n"
    )
    model = full()
    chosen = ways(model, views, published_steps, "published")
    fast = ways(model, views, model.config.steps, "ddim")[f"{views} views at once"]
    times = interleaved(chosen | {f"at once, {model.config.steps} steps of DDIM": fast}, rounds)
    print(compared(times, f"{views} views at once"))
    per_image = times[f"{views} views at once"] / views
    print(
        f"\nAn image takes 1/{authors_seconds / per_image:.0f} of the authors' "
        f"{authors_seconds:g} s on an A40; peak memory "
        f"{torch.cuda.max_memory_allocated() / 1e9:.1f} GB."
    )


if __name__ == "__main__":
    main()
