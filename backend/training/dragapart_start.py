"""What a training run starts from: fresh weights, or Stable Diffusion's (A.2)."""

from __future__ import annotations

from pathlib import Path

import torch

from backend.models import registry
from backend.models.dragapart.card import full
from backend.models.dragapart.codec import PixelCodec, VaeCodec
from backend.models.dragapart.config import Config
from backend.models.dragapart.network import network
from backend.models.dragapart.unet import DragUNet
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
    vae, clip, base = _places()
    made = network(config)
    if isinstance(made, DragUNet):
        load_base(made, base)
    return Objective(made, _vae(vae), _clip(clip))


def load_base(made: DragUNet, folder: Path) -> None:
    """Put Stable Diffusion's weights into a network; what drags add keeps its zeros.

    Raises TugError(bad_input) where they do not fit.
    """
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    known = UNet2DConditionModel.from_pretrained(folder, local_files_only=True).state_dict()
    wanted = {name for name in made.unet.state_dict() if "drag_convs." not in name}
    if wanted != set(known):
        raise failure("bad_input", f"{folder} is not the UNet of Stable Diffusion 1.5.")
    made.unet.load_state_dict(known, strict=False)


def _places() -> list[Path]:
    parts = [full.part(name) for name in ("vae", "clip", "base")]
    missing = [part.name for part in parts if not registry.has(full, part)]
    if missing:
        raise failure(
            "missing_model",
            f"Training the full network starts from {' and '.join(missing)}, not on this machine.",
            fix="tug models pull dragapart:full",
        )
    vae, clip, base = (place_of(full, part) for part in parts)
    return [vae, clip, base / "unet"]


def _vae(folder: Path) -> VaeCodec:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return VaeCodec(AutoencoderKL.from_pretrained(folder, local_files_only=True).eval())


def _clip(folder: Path):
    from transformers import CLIPVisionModel

    from backend.models.dragapart.clip import ClipTokens

    return ClipTokens(CLIPVisionModel.from_pretrained(folder, local_files_only=True).eval())
