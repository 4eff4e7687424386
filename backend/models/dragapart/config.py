"""What a DragAPart network is made of: the published one, the small one and the paper's others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

Preset = Literal["small", "full"]
Codec = Literal["vae", "pixels"]
Backbone = Literal["unet", "dit"]
Token = Literal["clip", "learned"]
Injection = Literal["input", "block", "multi"]
DragMap = Literal["cells", "field"]
Prediction = Literal["epsilon", "change", "carry"]
choices = {
    "codec": Codec,
    "backbone": Backbone,
    "token": Token,
    "injection": Injection,
    "drag_map": DragMap,
    "prediction": Prediction,
}


@dataclass(frozen=True, kw_only=True)
class Config:
    """The sizes and options of a network. The defaults are the published one (section 3).

    A picture of `picture` pixels a side becomes a grid of `grid` cells of `channels` numbers: the
    latents of Stable Diffusion's autoencoder, or the pixels of each cell themselves. `widths`,
    `attention` and `drag_levels` have an entry a level, the finest first; a level's blocks have
    attention, and take drags, where it says so. A transformer (`dit`) has one width, `layers`
    blocks and a token for `patch` x `patch` cells. `injection` is how drags come in (Table 2):
    `input` once after the first convolution, `block` after the resnets from one map of the input's
    resolution, `multi` after the resnets from maps made at each resolution. A map has the drags'
    numbers in the `cells` of their ends, or a `field` of them in all cells. The reference is
    seen by one-sided attention (`reference_attention`), beside the noise (`reference_input`) or
    both; without `noise_input` it is all that is seen, whatever the step. The output is the noise
    (`epsilon`), what to add to the reference (`change`), or which pixels change, where in the
    reference they come from and what is new in them (`carry`). `steps` and `guidance` are what
    sampling takes unless told otherwise.
    """

    picture: int = 256
    codec: Codec = "vae"
    cell: int = 8
    backbone: Backbone = "unet"
    widths: tuple[int, ...] = (320, 640, 1280, 1280)
    layers: int = 2
    patch: int = 2
    attention: tuple[bool, ...] = (True, True, True, False)
    drag_levels: tuple[bool, ...] = (True, True, True, False)
    heads: int = 8
    groups: int = 32
    token: Token = "clip"
    token_width: int = 768
    clip_width: int = 1024
    clip_layers: int = 25
    drags: int = 10
    injection: Injection = "multi"
    drag_map: DragMap = "cells"
    reference_attention: bool = True
    reference_input: bool = False
    noise_input: bool = True
    prediction: Prediction = "epsilon"
    steps: int = 20
    guidance: float = 5.0

    def __post_init__(self) -> None:
        for name, known in choices.items():
            if getattr(self, name) not in get_args(known):
                raise ValueError(f"there is no {name} {getattr(self, name)!r}")
        if self.picture % self.cell:
            raise ValueError("the picture must be a whole number of cells")
        if self.backbone == "dit" and (len(self.widths) != 1 or self.grid % self.patch):
            raise ValueError("a transformer has one width and a whole number of patches")
        if self.backbone == "unet" and not (
            len(self.widths) == len(self.attention) == len(self.drag_levels)
        ):
            raise ValueError("widths, attention and drag_levels need an entry a level each")
        if not (self.reference_attention or self.reference_input):
            raise ValueError("the network must see its reference somehow")
        if not self.noise_input and (self.reference_attention or self.prediction == "epsilon"):
            raise ValueError("without noise at the input there is none to predict or attend from")
        if self.prediction == "carry" and self.codec != "pixels":
            raise ValueError("only pixels can be carried")

    @property
    def grid(self) -> int:
        """Cells a side."""
        return self.picture // self.cell

    @property
    def channels(self) -> int:
        """Numbers a cell."""
        return 4 if self.codec == "vae" else 3 * self.cell**2

    @property
    def inputs(self) -> int:
        """Numbers a cell that the network takes in."""
        return self.channels * (self.noise_input + self.reference_input)


def preset(name: Preset) -> Config:
    """Return the published network, or the small one that runs on a CPU."""
    if name not in get_args(Preset):
        raise ValueError(f"there is no preset {name!r}")
    return full if name == "full" else small


def from_dict(values: Mapping[str, Any]) -> Config:
    """Build a configuration from JSON values. Raises ValueError on unknown names."""
    known = {field.name for field in fields(Config)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")
    plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Config(**plain)


full = Config()
small = Config(
    picture=64,
    codec="pixels",
    cell=4,
    widths=(64, 128, 160),
    layers=1,
    attention=(False, True, True),
    drag_levels=(True, True, True),
    heads=4,
    groups=16,
    token="learned",
    token_width=128,
    reference_attention=False,
    reference_input=True,
    noise_input=False,
    drag_map="field",
    prediction="carry",
    steps=1,
    guidance=1.0,
)
