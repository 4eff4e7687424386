"""What is drawn in the viewport, and the tools that work there."""

from __future__ import annotations

from . import keymaps, legend, overlay, toolbar

modules = (overlay, legend, toolbar, keymaps)


def register() -> None:
    for module in modules:
        module.register()


def unregister() -> None:
    for module in reversed(modules):
        module.unregister()
