"""The authors' checkpoint, `drag-a-part-final.pt`: 14 GB, of which inference needs 1.8 GB."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from backend.models import weights
from protocol.errors import failure

Copy = Literal["model", "ema"]


class Nothing:
    """Stands in for the classes and functions that a checkpoint names."""

    def __init__(self, *_arguments: object) -> None: ...

    def __setstate__(self, _state: object) -> None: ...


def read(path: Path, copy: Copy = "model") -> dict[str, Tensor]:
    """Return the weights of a checkpoint under the authors' names, mapped from disk.

    It is a dict of `model`, which the authors' demonstration uses, `ema`, `opt` and `args`.
    Nothing in it is executed: what is neither tensor nor plain data becomes an empty thing.
    Raises TugError missing_model, and bad_input also for a file that names system calls.
    """
    weights.present(path, "tug models pull dragapart:full")
    names: list[str] = []
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
        with torch.serialization.safe_globals([(Nothing, name) for name in names]):
            found = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # torch raises its unpickler's, zip's and its own errors
        words = f"it names {', '.join(sorted(names)[:5])}" if names else _first_line(error)
        raise failure(
            "bad_input",
            f"{path} is no checkpoint that can be read safely ({words}).",
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
