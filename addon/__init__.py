"""Tug: pull a part of a mesh and it moves."""

from __future__ import annotations

from . import handlers, operators, panels, runtime, tools, updating
from .scene import animation, imagination, jobs, parts, places, rigs, trajectories

modules = (
    parts,
    jobs,
    places,
    rigs,
    imagination,
    trajectories,
    animation,
    operators,
    panels,
    tools,
    runtime,
    updating,
    handlers,
)


def register() -> None:
    for module in modules:
        module.register()


def unregister() -> None:
    for module in reversed(modules):
        module.unregister()
