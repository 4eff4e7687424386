"""Sidebar and preferences."""

from __future__ import annotations

import bpy

from . import correct, result, thumbnails
from .animate import AnimatePanel, StepList
from .backend import BackendPanel
from .correct import CorrectPanel
from .imagine import ImaginedPanel, ImaginePanel
from .jobs import JobsPanel
from .parts import DragList, PartList, PartsPanel
from .place import PlacementPanel, PlacePanel
from .preferences import Preferences
from .proposals import ProposalsPanel
from .result import ResultPanel, WhyPanel
from .start import StartPanel
from .trajectory import TrajectoryPanel
from .views import ViewsPanel
from .whole import WholePanel

classes = (
    Preferences,
    PartList,
    DragList,
    StartPanel,
    BackendPanel,
    PartsPanel,
    ImaginePanel,
    ProposalsPanel,
    ResultPanel,
    CorrectPanel,
    WhyPanel,
    ImaginedPanel,
    WholePanel,
    PlacementPanel,
    TrajectoryPanel,
    AnimatePanel,
    PlacePanel,
    StepList,
    ViewsPanel,
    JobsPanel,
)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)
    result.register()
    correct.register()


def unregister() -> None:
    correct.unregister()
    result.unregister()
    thumbnails.forget()
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
