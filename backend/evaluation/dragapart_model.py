"""The network that is evaluated, and LPIPS where its weights are at hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from backend.evaluation.dragapart import Distance
from backend.metrics import lpips
from backend.models.dragapart.codec import PixelCodec
from backend.models.dragapart.config import Preset
from backend.models.dragapart.loader import load
from backend.models.dragapart.model import DragAPart
from backend.models.dragapart.network import Network
from protocol.errors import TugError

untrained = "The network is untrained: its output layer is zero."


def model(preset: Preset, file: Path | None) -> tuple[DragAPart, str]:
    """Return a preset's model, or that of a file that a training wrote; and what to say of it.

    Raises TugError missing_model, bad_input.
    """
    found = load(preset, file=file)
    return found, note(found.network)


def of_network(network: Network, revision: str) -> DragAPart:
    """Return the model of a network that works on pixels."""
    return DragAPart(network, PixelCodec(network.config), revision=revision)


def note(network: Network) -> str:
    """Return a sentence where a network has learned nothing, otherwise nothing."""
    outputs = [value for name, value in network.named_parameters() if "conv_out.weight" in name]
    return untrained if outputs and not any(value.any() for value in outputs) else ""


def distance(folder: Path | None) -> tuple[Distance | None, str]:
    """Return LPIPS; or nothing, and the sentence that says what is missing."""
    try:
        return partial(lpips.lpips, lpips.load(folder)), ""
    except TugError as error:
        return None, f"{error.error.message} {error.error.fix}"
