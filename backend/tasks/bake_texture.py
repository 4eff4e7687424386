"""Project pictures of opened meshes onto their textures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.tasks import geometry
from backend.tasks.geometry import devices
from protocol.dragging import BakeTextureRequest, BakeTextureResult
from protocol.errors import failure
from protocol.messages import Limits

if TYPE_CHECKING:
    from backend.workers.context import Context

__all__ = ["check", "devices", "run", "warm_up"]


def check(request: BakeTextureRequest, limits: Limits) -> None:
    """Refuse what cannot be done. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)


def run(request: BakeTextureRequest, context: Context) -> BakeTextureResult:
    raise failure("missing_model", "This kind of job is not built yet.")


def warm_up() -> None:
    """Nothing yet."""
