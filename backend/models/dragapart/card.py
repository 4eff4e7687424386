"""DragAPart's cards: the small network of this project and the published one."""

from __future__ import annotations

from pathlib import Path

from backend.models.card import Card, Part
from backend.models.dragapart.config import Preset

paper = "Li et al., DragAPart: Learning a Part-Level Motion Prior, ECCV 2024"
code = "https://github.com/RuiningLi/DragAPart"

small = Card(
    name="dragapart",
    title="DragAPart, small",
    paper=paper,
    code="this project",
    licence="GPL-3.0-or-later",
    about="64 px, trained on generated clay and coloured objects; runs on a CPU",
    needs="the extra `models`",
    parts=(
        Part(
            name="network",
            about="its weights, as `tug train dragapart` writes them",
            shipped=Path(__file__).with_name("small.safetensors"),
            bytes=18_135_864,
            sha256="9c3832cfe280c87b8efc57933eee9c59d14e7f5e1fd91917210a609f6fce6356",
        ),
    ),
)

full = Card(
    name="dragapart:full",
    title="DragAPart, as published",
    paper=paper,
    code=code,
    licence="apache-2.0 (demonstration); the code's repository has no licence file",
    about="256 px, Stable Diffusion 1.5 with drags; wants a GPU",
    needs="the extra `models`, 4 GB of disk (18 GB while it is fetched), a GPU of 8 GB or more",
    parts=(
        Part(
            name="network",
            about="the checkpoint, stripped to what inference needs when it is fetched",
            source="spaces/rayli/DragAPart:ckpts/drag-a-part-final.pt",
            bytes=14_265_312_095,
            sha256="162ba2040b59ed949fd9f57c861bb07eec56744d2e738e38ada8724de96d0d32",
            licence="apache-2.0 (front matter of the demonstration)",
        ),
        Part(
            name="vae",
            about="the autoencoder of pictures",
            source="stabilityai/sd-vae-ft-ema",
            files=(
                ("config.json",),
                ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"),
            ),
            bytes=335_000_000,
            licence="mit (its page; check it)",
        ),
        Part(
            name="clip",
            about="what tells the network what the picture shows",
            source="openai/clip-vit-large-patch14",
            files=(("config.json",), ("model.safetensors", "pytorch_model.bin")),
            bytes=1_711_000_000,
            licence="mit (its page; check it)",
        ),
        Part(
            name="base",
            about="Stable Diffusion 1.5, from which training starts; not needed to use the model",
            source="stable-diffusion-v1-5/stable-diffusion-v1-5",
            files=(
                ("unet/config.json",),
                (
                    "unet/diffusion_pytorch_model.safetensors",
                    "unet/diffusion_pytorch_model.bin",
                ),
            ),
            bytes=3_438_000_000,
            licence="creativeml-openrail-m (its page; check it)",
            optional=True,
        ),
    ),
)

cards = (small, full)
presets: dict[str, Preset] = {small.name: "small", full.name: "full"}  # by the engine's name
