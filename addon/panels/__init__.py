"""Sidebar and preferences."""

from __future__ import annotations

import bpy

from . import result
from .backend import BackendPanel
from .jobs import JobsPanel
from .parts import DragList, PartList, PartsPanel
from .preferences import Preferences
from .proposals import ProposalsPanel
from .result import ResultPanel
from .start import StartPanel
from .trajectory import TrajectoryPanel
from .whole import WholePanel

classes = (
    Preferences,
    PartList,
    DragList,
    StartPanel,
    BackendPanel,
    PartsPanel,
    ProposalsPanel,
    ResultPanel,
    WholePanel,
    TrajectoryPanel,
    JobsPanel,
)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)
    result.register()


def unregister() -> None:
    result.unregister()
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
