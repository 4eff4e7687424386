"""Weights into networks: this project's files, and the authors' under their own names."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from backend.models import registry, weights
from backend.models.card import Card
from backend.models.places import place_of
from protocol.errors import failure

from . import card as cards
from .clip import ClipTokens
from .codec import PixelCodec, VaeCodec
from .config import Config, Preset, from_dict, preset
from .model import DragAPart
from .network import Network, network

official = (("clip_proj.", "token.layers."), ("clip_final.", "token.final."))


def load(name: Preset = "small", *, device: str = "auto", file: Path | None = None) -> DragAPart:
    """Return the model of a preset, on a device, ready to use; the last two are kept.

    `file` holds its network instead of the place that the user or the card names; the published
    checkpoint will do. On a GPU the weights are in half precision. Raises TugError missing_model,
    bad_input.
    """
    card = cards.full if name == "full" else cards.small
    if file is None:
        registry.require(card)
    where = chosen_device() if device == "auto" else torch.device(device)
    files = _files(card, file)
    return _loaded(name, str(where), files, files[0].stat().st_mtime_ns)


def chosen_device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_ours(key: str) -> str:
    """Return this project's name of a weight that the authors' code calls `key`."""
    for theirs, ours in official:
        if key.startswith(theirs):
            return ours + key.removeprefix(theirs)
    return "unet." + key.replace("flow_convs.", "drag_convs.")


def read_network(path: Path, config: Config | None = None) -> Network:
    """Return the network of a file on the CPU, in the precision of its weights.

    A safetensors file of either naming, whose metadata may hold the configuration, or the
    published checkpoint. Raises TugError missing_model, bad_input.
    """
    tensors, metadata = tensors_of(path)
    if "config" in metadata:
        config = config_in(metadata, path)
    tensors = named(tensors)
    with torch.device("meta"):
        found = network(config or preset("full"))
    weights.check(found, tensors, path)
    found.load_state_dict(tensors, strict=True, assign=True)
    return found


def from_base(config: Config) -> Network:
    """Return a network that training starts from: Stable Diffusion 1.5, and no drags yet.

    Raises TugError missing_model, bad_input.
    """
    part = cards.full.part("base")
    place = place_of(cards.full, part)
    if not registry.has(cards.full, part):
        raise failure(
            "missing_model",
            f"{place} has no UNet of Stable Diffusion to start from.",
            fix="tug models pull dragapart:full --with-base",
        )
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    found = network(config)
    tensors = _pretrained(UNet2DConditionModel, place / "unet").state_dict()
    whole = found.state_dict() | {f"unet.{key}": value for key, value in tensors.items()}
    weights.check(found, whole, place)
    found.load_state_dict(whole)
    return found


def save(network: Network, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a network's weights as float16 with its configuration, for `read_network`."""
    told = {"config": json.dumps(asdict(network.config)), **(metadata or {})}
    weights.write(path, list(network.state_dict().items()), told)


def tensors_of(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return a file's tensors, mapped from disk, and metadata. Raises as `read_network` does."""
    if path.suffix == ".safetensors":
        return weights.read(path)
    from .checkpoint import read

    return read(path), {}


def named(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors under this project's names, whichever they have."""
    if any(key.startswith("token.") for key in tensors):
        return tensors
    return {to_ours(key): tensor for key, tensor in tensors.items()}


def config_in(metadata: dict[str, str], path: Path) -> Config:
    """Return the configuration that a file was written with. Raises TugError bad_input."""
    try:
        return from_dict(json.loads(metadata["config"]))
    except (ValueError, TypeError) as error:
        raise failure(
            "bad_input",
            f"{path} is of a network that this version does not know ({error}).",
            fix="Train it anew, or use the version that wrote it.",
        ) from None


def vae(folder: Path) -> Any:
    """Return the autoencoder of a folder. Raises TugError bad_input."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return _pretrained(AutoencoderKL, folder)


def clip(folder: Path) -> Any:
    """Return CLIP's vision tower of a folder. Raises TugError bad_input."""
    from transformers import CLIPVisionModel

    return _pretrained(CLIPVisionModel, folder)


@lru_cache(maxsize=2)
def _loaded(name: Preset, device: str, files: tuple[Path, ...], _changed: int) -> DragAPart:
    kind = torch.float16 if device.startswith("cuda") else torch.float32
    file, *folders = files
    built = read_network(file, preset(name)).to(device, kind)
    revision = f"{name}-{weights.digest(file)[:12]}"
    if built.config.codec == "pixels":
        if name == "full":
            raise failure("bad_input", f"{file} works on pixels, as only the small model does.")
        return DragAPart(built, PixelCodec(built.config), revision=revision)
    if not folders:
        raise failure("bad_input", f"{file} works on latents, as only the full model does.")
    codec = VaeCodec(vae(folders[0]).to(device, kind))
    tokens = ClipTokens(clip(folders[1]).to(device, kind))
    return DragAPart(built, codec, revision=revision, tokens=tokens)


def _files(card: Card, file: Path | None) -> tuple[Path, ...]:
    """The network's file and, of the published model, the folders of autoencoder and CLIP."""
    places = [place_of(card, part) for part in card.parts if not part.optional]
    files = (file or places[0], *places[1:])
    for path in files:
        if not path.exists():
            raise failure(
                "missing_model", f"{path} is not there.", fix=f"tug models pull {card.name}"
            )
    return files


def _pretrained(kind: Any, folder: Path) -> Any:
    """A model of a library from a folder, whole, and never from the hub."""
    try:
        model, info = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    except (OSError, ValueError, RuntimeError) as error:
        words = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise failure(
            "bad_input",
            f"{folder} holds no {kind.__name__} ({words}).",
            fix="tug models pull dragapart:full --again",
        ) from None
    missing = sorted(info["missing_keys"])
    if missing:
        raise failure(
            "bad_input",
            f"{folder} lacks weights: {weights.summary(missing)}.",
            fix="tug models pull dragapart:full --again",
        )
    return model.eval()
