"""The authors' checkpoint, `drag-a-part-final.pt`: 14 GB, of which inference needs 1.8 GB."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from backend.models import weights
from protocol.errors import failure

Copy = Literal["model", "ema"]


def read(path: Path, copy: Copy = "model") -> dict[str, Tensor]:
    """Return the weights of a checkpoint under the authors' names, mapped from disk.

    It is a dict of `model`, which the authors' demonstration uses, `ema`, `opt` and `args`.
    Nothing in it is executed. Raises TugError missing_model, bad_input.
    """
    weights.present(path, "tug models pull dragapart:full")
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            found = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # torch raises its unpickler's, zip's and its own errors
        raise failure(
            "bad_input",
            f"{path} is no checkpoint that can be read safely ({_first_line(error)}).",
            fix="Fetch the published file again: tug models pull dragapart:full",
        ) from None
    tensors = found.get(copy) if isinstance(found, dict) else None
    if not isinstance(tensors, dict) or not all(isinstance(t, Tensor) for t in tensors.values()):
        raise failure(
            "bad_input",
            f"{path} has no weights named `{copy}`: it is no checkpoint of DragAPart.",
        )
    return tensors


def strip(path: Path, out: Path, copy: Copy = "model") -> None:
    """Write the weights of a checkpoint as float16 safetensors, a tensor at a time.

    They keep the authors' names; the metadata tells the SHA-256 of the checkpoint.
    Raises TugError missing_model, bad_input.
    """
    tensors = read(path, copy)
    told = {"source": path.name, "copy": copy, "sha256": weights.digest(path)}
    weights.write(out, tensors.items(), told)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
