"""Show what a model imagines when parts are pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.tasks import geometry
from backend.tasks.geometry import devices
from protocol.dragging import DragViewsRequest, DragViewsResult
from protocol.errors import failure
from protocol.messages import Limits

if TYPE_CHECKING:
    from backend.workers.context import Context

__all__ = ["check", "devices", "run", "warm_up"]


def check(request: DragViewsRequest, limits: Limits) -> None:
    """Refuse what cannot be done. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)


def run(request: DragViewsRequest, context: Context) -> DragViewsResult:
    raise failure("missing_model", "This kind of job is not built yet.")


def warm_up() -> None:
    """Nothing yet."""
