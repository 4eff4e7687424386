"""Weights in safetensors files: read, checked against a network, written a tensor at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from protocol.errors import failure


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors of a safetensors file, mapped from disk, and its metadata.

    Raises TugError missing_model, bad_input.
    """
    from safetensors import SafetensorError, safe_open

    present(path)
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise failure(
            "bad_input", f"{path} is no safetensors file ({error}).", fix="Fetch it again."
        ) from None


def present(path: Path, fix: str = "") -> None:
    """Raise TugError missing_model unless there is such a file."""
    if not path.is_file():
        raise failure("missing_model", f"The weights {path} are not there.", fix=fix)


def check(network: nn.Module, tensors: Mapping[str, Tensor], source: Path) -> None:
    """Raise TugError bad_input unless these are the weights of a network, which may be on meta."""
    problems = mismatches(network, tensors)
    if problems:
        raise failure(
            "bad_input",
            f"{source} does not fit the network: {summary(problems)}.",
            fix="Choose weights of this model, or the configuration that they were trained with.",
        )


def mismatches(network: nn.Module, tensors: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with names and shapes, a phrase each."""
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in tensors.items()}
    missing = [f"{key} is missing" for key in wanted if key not in found]
    odd = [f"{key} does not belong there" for key in found if key not in wanted]
    shapes = [
        f"{key} has the shape {found[key]} and not {shape}"
        for key, shape in wanted.items()
        if key in found and found[key] != shape
    ]
    return missing + odd + shapes


def summary(problems: list[str]) -> str:
    """The first few problems and how many there are."""
    more = len(problems) - 3
    return "; ".join(problems[:3]) + (f"; and {more} more" if more > 0 else "")


def write(path: Path, tensors: Iterable[tuple[str, Tensor]], metadata: Mapping[str, str]) -> None:
    """Write float16 weights, holding one tensor at a time; floats only. The file appears whole.

    `tensors` is gone through twice, so it must not be an iterator.
    """
    head: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for key, tensor in tensors:
        start, end = end, end + 2 * tensor.numel()
        head[key] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [start, end]}
    words = json.dumps(head, separators=(",", ":")).encode()
    words += b" " * (-len(words) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.part")
    try:
        with fresh.open("wb") as file:
            file.write(len(words).to_bytes(8, "little") + words)
            for key, tensor in tensors:
                file.write(_half(key, tensor))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _half(key: str, tensor: Tensor) -> bytes:
    half = tensor.detach().to("cpu", torch.float16).contiguous()
    if not half.isfinite().all():
        raise failure("bad_input", f"{key} has weights that are no numbers or too large to halve.")
    return half.numpy().tobytes()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
