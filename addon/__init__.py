"""Tug: pull a part of a mesh and it moves."""

from __future__ import annotations

from . import handlers, operators, panels, runtime, tools
from .scene import jobs, parts, places, rigs, trajectories

modules = (parts, jobs, places, rigs, trajectories, operators, panels, tools, runtime, handlers)


def register() -> None:
    for module in modules:
        module.register()


def unregister() -> None:
    for module in reversed(modules):
        module.unregister()
