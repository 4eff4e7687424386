"""Which learned model is asked, and what a backend lacks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..protocol.messages import Capabilities

small, full = "dragapart", "dragapart:full"
names = {small: "DragAPart", full: "DragAPart, full size"}
tasks = ("drag_views", "segment_moving")


class Lack(NamedTuple):
    """What is missing, in a sentence, and what helps: a command, or nothing."""

    reason: str
    fix: str = ""


def lack(capabilities: Capabilities | None, task: str, model: str = "") -> Lack | None:
    """Return what a backend lacks for a task, asked of a `model` if any; None for nothing.

    What is not known yet, before the connection, lacks nothing.
    """
    if capabilities is None:
        return None
    if task not in capabilities.tasks:
        return Lack("The backend is too old for this; update it.", "python build.py backend")
    if not model or capabilities.null or any(_is(known, model) for known in capabilities.models):
        return None
    fix = f"tug models pull {full}" if model == full else "tug doctor"
    return Lack(f"The backend does not have the model {names.get(model, model)}.", fix)


def _is(known: str, model: str) -> bool:
    """Return whether a model that is present is the one asked: `dragapart` is its small preset."""
    return known == model or (model == small and known == f"{small}:small")
