"""DragAPart (Li et al., ECCV 2024): what a picture shows once a part is pulled.

Import `load` for a model that is ready to use; it needs the extra `models`, whose absence it
tells in words.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .model import DragAPart


def load(
    preset: Literal["small", "full"] = "small", *, device: str = "auto", file: Path | None = None
) -> DragAPart:
    """Return a model, see `loader.load`. Raises TugError missing_model, bad_input."""
    from backend.models import registry

    from . import card

    registry.require_packages(card.full if preset == "full" else card.small)
    from .loader import load

    return load(preset, device=device, file=file)
