"""Weights into networks: this project's files, and the authors' under their own names."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from backend.models import registry, weights
from backend.models.places import place_of
from protocol.errors import failure

from . import card as cards
from .codec import PixelCodec, VaeCodec
from .config import Config, Preset, from_dict, preset
from .model import DragAPart
from .network import Network, network

official = (("clip_proj.", "token.layers."), ("clip_final.", "token.final."))


def load(name: Preset = "small", *, device: str = "auto", folder: Path | None = None) -> DragAPart:
    """Return the model of a preset, on a device, ready to use; the last two are kept.

    `folder` holds its files instead of the places that the user or the card names:
    `network.safetensors` or the published `drag-a-part-final.pt`, `vae/` and `clip/`. On a GPU
    the weights are in half precision. Raises TugError missing_model, bad_input.
    """
    card = cards.full if name == "full" else cards.small
    if folder is None:
        registry.require(card)
    where = chosen_device() if device == "auto" else torch.device(device)
    files = _files(name, folder)
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


def to_official(key: str) -> str:
    """Return the authors' name of a weight of this project's network."""
    for theirs, ours in official:
        if key.startswith(ours):
            return theirs + key.removeprefix(ours)
    return key.removeprefix("unet.").replace("drag_convs.", "flow_convs.")


def read_network(path: Path, config: Config | None = None) -> Network:
    """Return the network of a file on the CPU, in the precision of its weights.

    A safetensors file of either naming, whose metadata may hold the configuration, or the
    published checkpoint. Raises TugError missing_model, bad_input.
    """
    tensors, metadata = _tensors(path)
    if "config" in metadata:
        config = from_dict(json.loads(metadata["config"]))
    if not any(key.startswith("unet.") for key in tensors):
        tensors = {to_ours(key): tensor for key, tensor in tensors.items()}
    with torch.device("meta"):
        found = network(config or preset("full"))
    weights.check(found, tensors, path)
    found.load_state_dict(tensors, strict=True, assign=True)
    return found


def save(network: Network, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a network's weights as float16 with its configuration, for `read_network`."""
    told = {"config": json.dumps(asdict(network.config)), **(metadata or {})}
    weights.write(path, list(network.state_dict().items()), told)


@lru_cache(maxsize=2)
def _loaded(name: Preset, device: str, files: tuple[Path, ...], _changed: int) -> DragAPart:
    kind = torch.float16 if device.startswith("cuda") else torch.float32
    built = read_network(files[0], preset(name)).to(device, kind)
    revision = f"{name}-{weights.digest(files[0])[:12]}"
    if built.config.codec == "pixels":
        return DragAPart(built, PixelCodec(built.config), revision=revision)
    codec = VaeCodec(_vae(files[1]).to(device, kind))
    return DragAPart(built, codec, revision=revision, tokens=_clip(files[2], device, kind))


def _files(name: Preset, folder: Path | None) -> tuple[Path, ...]:
    """The network's file and, of the published model, the folders of autoencoder and CLIP."""
    if name == "small":
        shipped = cards.small.shipped
        assert shipped is not None
        files = (shipped if folder is None else folder / shipped.name,)
    elif folder is None:
        files = tuple(place_of(cards.full, cards.full.part(n)) for n in ("network", "vae", "clip"))
    else:
        named = (folder / "network.safetensors", folder / "drag-a-part-final.pt")
        found = next((path for path in named if path.is_file()), named[0])
        files = (found, folder / "vae", folder / "clip")
    for path in files:
        if not path.exists():
            raise failure(
                "missing_model",
                f"{path} is not there.",
                fix=f"tug models pull {'dragapart:full' if name == 'full' else 'dragapart'}",
            )
    return files


def _tensors(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    if path.suffix == ".safetensors":
        return weights.read(path)
    from .checkpoint import read

    return read(path), {}


def _vae(folder: Path) -> Any:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return _pretrained(AutoencoderKL, folder)


def _clip(folder: Path, device: str, kind: torch.dtype) -> Any:
    from transformers import CLIPVisionModel

    from .clip import ClipTokens

    return ClipTokens(_pretrained(CLIPVisionModel, folder).to(device, kind))


def _pretrained(kind: Any, folder: Path) -> Any:
    """A model of a library from a folder, never from the hub."""
    try:
        return kind.from_pretrained(folder, local_files_only=True).eval()
    except (OSError, ValueError, RuntimeError) as error:
        raise failure(
            "bad_input",
            f"{folder} holds no {kind.__name__} ({str(error).splitlines()[0]}).",
            fix="tug models pull dragapart:full",
        ) from None
