"""Looks at the files of a model without using it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from backend.models import places, registry, weights
from backend.models.card import Card, Part
from protocol.errors import TugError

from . import loader
from .config import preset
from .network import network


@dataclass(frozen=True)
class Line:
    """What was found of a part."""

    part: str
    good: bool
    text: str


def verify(card: Card) -> Iterator[Line]:
    """Check the files of a card: names, shapes and dtypes of weights, and their SHA-256."""
    for part in card.parts:
        place = places.place_of(card, part)
        if not registry.has(card, part):
            state = "not here, and not needed to use it" if part.optional else "not here"
            yield Line(part.name, part.optional, f"{place}: {state}")
        elif not part.files:
            yield network_line(part.name, place, part.sha256)
        else:
            yield _folder_line(part, place)


def network_line(name: str, path: Path, sha256: str = "") -> Line:
    """Check a network's file against the network it belongs to.

    `sha256` is of the file, or of the checkpoint that it was stripped of.
    """
    try:
        tensors, metadata = loader.tensors_of(path)
        config = loader.config_in(metadata, path) if "config" in metadata else preset("full")
    except TugError as problem:
        return Line(name, False, str(problem))
    with torch.device("meta"):
        wanted = network(config)
    problems = weights.mismatches(wanted, loader.named(tensors))
    kinds = sorted({str(t.dtype).removeprefix("torch.") for t in tensors.values()})
    problems += [f"{kind} is no dtype of weights" for kind in kinds if kind not in _floats]
    if problems:
        return Line(name, False, f"{path}: {weights.summary(problems)}")
    size = sum(t.numel() for t in tensors.values())
    text = f"{path}: {len(tensors)} tensors, {size:,} weights, {', '.join(kinds)}"
    found = metadata.get("sha256") or weights.digest(path)
    if sha256 and found != sha256:
        return Line(name, False, f"{text}; SHA-256 {found} and not {sha256} as published")
    return Line(name, True, f"{text}; SHA-256 {found}" + (" as published" if sha256 else ""))


def _folder_line(part: Part, place: Path) -> Line:
    if part.optional:
        return Line(part.name, True, f"{place}: its files are there")
    try:
        model = loader.vae(place) if part.name == "vae" else loader.clip(place)
    except TugError as problem:
        return Line(part.name, False, str(problem))
    size = sum(parameter.numel() for parameter in model.parameters())
    return Line(part.name, True, f"{place}: {type(model).__name__}, {size:,} weights")


_floats = ("bfloat16", "float16", "float32")
