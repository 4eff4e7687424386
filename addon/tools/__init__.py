"""What is drawn in the viewport, and the tools that work there."""

from __future__ import annotations

from . import (
    animation_preview,
    arrows,
    drag_handles,
    keymaps,
    legend,
    overlay,
    part_view,
    pick,
    place,
    placement_overlay,
    toolbar,
    trajectory_handles,
    trajectory_preview,
)

modules = (
    part_view,
    overlay,
    legend,
    arrows,
    drag_handles,
    pick,
    trajectory_preview,
    animation_preview,
    trajectory_handles,
    placement_overlay,
    place,
    toolbar,
    keymaps,
)


def register() -> None:
    for module in modules:
        module.register()


def unregister() -> None:
    for module in reversed(modules):
        module.unregister()
