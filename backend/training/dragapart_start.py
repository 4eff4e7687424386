"""What a training run starts from: fresh weights, or Stable Diffusion's (A.2)."""

from __future__ import annotations

from pathlib import Path

import torch

from backend.models import registry
from backend.models.dragapart import loader
from backend.models.dragapart.card import full
from backend.models.dragapart.clip import ClipTokens
from backend.models.dragapart.codec import PixelCodec, VaeCodec
from backend.models.dragapart.config import Config
from backend.models.dragapart.network import network
from backend.models.places import place_of
from backend.training.dragapart_objective import Objective
from protocol.errors import failure

emphasis = 4.0  # on moving parts' pixels; the published loss has none
pure = 0.9  # of the pairs start from nothing but noise


def objective(config: Config, seed: int) -> Objective:
    """Return what a network of a configuration is trained to do, before its first step.

    A network on pixels starts from random weights of the seed. One on latents starts from
    Stable Diffusion 1.5 where it is a UNet, with its autoencoder and CLIP beside it. Raises
    TugError(missing_model) where these are not on this machine.
    """
    torch.manual_seed(seed)
    if config.codec == "pixels":
        made = network(config)
        made.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        return Objective(made, PixelCodec(config), emphasis=emphasis, pure=pure)
    vae, clip = _places()
    made = loader.from_base(config) if config.backbone == "unet" else network(config)
    codec, tokens = VaeCodec(loader.vae(vae)), ClipTokens(loader.clip(clip))
    return Objective(made, codec, tokens)


def _places() -> tuple[Path, Path]:
    """The folders of autoencoder and CLIP."""
    parts = [full.part(name) for name in ("vae", "clip")]
    missing = [part.name for part in parts if not registry.has(full, part)]
    if missing:
        raise failure(
            "missing_model",
            f"Training in latents needs {' and '.join(missing)}, not on this machine.",
            fix="tug models pull dragapart:full --with-base",
        )
    vae, clip = (place_of(full, part) for part in parts)
    return vae, clip
