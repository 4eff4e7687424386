"""What a training run leaves behind: checkpoints that survive a kill, averaged weights, a log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from protocol.errors import failure

kept = 2  # checkpoints
best_name = "best.pt"


class Average:
    """Exponential moving average of a network's parameters; young averages forget faster.

    The published run used a decay of 0.9999 (A.2).
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.names = [name for name, _ in network.named_parameters()]
        self.values = [value.detach().clone().float() for value in network.parameters()]

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network after its `step`-th step, counted from 0."""
        weight = 1.0 - min(self.decay, (1.0 + step) / (10.0 + step))
        torch._foreach_lerp_(self.values, list(network.parameters()), weight)  # pyright: ignore[reportPrivateImportUsage]

    def state(self) -> dict[str, Tensor]:
        """Return the averages by their parameters' names; the tensors are not copies."""
        return dict(zip(self.names, self.values, strict=True))

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from a state."""
        for name, value in zip(self.names, self.values, strict=True):
            value.copy_(state[name])


def save(folder: Path, step: int, state: dict[str, Any]) -> None:
    """Write a checkpoint beside the older ones, whole or not at all; keep the newest two."""
    _write(folder / f"state-{step:08d}.pt", state)
    for old in _states(folder)[kept:]:
        old.unlink()


def save_best(folder: Path, state: dict[str, Any]) -> None:
    """Write the checkpoint that did best on validation pairs, in place of the one before."""
    _write(folder / best_name, state)


def best(folder: Path) -> dict[str, Any] | None:
    """Return that checkpoint, None where there is none."""
    path = folder / best_name
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def _write(target: Path, state: dict[str, Any]) -> None:
    unfinished = target.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)


def newest(folder: Path) -> dict[str, Any] | None:
    """Return the newest checkpoint that reads, None where there is none.

    Raises TugError(bad_input) where there are some and none of them reads.
    """
    found = _states(folder)
    for path in found:
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except Exception:  # torch raises its own and those of zip files and of pickles
            continue
    if found:
        raise failure("bad_input", f"No checkpoint in {folder} reads; begin anew elsewhere.")
    return None


def _states(folder: Path) -> list[Path]:
    return sorted(folder.glob("state-*.pt"), reverse=True)


class Log:
    """Lines of JSON, one a report; what came after the step that is resumed is forgotten."""

    def __init__(self, path: Path, step: int = 0) -> None:
        self.path = path
        known = [line for line in read(path) if line["step"] <= step]
        path.write_text("".join(json.dumps(line) + "\n" for line in known), "utf-8")

    def add(self, **values: float | int) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")


def read(path: Path) -> list[dict[str, float]]:
    """Return a log's lines; one that a kill cut short is left out."""
    return list(_lines(path.read_text("utf-8").splitlines())) if path.exists() else []


def _lines(lines: Sequence[str]) -> Iterator[dict[str, float]]:
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue
